"""Tests of compare.py with made-up numbers: nothing is measured, and PyTorch is not needed.

usage: test_compare.py [--quiet]
"""

import pathlib
import types
import unittest
from unittest import mock

import compare


class VerdictTests(unittest.TestCase):
    def test_the_ratio_alone_reaches_the_goal(self):
        self.assertEqual(compare.verdict(2.24, 0.25, 2.1), "reached: 2.1×")
        self.assertEqual(compare.verdict(2.1, 0.25, 2.1), "reached: 2.1×")

    def test_so_does_the_peak_alone(self):
        self.assertEqual(compare.verdict(1.2, 0.8, 2.1), "reached: 80% of peak")
        self.assertEqual(compare.verdict(1.2, 1, 2.1), "reached: 80% of peak")

    def test_both_are_named(self):
        self.assertEqual(compare.verdict(2.56, 0.82, 2.2), "reached: 2.2×, 80% of peak")

    def test_both_are_missed(self):
        self.assertEqual(compare.verdict(2.09, 0.79, 2.1), "missed: 2.1×, 80% of peak")

    def test_a_share_above_the_peak_proves_nothing(self):
        self.assertEqual(compare.verdict(1.2, 1.04, 2.1), "missed: 2.1×, 80% of peak")

    def test_without_a_goal_there_is_no_verdict(self):
        self.assertEqual(compare.verdict(9, 0.9, None), "")


def report(peak, **numbers):
    return {
        "yuyan": "1.2.3", "one_dnn": "2.6.3", "instructions": "AVX-512", "peak_gflops": peak,
        "copy_gigabytes_per_second": 50, "add_gigabytes_per_second": 60,
        "machine": {
            "cpu": "Maker", "cpu_model": "family 1, model 2", "cores": 4, "memory_bytes": 8e9,
            "system": "System 1", "kernel": "6.1.0-13",
        },
        "torch": "2.0", "python": "3.11", **numbers,
    }  # fmt: skip


def written(document, reports, busiest, **options):
    defaults = {"rounds": 2, "threads": 2, "seconds": 1.5, "workloads": "", "filter": "", "operations": False, "bfloat16": False}
    options = defaults | {"inference": False, "batch_sizes": ""} | options
    with mock.patch.multiple(compare, revision=lambda: "abc", swift_version=lambda: "Swift 6"):
        return document(reports, busiest, types.SimpleNamespace(**options))


def cells(text, start):
    row = next(line for line in text.splitlines() if line.startswith(f"| {start} "))
    return [cell.strip() for cell in row.strip("|").split("|")]


class DocumentTests(unittest.TestCase):
    def document(self, peak, busiest=0):
        """Two rounds of two workloads: 1 ms of 0.5 GFLOP in Yuyan; PyTorch takes 3 and 1.5 ms."""

        def steps(ms):
            operations, peak_bytes = {name: 5e8 for name in ms}, {name: 4096 for name in ms}
            return report(peak, ms=ms, operations=operations, peak_bytes=peak_bytes)

        reports = {
            "yuyan": [steps({"mlp": 1, "lenet": 1})] * 2,
            "eager": [steps({"mlp": 3, "lenet": 1.6})] * 2,
            "channels-last": [steps({"mlp": 4, "lenet": 1.5})] * 2,
        }
        memory = {name: {"yuyan": 3e6, "eager": 5e6, "channels-last": 4e6} for name in ("mlp", "lenet")}
        return written(lambda *all: compare.document(*all, memory), reports, busiest)

    def row(self, text, name):
        return cells(text, name)

    def test_rows_name_the_best_way_and_the_goal_that_was_reached(self):
        text = self.document(peak=600)
        mlp, lenet = self.row(text, "mlp"), self.row(text, "lenet")
        self.assertEqual(mlp[2], "eager")
        self.assertEqual(mlp[4:7], ["**3×** (3–3)", "reached: 2.2×, 80% of peak", "83%"])
        self.assertEqual(lenet[2], "channels-last")
        self.assertEqual(lenet[4:7], ["**1.5×** (1.5–1.5)", "reached: 80% of peak", "83%"])

    def test_a_goal_may_be_missed(self):
        text = self.document(peak=1000)
        self.assertEqual(self.row(text, "mlp")[5:7], ["reached: 2.2×", "50%"])
        self.assertEqual(self.row(text, "lenet")[5:8], ["missed: 2.6×, 80% of peak", "50%", "4 MB / 3 MB"])

    def test_the_machine_stands_at_the_table(self):
        lines = self.document(peak=1000).splitlines()
        table = next(index for index, line in enumerate(lines) if line.startswith("| workload"))
        self.assertEqual(lines[table - 2], "Measured on 2 of 4 cores of Maker (family 1, model 2) with AVX-512:")

    def test_other_processes_are_named(self):
        self.assertIn("Up to 3 other", self.document(peak=1000, busiest=3))
        self.assertNotIn("other process", self.document(peak=1000))

    def test_lines_fit(self):
        prose = [line for line in self.document(peak=1000).splitlines() if not line.startswith("|")]
        self.assertLessEqual(max(map(len, prose)), 120)


