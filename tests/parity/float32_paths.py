"""Is a float32 path of the engine as exact as float32 allows? The engine's own kernels and LibTorch's
are both compared with LibTorch's float64, on the same weights, inputs, noise and masks. compare.py
judges every model in this way; `sh tools/parity --calm` and `sh tools/parity --power` run it alone:

  float32_paths.py PARITY_ENGINE calm [SEEDS]      every instruction set with 1, 2 and 3 threads: all pass
  float32_paths.py PARITY_ENGINE once [MODEL ...]  one run; the exit status says whether all passed

A single tensor of LibTorch's can be right by luck, so no ratio of two tensors is a criterion. Instead:

  pooled   The root mean square, over the tensors of a group, of each tensor's relative error is at most
           1.5 times LibTorch's, and POOLED_FLOOR. Groups: what a forward pass gives; the gradients of a
           batch; those of a batch of one.
  single   The relative error of a tensor is at most 4 times LibTorch's (of this tensor, or pooled, whichever
           is larger), and SINGLE_FLOOR.

The floors are what sums of some hundred to some thousand numbers round to when they go through several
layers. Where one number feeds all that comes after it (a code of one dimension, say), its rounding error is
the error of every tensor, and LibTorch's may be small by luck in all of them.

An error is relative to the root mean square of the tensor's entries; for a gradient, of the largest among
the tensors of its layer: a bias's gradient sums what its kernel's sums, and where it cancels (before batch
norm it is zero but for rounding) its own size says nothing. The two heads count as one layer: with a code of one
dimension a head's gradient is a single number, in which reconstruction and KL may cancel.

Rounding turns a few ReLUs over that stand near zero, which ones is luck, and each moves a gradient by much
more than rounding does. So gradients are judged strictly on the model with its ReLUs made linear, in which
nothing can turn over and the same kernels run, and on the model as it is with FLIPS allowed besides.
"""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import random_models
import results

HERE = pathlib.Path(__file__).resolve().parent
PRESETS = ["sheep", "digits", "binary"]
UNIT = 2.0**-24  # float32's unit roundoff
POOLED_FLOOR = 64 * UNIT
SINGLE_FLOOR = 256 * UNIT
FLIPS = 0.1
BATCH = 5
KL_WEIGHT = 0.7


def model_of(which):
    if which in PRESETS:
        return json.loads((HERE.parent / "fixtures" / "models" / f"{which}.json").read_text())
    return random_models.random_model(int(which))


def without_kinks(model):
    """The model with every activation that has a kink made linear."""
    if isinstance(model, list):
        return [without_kinks(part) for part in model]
    if not isinstance(model, dict):
        return model
    model = {key: without_kinks(value) for key, value in model.items()}
    if model.get("activation") in ("relu", "leaky_relu", "elu"):
        model["activation"] = "linear"
    return model


class Engine:
    def __init__(self, program, model, folder, threads=2):
        self.program, self.folder, self.threads = program, pathlib.Path(folder), threads
        self.model = self.folder / "model.json"
        self.model.write_text(json.dumps(model))

    def run(self, task, dtype, path, optimizer=None, count=10, cpu=None):
        out = self.folder / "out.safetensors"
        args = [self.program, task, self.model, out, dtype, path, self.threads, BATCH, KL_WEIGHT]
        if optimizer:
            file = self.folder / "optimizer.json"
            file.write_text(json.dumps(optimizer))
            args += [file, count]
        env = dict(os.environ, SKETCHVAE_CPU=cpu) if cpu else None
        subprocess.run([str(a) for a in args], check=True, env=env)
        return results.read_safetensors(out)


def rms(x):
    return float(np.sqrt(np.mean(np.square(np.asarray(x, np.float64))))) if np.size(x) else 0.0


