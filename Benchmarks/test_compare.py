"""Tests of compare.py with made-up numbers: nothing is measured, and PyTorch is not needed.

usage: test_compare.py [--quiet]
"""

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


class DocumentTests(unittest.TestCase):
    def document(self, peak, busiest=0):
        """Two rounds of two workloads: 1 ms of 0.5 GFLOP in Yuyan; PyTorch takes 3 and 1.5 ms."""

        def report(ms):
            return {
                "yuyan": "1.2.3", "one_dnn": "2.6.3", "instructions": "AVX-512", "peak_gflops": peak,
                "copy_gigabytes_per_second": 50, "add_gigabytes_per_second": 60,
                "machine": {
                    "cpu": "Maker", "cpu_model": "family 1, model 2", "cores": 4, "memory_bytes": 8e9,
                    "system": "System 1", "kernel": "6.1.0-13",
                },
                "ms": ms, "operations": {name: 5e8 for name in ms}, "peak_bytes": {name: 4096 for name in ms},
                "torch": "2.0", "python": "3.11",
            }  # fmt: skip

        reports = {
            "yuyan": [report({"mlp": 1, "lenet": 1})] * 2,
            "eager": [report({"mlp": 3, "lenet": 1.6})] * 2,
            "channels-last": [report({"mlp": 4, "lenet": 1.5})] * 2,
        }
        options = types.SimpleNamespace(rounds=2, threads=2, seconds=1.5, workloads="")
        with mock.patch.multiple(compare, revision=lambda: "abc", swift_version=lambda: "Swift 6"):
            return compare.document(reports, busiest, options)

    def row(self, text, name):
        cells = next(line for line in text.splitlines() if line.startswith(f"| {name} "))
        return [cell.strip() for cell in cells.strip("|").split("|")]

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
        self.assertEqual(self.row(text, "lenet")[5:7], ["missed: 2.1×, 80% of peak", "50%"])

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


if __name__ == "__main__":
    unittest.main()