class BFloat16Tests(unittest.TestCase):
    def test_both_ratios_have_their_goals(self):
        def steps(ms):
            return report(600, ms={"alexnet": ms, "nin": ms})

        reports = {
            "yuyan": [steps(2)] * 2, "eager": [steps(6)] * 2, "channels-last": [steps(5)] * 2,
            "autocast, eager": [steps(4)] * 2, "autocast, channels-last": [steps(2.5)] * 2,
        }  # fmt: skip
        text = written(compare.bfloat16_document, reports, 0, bfloat16=True)
        self.assertEqual(cells(text, "alexnet")[1:], [
            "5 (5–5), channels-last", "2.5 (2.5–2.5), channels-last", "2 (2–2)", "**2.5×** (2.5–2.5)", "reached: 2.3×",
            "**1.25×** (1.25–1.25)", "missed: 1.3×",
        ])  # fmt: skip
        self.assertEqual(cells(text, "nin")[5::2], ["", ""])
        self.assertIn("make bench ARGS='--bfloat16 --rounds 2", text)
        self.assertLessEqual(max(len(line) for line in text.splitlines() if not line.startswith("|")), 120)

    def test_avx2_has_goals_of_its_own(self):
        machine = report(600) | {"instructions": "AVX2"}
        self.assertEqual(compare.step_targets({"yuyan": [machine]})["nin"], 1.2)
        self.assertEqual(compare.step_targets({"yuyan": [report(600)]})["nin"], 1.25)