def groups_of(truth):
    """{group: {tensor: its size}} of what is judged."""
    groups = {"outputs": {}, "gradient/batch": {}, "gradient/one": {}}
    for key, values in truth.items():
        if key.startswith("gradient/"):
            group = "/".join(key.split("/")[:2])
            groups[group][key] = rms(values)
        elif not key.startswith("losses/"):
            groups["outputs"][key] = rms(values)
    for group, sizes in groups.items():
        if group == "outputs":
            continue
        layers = {}
        for key, size in sizes.items():
            layers[layer_of(key)] = max(layers.get(layer_of(key), 0.0), size)
        groups[group] = {key: layers[layer_of(key)] for key in sizes}
    return groups


def layer_of(key):
    layer = key.split("/")[2]
    return "heads" if layer in ("z_mean", "z_log_var") else layer


def errors(found, truth, sizes):
    out = {}
    for key, size in sizes.items():
        a, b = np.asarray(found[key], np.float64), np.asarray(truth[key], np.float64)
        error = rms(a - b) / max(size, 1e-30) if a.shape == b.shape else np.inf
        out[key] = error if np.isfinite(error) else np.inf
    return out


def judge(native, reference, truth, flips=0.0):
    """[(error / limit, what)]: for each group pooled, then its worst single tensor."""
    rows = []
    for group, sizes in groups_of(truth).items():
        if not sizes:
            continue
        ours, theirs = errors(native, truth, sizes), errors(reference, truth, sizes)
        more = flips if group.startswith("gradient/") else 0.0
        pooled = rms(list(theirs.values()))
        rows.append((rms(list(ours.values())) / (1.5 * pooled + POOLED_FLOOR + more), f"{group}, pooled"))
        rows.append(max((ours[key] / (4 * max(theirs[key], pooled) + SINGLE_FLOOR + more), key)
                        for key in sizes))
    return rows


def runs_of(engine):
    """A model's float32 on LibTorch alone, and its float64."""
    return engine.run("forward", "float32", "reference"), engine.run("forward", "float64", "reference")


def check(program, model, threads=2, cpus=(None,), known=None):
    """[(error / limit, what)] by cpu: of the model as it is, and without kinks. What LibTorch gives is kept in
    `known`, for the next call."""
    rows = {cpu: [] for cpu in cpus}
    known = {} if known is None else known
    for label, variant, flips in (("", model, FLIPS), ("without kinks: ", without_kinks(model), 0.0)):
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(program, variant, folder, threads)
            if label not in known:
                known[label] = runs_of(engine)
            for cpu in cpus:
                native = engine.run("forward", "float32", "native", cpu=cpu)
                rows[cpu] += [(ratio, label + what) for ratio, what in judge(native, *known[label], flips)]
    return rows


def calm(program, seeds=20):
    """Every instruction set and number of threads on the presets and random models."""
    cpus, failed, runs, top = ("baseline", "avx2", "avx512"), 0, 0, {}
    for which in PRESETS + list(range(1, seeds + 1)):
        known, largest = {}, 0.0
        for threads in (1, 2, 3):
            for cpu, rows in check(program, model_of(which), threads, cpus, known).items():
                ratio, what = max(rows)
                runs += 1
                failed += not ratio <= 1
                largest = max(largest, ratio)
                top[cpu, threads] = max(top.get((cpu, threads), (0.0, "")), (ratio, f"{which}: {what}"))
                if not ratio <= 1:
                    print(f"FAILED {cpu}, {threads} threads, {which}: {what}: {ratio:.2f} of its limit", flush=True)
        print(f"{which}: at most {largest:.2f} of its limit", flush=True)
    for (cpu, threads), (ratio, what) in top.items():
        print(f"{cpu:<9}{threads} threads: largest {ratio:.2f} of its limit, {what}")
    return runs - failed, failed


def once(program, chosen):
    passed = failed = 0
    for which in chosen or ["sheep", "digits"] + list(range(1, 21)):
        ratio, what = max(check(program, model_of(which))[None])
        good = ratio <= 1
        passed, failed = passed + good, failed + (not good)
        print(f"{which}: {ratio:.3g} of its limit, {what}{'' if good else '   FAILED'}", flush=True)
    return passed, failed


def main():
    program, task, *rest = sys.argv[1:]
    passed, failed = calm(program, *map(int, rest)) if task == "calm" else once(program, rest)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
