"""Compare the training steps of `yuyan bench` with PyTorch's, and write Documentation/Benchmarks.md.

Runs take turns, five of each: Yuyan, PyTorch eager, channels-last and torch.compile. For each workload PyTorch's best
way counts, the one with the smallest median. PyTorch is installed into a virtual environment outside the repository,
$VENV or ~/.cache/yuyan-bench/venv. Needs Python 3.9 or later; torch.compile needs a C++ compiler.

usage: compare.py [--rounds N] [--threads N] [--workloads NAME,...] [--seconds S] [--output FILE]
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
WAYS = {"eager": [], "channels-last": ["--channels-last"], "torch.compile": ["--compile"]}
# What Yuyan means to reach: how many of its steps fit into one of PyTorch ...
TARGETS = {
    "linear-regression": 20, "softmax-regression": 3, "mlp": 2.2, "dropout-mlp": 2.5, "lenet": 2.1,
}  # fmt: skip
# ... or the share of the machine's own peak after which there is little left to win.
PEAK_TARGET = 0.8


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
    line = [str(part) for part in [*command, *arguments]]
    result = subprocess.run(line, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(line)}\n{result.stdout}{result.stderr}")
    return json.loads(report.read_text())


def measure(options):
    """All reports, by side: Yuyan or a way of running PyTorch."""
    python = python_with_torch()
    sides = {"yuyan": [YUYAN, "bench"]}
    for way, flags in WAYS.items():
        if way == "torch.compile" and not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
            print("torch.compile is left out: there is no C++ compiler.", flush=True)
            continue
        sides[way] = [python, TORCH_STEPS, *flags]
    reports = {side: [] for side in sides}
    loads = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.rounds + 1):
            for side, command in sides.items():
                loads.append(running_elsewhere())
                reports[side].append(run(command, options, folder))
                times = "  ".join(f"{name} {ms:.4g}" for name, ms in reports[side][-1]["ms"].items())
                print(f"round {number}  {side:13s}  ms: {times}", flush=True)
    return reports, max(loads)


def running_elsewhere():
    """Processes that want a core while nothing of ours runs."""
    return int(pathlib.Path("/proc/loadavg").read_text().split()[3].split("/")[0]) - 1


def rows(reports):
    """For each workload: name, best way, PyTorch's and Yuyan's medians, the ratios of the rounds."""
    known = list(TARGETS)
    for name in sorted(reports["yuyan"][0]["ms"], key=lambda name: known.index(name) if name in known else len(known)):
        times = {side: [report["ms"][name] for report in runs] for side, runs in reports.items()}
        medians = {side: statistics.median(values) for side, values in times.items()}
        best = min((side for side in times if side != "yuyan"), key=medians.get)
        ratios = [theirs / ours for theirs, ours in zip(times[best], times["yuyan"])]
        yield name, best, times, medians, ratios


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


def document(reports, busiest, options):
    yuyan, torch = reports["yuyan"][0], reports["eager"][0]
    machine = yuyan["machine"]
    peaks = [report["peak_gflops"] for report in reports["yuyan"]]
    bandwidths = [
        max(report["copy_gigabytes_per_second"], report["add_gigabytes_per_second"]) for report in reports["yuyan"]
    ]
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
        f"Measured on {options.threads} of {machine['cores']} cores of {processor(machine)} with "
        f"{yuyan['instructions']}:",
        "",
        "| workload | PyTorch, ms | its way | Yuyan, ms | PyTorch / Yuyan | goal | share of FMA peak | tensor memory |",
        "| --- | ---: | --- | ---: | ---: | --- | ---: | ---: |",
    ]
    peak = max(peaks) * 1e9
    for name, best, times, medians, ratios in rows(reports):
        share = yuyan["operations"][name] / (medians["yuyan"] / 1e3) / peak
        goal = verdict(statistics.median(ratios), share, TARGETS.get(name))
        lines.append(
            f"| {name} | {medians[best]:.4g} ({spread(times[best])}) | {best} "
            f"| {medians['yuyan']:.4g} ({spread(times['yuyan'])}) "
            f"| **{number(statistics.median(ratios))}×** ({spread(ratios)}) | {goal} "
            f"| {share:.0%} | {size(yuyan['peak_bytes'][name])} |"
        )
    command = f"make bench ARGS='--rounds {options.rounds} --threads {options.threads} --seconds {options.seconds}"
    command += f" --workloads {options.workloads}'" if options.workloads else "'"
    lines += [
        "",
        "Made by",
        "",
        f"    {command}",
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
    return "\n".join(lines) + "\n"


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
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workloads", default="")
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "Documentation/Benchmarks.md")
    options = parser.parse_args()
    if not YUYAN.exists():
        sys.exit("Build Yuyan first: make build")
    reports, busiest = measure(options)
    text = document(reports, busiest, options)
    temporary = options.output.with_name(f".{options.output.name}.tmp")
    temporary.write_text(text)
    temporary.replace(options.output)
    print(f"\n{text}\nwritten to {options.output}")


if __name__ == "__main__":
    main()