class InferenceTests(unittest.TestCase):
    def document(self):
        """Two rounds of two workloads in two batches; Yuyan takes 1 and 4 ms, 0.5 GFLOP each."""

        def predictions(one, four):
            table = {"lenet": 5e8, "mlp": 5e8}
            sizes = {
                str(size): {"ms": ms, "operations": table, "peak_bytes": table}
                for size, ms in [(1, {"lenet": one, "mlp": one}), (4, {"lenet": four, "mlp": four})]
            }
            return compare.with_batch_sizes_as_rows(report(1000, batch_sizes=sizes))

        reports = {
            "yuyan": [predictions(1, 4)] * 2,
            "eager": [predictions(1.2, 8)] * 2,
            "torch.compile": [predictions(1.1, 9)] * 2,
        }
        return written(compare.inference_document, reports, 0, inference=True, batch_sizes="1,4")

    def test_each_batch_has_a_row_with_its_best_way_and_the_goal(self):
        text = self.document()
        first = next(line for line in text.splitlines() if line.startswith("| workload"))
        self.assertEqual(len(first.split("|")), len(cells(text, "lenet | 1")) + 2)
        one, four = cells(text, "lenet | 1"), cells(text, "lenet | 4")
        self.assertEqual(one[2:4] + one[5:8], [
            "1.1 (1.1–1.1)", "torch.compile", "**1.1×** (1.1–1.1)", "missed: 1.3×, 80% of peak", "50%",
        ])  # fmt: skip
        self.assertEqual(four[2:4] + four[5:8], ["8 (8–8)", "eager", "**2×** (2–2)", "reached: 1.3×", "12%"])

    def test_others_have_no_goal(self):
        self.assertEqual(cells(self.document(), "mlp | 4")[6], "")

    def test_rows_stand_by_workload(self):
        names = [line.split("|")[1:3] for line in self.document().splitlines() if line.startswith("| ")][2:]
        self.assertEqual([(name.strip(), batch.strip()) for name, batch in names], [
            ("lenet", "1"), ("lenet", "4"), ("mlp", "1"), ("mlp", "4"),
        ])  # fmt: skip

    def test_lines_fit(self):
        prose = [line for line in self.document().splitlines() if not line.startswith("|")]
        self.assertLessEqual(max(map(len, prose)), 120)
        command = "    make bench ARGS='--inference --rounds 2 --threads 2 --seconds 1.5 --batch-sizes 1,4'"
        self.assertIn(command, prose)

    def test_goals_are_of_workloads_that_exist(self):
        table = pathlib.Path(compare.TORCH_STEPS).read_text()
        for name in compare.INFERENCE_TARGETS:
            self.assertIn(f'\n    "{name}": (', table)


class OperationsTests(unittest.TestCase):
    def document(self):
        """Two rounds: the first operation is twice and three times as fast as PyTorch's best way, the second slower."""

        def operations(*times):
            names = ["softmax", "sin"][: len(times)]
            return report(600, microseconds={name: {"100": time} for name, time in zip(names, times)})

        reports = {
            "yuyan": [operations(2, 10), operations(2, 10)],
            "eager": [operations(5, 4), operations(7, 6)],
            "torch.compile": [operations(4), operations(6)],
        }
        return written(compare.operations_document, reports, 0, operations=True, seconds=0.1)

    def test_the_best_way_counts_and_ratios_are_those_of_rounds(self):
        row = cells(self.document(), "softmax")
        self.assertEqual(row, ["softmax", "100", "5 (torch.compile)", "2", "**2.5×** (2–3)", ""])

    def test_slow_ones_are_marked_with_a_reason_where_there_is_one(self):
        row = cells(self.document(), "sin")
        self.assertEqual(row[2:], ["5", "10", "**0.5×** (0.4–0.6)", "**below**: not looked into yet"])
        with mock.patch.dict(compare.REASONS, {("sin", 100): "it is", ("softmax", 100): "unused"}):
            self.assertEqual(cells(self.document(), "sin")[5], "**below**: it is")
            self.assertEqual(cells(self.document(), "softmax")[5], "")

    def test_the_mean_is_geometric(self):
        text = self.document()
        self.assertIn("of all 2 ratios is **1.12×** (the goal is 1.5×); 1 of them is below 0.8×.", text)
        self.assertEqual(cells(text, "100"), ["100", "1.12×", "0.5×"])

    def test_lines_fit(self):
        prose = [line for line in self.document().splitlines() if not line.startswith("|")]
        self.assertLessEqual(max(map(len, prose)), 120)
        self.assertIn("    make bench ARGS='--operations --rounds 2 --threads 2 --seconds 0.1'", prose)

    def test_reasons_are_for_rows_that_exist(self):
        table = pathlib.Path(compare.TORCH_OPERATIONS).read_text()
        for name, elements in compare.REASONS:
            self.assertIn(f'\n    "{name}": ', table)
            self.assertIn(elements, [100, 100_000, 10_000_000])


if __name__ == "__main__":
    unittest.main()
