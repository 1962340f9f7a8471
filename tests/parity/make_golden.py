"""Writes ../fixtures/golden/<preset>.json: what Keras computes for the presets, small enough to be
committed. ../cpp/test_golden.cpp checks the engine against it. Run after a wanted change:
  python3 make_golden.py
"""
import json
import pathlib

import results
from compare import ADAM, HERE, PRESETS, RMSPROP, SGD
from keras_models import Twin, keras, keras_optimizer, set_precision, tf

BATCH = 3
KL_WEIGHT = 0.7


def rounded(value, digits):
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return float(f"{value:.{digits}g}")


def summaries(tensors, digits):
    return {k: rounded(results.summary(k, v), digits) for k, v in tensors.items()}


def golden(preset):
    model = json.loads((HERE.parent / "fixtures" / "models" / f"{preset}.json").read_text())
    out = {"keras": keras.__version__, "tensorflow": tf.__version__, "batch": BATCH,
           "kl_weight": KL_WEIGHT}
    set_precision("float32")
    out["float32"] = summaries(results.forward(Twin(model), BATCH, KL_WEIGHT), 9)
    set_precision("float64")
    twin = Twin(model)
    out["float64"] = summaries(results.forward(twin, BATCH, KL_WEIGHT), 12)
    out["steps"] = [
        {"optimizer": spec,
         "results": summaries(results.steps(twin, keras_optimizer(spec), BATCH, KL_WEIGHT), 12)}
        for spec in (RMSPROP, ADAM, SGD)
    ]
    return out


def main():
    folder = HERE.parent / "fixtures" / "golden"
    for preset in PRESETS:
        path = pathlib.Path(folder / f"{preset}.json")
        path.write_text(json.dumps(golden(preset), separators=(",", ":")) + "\n")
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
