"""Compare the training steps of `yuyan bench` with PyTorch's, and write Documentation/Benchmarks.md; with --inference
compare predictions, and write Documentation/InferenceBenchmarks.md; with --bfloat16 compare steps in bfloat16, and write
Documentation/BFloat16Benchmarks.md; with --operations compare single operations, and write
Documentation/OperationBenchmarks.md.

Runs take turns, five of each: Yuyan, PyTorch eager, channels-last (not for operations) and torch.compile. For each row
PyTorch's best way counts, the one with the smallest median. PyTorch is installed into a virtual environment outside the
repository, $VENV or ~/.cache/yuyan-bench/venv. Needs Python 3.9 or later; torch.compile needs a C++ compiler.
ONEDNN_MAX_CPU_ISA=AVX2 and ATEN_CPU_CAPABILITY=avx2 limit both sides to AVX2.

usage: compare.py [--rounds N] [--threads N] [--workloads NAME,...] [--seconds S] [--output FILE]
       compare.py --bfloat16 ...
       compare.py --inference [--batch-sizes N,...] ...
       compare.py --operations [--rounds N] [--threads N] [--filter TEXT] [--seconds S] [--output FILE]
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
YUYAN = ROOT / ".build/release/yuyan"
TORCH_STEPS = ROOT / "Benchmarks/torch_steps.py"
TORCH_OPERATIONS = ROOT / "Benchmarks/torch_operations.py"
WAYS = {"eager": [], "channels-last": ["--channels-last"], "torch.compile": ["--compile"]}
# What Yuyan means to reach: how many of its steps fit into one of PyTorch, with AVX-512 ...
TARGETS = {
    "linear-regression": 20, "softmax-regression": 3, "mlp": 2.2, "dropout-mlp": 2.5, "lenet": 2.6, "alexnet": 1.7,
    "vgg11-4": 2.4, "nin": 1.25, "googlenet": 1.45,
}  # fmt: skip
# ... and where it is another number with AVX2; of bfloat16 steps into one of float32, and into one of autocast ...
AVX2_TARGETS = {"lenet": 2.3, "alexnet": 1.6, "vgg11-4": 1.9, "nin": 1.2}
BFLOAT16_TARGETS = {"alexnet": 2.3, "vgg11-4": 3.4}
AUTOCAST_TARGET = 1.3
# The same of predictions, with one image and with more ...
INFERENCE_TARGETS = {"lenet": 1.3, "nin": 1.3, "googlenet": 1.3, "resnet18": 1.3, "efficientnet-lite0": 1.3}
# ... or the share of the machine's own peak after which there is little left to win.
PEAK_TARGET = 0.8
# What single operations mean to reach: the geometric mean of all ratios, and the smallest one ...
MEAN_TARGET, LEAST_TARGET = 1.5, 0.8
# ... or a reason, by operation and number of elements. Only what a profile has shown stands here.
REASONS = {
    ("gelu", 100_000): "arithmetic: two polynomials and an exponential for each element",
    ("variance-of-rows", 100_000): "passes over memory: the mean, the difference, its square and the sum are four loops",
    ("variance-of-rows", 10_000_000): "passes over memory: the mean, the difference, its square and the sum are four loops",
}


def python_with_torch():
    """The interpreter of the virtual environment, made and filled if need be."""
    folder = pathlib.Path(os.environ.get("VENV") or pathlib.Path.home() / ".cache/yuyan-bench/venv")
    python = folder / "bin/python"
    if not python.exists():
        print(f"Making a virtual environment in {folder}.", flush=True)
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import torch, numpy"], capture_output=True).returncode != 0:
        print("Installing PyTorch and NumPy in it; that takes some minutes.", flush=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "torch", "numpy"], check=True)
    return python


def run(command, options, folder):
    """The report that a run wrote."""
    report = pathlib.Path(folder) / "report.json"
    arguments = ["--threads", options.threads, "--seconds", options.seconds, "--json", report]
    if options.workloads:
        arguments += ["--workloads", options.workloads]
    if options.filter:
        arguments += ["--filter", options.filter]
    if options.batch_sizes:
        arguments += ["--batch-size" if command[0] == YUYAN else "--batch-sizes", options.batch_sizes]
    line = [str(part) for part in [*command, *arguments]]
    result = subprocess.run(line, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(line)}\n{result.stdout}{result.stderr}")
    return with_batch_sizes_as_rows(json.loads(report.read_text()))


def with_batch_sizes_as_rows(report):
    """A report of predictions with tables by workload and batch size, where one of steps has tables by workload."""
    sizes = report.get("batch_sizes", {})
    rows = [(name, int(size)) for name in (next(iter(sizes.values()))["ms"] if sizes else ()) for size in sizes]
    for table in ("ms", "operations", "peak_bytes"):
        if any(table in numbers for numbers in sizes.values()):
            report[table] = {(name, size): sizes[str(size)][table][name] for name, size in rows}
    return report


def row_name(key):
    return key if isinstance(key, str) else f"{key[0]}, {key[1]}"


def resident(command, workload):
    """The most memory that a process which takes some steps has."""
    line = [str(part) for part in [*command, "--workloads", workload, "--steps", 5]]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(line)}\n{errors}")
    return usage.ru_maxrss * 1024


def measure_memory(reports):
    """The memory of each workload's steps, by side, beyond what the smallest one's process has."""
    python = python_with_torch()
    sides = {
        "yuyan": [YUYAN, "bench"], "eager": [python, TORCH_STEPS], "channels-last": [python, TORCH_STEPS, "--channels-last"],
    }  # fmt: skip
    base = {side: resident(command, "linear-regression") for side, command in sides.items()}
    return {
        workload: {side: max(resident(command, workload) - base[side], 0) for side, command in sides.items()}
        for workload in reports["eager"][0]["ms"]
    }


def measure(options):
    """All reports, by side: Yuyan or a way of running PyTorch."""
    python = python_with_torch()
    mode = ["--operations"] if options.operations else ["--inference"] if options.inference else []
    sides = {"yuyan": [YUYAN, "bench", *mode, *(["--precision", "bfloat16"] if options.bfloat16 else [])]}
    script = [TORCH_OPERATIONS] if options.operations else [TORCH_STEPS, *mode]
    for way, flags in WAYS.items():
        if options.operations and way == "channels-last":
            continue
        if way == "torch.compile" and not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
            print("torch.compile is left out: there is no C++ compiler.", flush=True)
            continue
        sides[way] = [python, *script, *flags]
        if options.bfloat16 and way != "torch.compile":
            sides[f"autocast, {way}"] = [python, *script, *flags, "--autocast"]
    reports = {side: [] for side in sides}
    loads = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.rounds + 1):
            for side, command in sides.items():
                loads.append(running_elsewhere())
                reports[side].append(run(command, options, folder))
                times = reports[side][-1].get("ms", {}).items()
                times = "  ms: " + "  ".join(f"{row_name(key)} {ms:.4g}" for key, ms in times) if times else ""
                print(f"round {number}  {side:13s}{times}", flush=True)
    return reports, max(loads)


def running_elsewhere():
    """Processes that want a core while nothing of ours runs."""
    return int(pathlib.Path("/proc/loadavg").read_text().split()[3].split("/")[0]) - 1


def rows(reports):
    """For each workload, and of predictions for each batch size: key, best way, the times, their medians, the ratios of the
    rounds."""
    for key in reports["eager"][0]["ms"]:
        times = {side: [report["ms"][key] for report in runs] for side, runs in reports.items()}
        medians = {side: statistics.median(values) for side, values in times.items()}
        best = fastest(WAYS, medians)
        yield key, best, times, medians, ratios(times, best)


def fastest(sides, medians):
    return min((side for side in sides if side in medians), key=medians.get)


def ratios(times, side):
    """How many steps of Yuyan fit into one of `side`, round by round."""
    return [theirs / ours for theirs, ours in zip(times[side], times["yuyan"])]


def operation_rows(reports):
    """For each operation and size: name, elements, best way, the times of its and Yuyan's runs, their ratios."""
    for name, sizes in reports["eager"][0]["microseconds"].items():
        for elements in sizes:
            times = {
                side: [report["microseconds"][name][elements] for report in runs]
                for side, runs in reports.items()
                if name in runs[0]["microseconds"]
            }
            ours = times.pop("yuyan")
            best = min(times, key=lambda side: statistics.median(times[side]))
            ratios = [theirs / own for theirs, own in zip(times[best], ours)]
            yield name, int(elements), best, times[best], ours, ratios


