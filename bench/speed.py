"""Training steps and scoring beside Keras and PyTorch on this machine's CPU, all in turn.
usage: python bench/speed.py ENGINE_BENCH [ROUNDS] [CASE ...]
ENGINE_BENCH: the program of that name (cmake -S tests/cpp -B build && cmake --build build --target
engine_bench). Every program runs ROUNDS (3) times in turn with the others and gives the median and
the fastest of five passes; the table has the median of the medians and the fastest of all, and the
peers' times over ours. Python needs tensorflow-cpu and torch. CASE: some of the first column."""
import os
import re
import statistics
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
models = os.path.join(here, "..", "tests", "fixtures", "models")
engine, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3

# case: verb, model, batch, steps of a pass
CASES = {
    "sheep-8": ("train", "sheep", 8, 30), "sheep-128": ("train", "sheep", 128, 3),
    "digits-16": ("train", "digits", 16, 60), "binary-100": ("train", "binary", 100, 100),
    "score": ("score", "sheep", None, None),
}
SCORE_BATCHES = (32, 128, 512)


def programs(verb, model, batch, steps):
    python = [sys.executable]
    keras, torch = os.path.join(here, "keras_peer.py"), os.path.join(here, "torch_peer.py")
    file = os.path.join(models, model + ".json")
    if verb == "score":
        yield "ours", [engine, "score", file, "--drawings", "1024"]
        for b in SCORE_BATCHES:  # the peers at their best
            yield "keras", python + [keras, verb, model, str(b)]
            yield "torch", python + [torch, verb, model, str(b)]
        return
    yield "ours", [engine, verb, file, "--batch", str(batch), "--steps", str(steps)]
    yield "keras", python + [keras, verb, model, str(batch), str(steps)]
    yield "torch", python + [torch, verb, model, str(batch), "eager", "cpu", "float32", str(steps)]
    yield "libtorch", [engine, verb, file, "--batch", str(batch), "--steps", str(max(steps // 3, 1)),
                       "--plan", "libtorch"]


def run(command):
    out = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"median ([\d.]+) fastest ([\d.]+)", out.stdout)
    if out.returncode or not found:
        raise SystemExit(f"{' '.join(command)}\n{out.stderr[-2000:]}")
    return float(found[1]), float(found[2])


print(f"| case | who | median | fastest | over ours, medians | over ours, fastest |\n|---|---|---|---|---|---|")
for case in sys.argv[3:] or CASES:
    times = {}
    for _ in range(rounds):
        for who, command in programs(*CASES[case]):
            # Of several batch sizes the one whose median is least.
            key = (who, command[4] if case == "score" and who != "ours" else "")
            times.setdefault(key, []).append(run(command))
    best = {}
    for (who, batch), pairs in times.items():
        row = (statistics.median(p[0] for p in pairs), min(p[1] for p in pairs), batch)
        if who not in best or row[0] < best[who][0]:
            best[who] = row
    unit = "s" if case == "score" else "ms"
    for who, (median, fastest, batch) in best.items():
        name = who + (f", batch {batch}" if batch else "")
        print(f"| {case} | {name} | {median:.4g} {unit} | {fastest:.4g} {unit} | "
              f"{median / best['ours'][0]:.2f} | {fastest / best['ours'][1]:.2f} |", flush=True)
