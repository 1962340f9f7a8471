"""From how many rows of a batch on LibTorch computes a wide dense layer faster than our kernels do: what the
rules of src/engine/net/plan.cpp are read from, one for each maker of processors.
usage: python bench/plan.py ENGINE_BENCH [ROUNDS] [THREADS]
Each cell is the time of a training step with LibTorch alone over that with our kernels, the median of ROUNDS (5)
pairs of runs in turn: above 1, ours are faster. The models are one wide layer and little else."""
import json
import re
import statistics
import subprocess
import sys
import tempfile

engine, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
threads = sys.argv[3:4]
KERNELS = ((28, 28, 500), (56, 56, 200), (224, 280, 100))  # rows x columns of the input, units
BATCHES = (8, 16, 32, 64, 100, 128, 256)


def model(rows, columns, units):
    return {"name": "wide", "input": [rows, columns, 1], "latent_dim": 2, "noise": "log_sd",
            "encoder": [{"kind": "flatten"}, {"kind": "dense", "units": units, "activation": "relu"}],
            "decoder": [{"kind": "dense", "units": rows * columns, "activation": "sigmoid"}],
            "reconstruction": {"kind": "squared_error", "scale": 1},
            "kl": {"form": "log_sd", "reduction": "sum", "scale": 1, "weight": 1}}


def step(path, batch, plan):
    steps = max(2, 2000 // batch)
    command = [engine, "train", path, "--plan", plan, "--batch", str(batch), "--steps", str(steps), "--passes", "3",
               "--drawings", str(steps * batch)] + (["--threads", threads[0]] if threads else [])
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"fastest ([\d.]+)", out)[1])


print("| kernel | " + " | ".join(f"{b} rows" for b in BATCHES) + " |\n|---" + "|---" * len(BATCHES) + "|")
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    for rows, columns, units in KERNELS:
        file.seek(0)
        file.truncate()
        json.dump(model(rows, columns, units), file)
        file.flush()
        cells = []
        for batch in BATCHES:
            pairs = [(step(file.name, batch, "libtorch"), step(file.name, batch, "native")) for _ in range(rounds)]
            cells.append(f"{statistics.median(a / b for a, b in pairs):.2f}")
        print(f"| {rows * columns:,} x {units} | " + " | ".join(cells) + " |", flush=True)