def number(value):
    """Three significant digits or the whole number."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(values):
    return f"{number(min(values))}–{number(max(values))}"


def size(count):
    """Bytes in the unit that reads best."""
    for unit in ["B", "kB", "MB"]:
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def verdict(ratio, share, target):
    """Which of the two goals a workload has reached, or that it has missed both; nothing without a goal.

    A share above 1 means that the peak was measured too low, beside other programs: it proves nothing.
    """
    if target is None:
        return ""
    reached = []
    if ratio >= target:
        reached.append(f"{target}×")
    if PEAK_TARGET <= share <= 1:
        reached.append(f"{PEAK_TARGET:.0%} of peak")
    if reached:
        return "reached: " + ", ".join(reached)
    return f"missed: {target}×, {PEAK_TARGET:.0%} of peak"


def processor(machine):
    model = machine.get("cpu_model")
    return f"{machine['cpu']} ({model})" if model else machine["cpu"]


def document(reports, busiest, options, memory=None):
    lines = [
        "# Benchmarks",
        "",
        "One training step: forward, loss, backward and update on one batch of random data, in float32, warm. PyTorch",
        "runs in the best of its ways on the CPU: eager, channels-last or `torch.compile`. Runs of both take turns,",
        f"{options.rounds} each; every run takes the median of its steps. The table shows the median of the runs in",
        "milliseconds with the smallest and the largest, and the ratio of the runs in the same way.",
        "",
        "A goal is reached by whichever comes first: so many steps of Yuyan in the time of one of PyTorch, or "
        f"{PEAK_TARGET:.0%} of",
        "the machine's own FMA peak, after which there is little left to win. The column says by which.",
        "",
        "Memory is what a process that takes five steps has at most, beyond one that takes those of linear-regression; of",
        "PyTorch's eager and channels-last the smaller.",
        "",
        "[Predictions](InferenceBenchmarks.md), [steps in bfloat16](BFloat16Benchmarks.md) and",
        "[single operations](OperationBenchmarks.md) have pages of their own.",
        *step_table(reports, step_targets(reports), options, memory),
        *circumstances(reports, busiest, options),
    ]
    return "\n".join(lines) + "\n"


def step_targets(reports):
    return TARGETS | (AVX2_TARGETS if reports["yuyan"][0]["instructions"] == "AVX2" else {})


def bfloat16_document(reports, busiest, options):
    yuyan = reports["yuyan"][0]
    machine = yuyan["machine"]
    lines = [
        "# Training steps in bfloat16",
        "",
        "One training step as on [the page of float32](Benchmarks.md), in bfloat16: Yuyan with `--precision bfloat16`,",
        "beside PyTorch in float32 in the best of its ways (eager, channels-last or `torch.compile`), and beside PyTorch",
        f"in bfloat16 by `torch.autocast`, eager or channels-last. Runs of all take turns, {options.rounds} each. "
        "Milliseconds and",
        "ratios are medians, with the smallest and the largest.",
        "",
        f"Measured on {options.threads} of {machine['cores']} cores of {processor(machine)} with "
        f"{yuyan['instructions']} and bfloat16:",
        "",
        "| workload | PyTorch float32, ms | PyTorch autocast, ms | Yuyan, ms | float32 / Yuyan | goal "
        "| autocast / Yuyan | goal |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    for name, best, times, medians, of_float in rows(reports):
        other = fastest([side for side in times if side.startswith("autocast")], medians)
        of_autocast = ratios(times, other)
        target = BFLOAT16_TARGETS.get(name)
        goals = [
            f"{'reached' if statistics.median(values) >= goal else 'missed'}: {goal}×" if target else ""
            for values, goal in ((of_float, target), (of_autocast, AUTOCAST_TARGET))
        ]
        lines.append(
            f"| {name} | {medians[best]:.4g} ({spread(times[best])}), {best} "
            f"| {medians[other]:.4g} ({spread(times[other])}), {other.split(', ')[1]} "
            f"| {medians['yuyan']:.4g} ({spread(times['yuyan'])}) "
            f"| **{number(statistics.median(of_float))}×** ({spread(of_float)}) | {goals[0]} "
            f"| **{number(statistics.median(of_autocast))}×** ({spread(of_autocast)}) | {goals[1]} |"
        )
    return "\n".join(lines + circumstances(reports, busiest, options)) + "\n"


def inference_document(reports, busiest, options):
    lines = [
        "# Predictions",
        "",
        "One prediction: the forward pass alone, in evaluation mode and without gradients, for one batch of random images",
        "in float32, warm. PyTorch runs in the best of its ways on the CPU: eager, channels-last or `torch.compile`, in",
        "`torch.inference_mode()`. Runs of both take turns, "
        f"{options.rounds} each; every run takes the median of its",
        "predictions. The table shows the median of the runs in milliseconds with the smallest and the largest, and the",
        "ratio of the runs in the same way.",
        "",
        "A goal is reached by whichever comes first: so many predictions of Yuyan in the time of one of PyTorch, or "
        f"{PEAK_TARGET:.0%}",
        "of the machine's own FMA peak, after which there is little left to win. The column says by which.",
        "",
        "[Training steps](Benchmarks.md) and [single operations](OperationBenchmarks.md) have pages of their own.",
        *step_table(reports, INFERENCE_TARGETS, options),
        *circumstances(reports, busiest, options),
    ]
    return "\n".join(lines) + "\n"


def step_table(reports, targets, options, memory=None):
    """A row for each workload, with goals by workload; of predictions for each batch size, too."""
    yuyan = reports["yuyan"][0]
    machine = yuyan["machine"]
    batch = ("batch | ", "---: | ") if options.inference else ("", "")
    lines = [
        "",
        f"Measured on {options.threads} of {machine['cores']} cores of {processor(machine)} with "
        f"{yuyan['instructions']}:",
        "",
        f"| workload | {batch[0]}PyTorch, ms | its way | Yuyan, ms | PyTorch / Yuyan | goal | share of FMA peak "
        f"| {'memory, PyTorch / Yuyan' if memory else 'tensor memory'} |",
        f"| --- | {batch[1]}---: | --- | ---: | ---: | --- | ---: | ---: |",
    ]
    peak = max(report["peak_gflops"] for report in reports["yuyan"]) * 1e9
    for key, best, times, medians, ratios in rows(reports):
        name, *count = (key,) if isinstance(key, str) else key
        share = yuyan["operations"][key] / (medians["yuyan"] / 1e3) / peak
        goal = verdict(statistics.median(ratios), share, targets.get(name))
        lines.append(
            f"| {' | '.join([name, *map(str, count)])} "
            f"| {medians[best]:.4g} ({spread(times[best])}) | {best} "
            f"| {medians['yuyan']:.4g} ({spread(times['yuyan'])}) "
            f"| **{number(statistics.median(ratios))}×** ({spread(ratios)}) | {goal} "
            f"| {share:.0%} | {memory_cell(memory[key]) if memory else size(yuyan['peak_bytes'][key])} |"
        )
    return lines


def memory_cell(resident):
    return f"{size(min(value for side, value in resident.items() if side != 'yuyan'))} / {size(resident['yuyan'])}"


def operations_document(reports, busiest, options):
    yuyan = reports["yuyan"][0]
    machine = yuyan["machine"]
    rows = list(operation_rows(reports))
    medians = [statistics.median(row[5]) for row in rows]
    low = sum(median < LEAST_TARGET for median in medians)
    lines = [
        "# Single operations",
        "",
        "One operation on float32 tensors on the CPU, warm, with a new result each time, and without gradients: in eager",
        "PyTorch and in Yuyan, and compiled where `torch.compile` saves passes over memory. The operands hold about as",
        "many elements as the table says; `Benchmarks/torch_operations.py` has their shapes. Matrix products take two",
        f"matrices with so many elements together. Runs take turns, {options.rounds} each; every run takes the median of "
        "its",
        "repetitions. The table shows the median of the runs in microseconds, and the median ratio of the rounds with the",
        "smallest and the largest.",
        "",
        "At 10,000,000 elements most of PyTorch's time is often the system's, which clears pages: PyTorch gives large",
        "results back to it each time, where Yuyan keeps the memory and uses it again.",
        "",
        f"The geometric mean of all {len(rows)} ratios is **{number(statistics.geometric_mean(medians))}×** (the goal is "
        f"{MEAN_TARGET}×); {low or 'none'} of them {'is' if low <= 1 else 'are'} below {LEAST_TARGET}×.",
        "",
        "| elements | geometric mean | smallest |",
        "| ---: | ---: | ---: |",
    ]
    for elements in sorted({row[1] for row in rows}):
        of_size = [median for row, median in zip(rows, medians) if row[1] == elements]
        lines.append(f"| {elements:,} | {number(statistics.geometric_mean(of_size))}× | {number(min(of_size))}× |")
    lines += [
        "",
        f"Measured on {options.threads} of {machine['cores']} cores of {processor(machine)} with "
        f"{yuyan['instructions']}:",
        "",
        f"| operation | elements | PyTorch, µs | Yuyan, µs | PyTorch / Yuyan | below {LEAST_TARGET}×: why |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for (name, elements, best, theirs, ours, ratios), median in zip(rows, medians):
        way = "" if best == "eager" else f" ({best})"
        reason = ""
        if median < LEAST_TARGET:
            reason = f"**below**: {REASONS.get((name, elements), 'not looked into yet')}"
        lines.append(
            f"| {name} | {elements:,} | {statistics.median(theirs):.4g}{way} | {statistics.median(ours):.4g} "
            f"| **{number(median)}×** ({spread(ratios)}) | {reason} |"
        )
    lines += circumstances(reports, busiest, options)
    return "\n".join(lines) + "\n"


def circumstances(reports, busiest, options):
    """How, when and on what a page's numbers were measured."""
    yuyan, torch = reports["yuyan"][0], reports["eager"][0]
    machine = yuyan["machine"]
    peaks = [report["peak_gflops"] for report in reports["yuyan"]]
    bandwidths = [
        max(report["copy_gigabytes_per_second"], report["add_gigabytes_per_second"]) for report in reports["yuyan"]
    ]
    modes = [mode for mode in ("operations", "inference", "bfloat16") if getattr(options, mode)]
    limits = [f"{name}={os.environ[name]} " for name in ("ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY") if name in os.environ]
    command = f"{''.join(limits)}make bench ARGS='{''.join(f'--{mode} ' for mode in modes)}"
    command += f"--rounds {options.rounds} --threads {options.threads} --seconds {options.seconds}"
    command += f" --workloads {options.workloads}" if options.workloads else ""
    command += f" --filter {options.filter}" if options.filter else ""
    command += f" --batch-sizes {options.batch_sizes}" if options.batch_sizes else ""
    lines = [
        "",
        "Made by",
        "",
        f"    {command}'",
        "",
        f"on {datetime.date.today()}:",
        "",
        f"- {processor(machine)}, {options.threads} of {machine['cores']} cores, {machine['memory_bytes'] / 1e9:.0f} GB",
        f"- FMA peak {number(max(peaks))} GFLOP/s ({yuyan['instructions']}), memory {number(max(bandwidths))} GB/s,",
        "  measured by the same command",
        f"- {machine['system']}, Linux {machine['kernel'].split('-')[0]}",
        f"- Yuyan {yuyan['yuyan']} at {revision()}, oneDNN {yuyan.get('one_dnn', 'none')}, {swift_version()}",
        f"- PyTorch {torch['torch']}, Python {torch['python']}",
    ]
    if busiest > 0:
        lines += ["", f"Up to {busiest} other processes wanted a core meanwhile: treat the numbers with care."]
    return lines


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    except OSError:
        return ""


def revision():
    return output_of("git", "describe", "--always", "--dirty") or "an unknown revision"


def swift_version():
    words = output_of("swift", "--version").split()
    return "Swift " + words[words.index("version") + 1] if "version" in words else "Swift"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", action="store_true")
    parser.add_argument("--inference", action="store_true")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--batch-sizes", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workloads", default="")
    parser.add_argument("--filter", default="")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    if options.operations + options.inference + options.bfloat16 > 1:
        parser.error("--operations, --inference and --bfloat16 exclude each other")
    if options.operations and options.workloads or options.filter and not options.operations:
        parser.error("--filter goes with --operations, --workloads without")
    if options.batch_sizes and not options.inference:
        parser.error("--batch-sizes goes with --inference")
    options.seconds = options.seconds or (0.1 if options.operations else 1.5)
    page, write = (
        ("OperationBenchmarks.md", operations_document) if options.operations
        else ("InferenceBenchmarks.md", inference_document) if options.inference
        else ("BFloat16Benchmarks.md", bfloat16_document) if options.bfloat16
        else ("Benchmarks.md", document)
    )  # fmt: skip
    output = options.output or ROOT / "Documentation" / page
    if not YUYAN.exists():
        sys.exit("Build Yuyan first: make build")
    reports, busiest = measure(options)
    text = write(reports, busiest, options, *([measure_memory(reports)] if write is document else []))
    temporary = output.with_name(f".{output.name}.tmp")
    temporary.write_text(text)
    temporary.replace(output)
    print(f"\n{text}\nwritten to {output}")


if __name__ == "__main__":
    main()
