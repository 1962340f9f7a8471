"""The parity table: the same models on the same weights, inputs, noise and masks in Keras and in
the engine. `sh tools/parity` builds the engine's half and runs this.

  compare.py PARITY_ENGINE [MODEL ...]     MODEL: sheep, digits, binary, or a random model's number

Every line is the largest difference of a quantity over a model's tensors, against its limit:
  float32 outputs   |a - b| <= 1e-5 of the range, per tensor (drawings: 0 to 1), or 8 times as far as Keras'
                    own float32 is from its float64 where that is more; losses 1e-4 of the value;
                    b is Keras in float32, or in float64 where Keras' own float32 is further from that
  float64 gradients |a - b| <= 1e-8 of the tensor's largest entry
  float64 steps     norm(a - b) <= 1e-7 of the norm of what the tensor moved by in ten steps: rules that
                    divide by a gradient's size make much of its last digits
  float32 paths     error against float64, as a share of what float32_paths.py allows
"""
import sys
import tempfile

import numpy as np

import float32_paths
import keras_models
import results
import values
from float32_paths import BATCH, KL_WEIGHT, PRESETS, Engine, model_of
from keras_models import Twin, keras, keras_optimizer, pair, set_precision

RANDOM = list(range(1, 21))

# Keras casts 0.9 and 0.999 through float32 before it uses them in float64 (1 - 0.999 is then off by
# 1e-5): both sides are given numbers that float32 holds exactly.
def exactly(**spec):
    return {k: float(np.float32(v)) if isinstance(v, float) else v for k, v in spec.items()}


RMSPROP = exactly(kind="rmsprop", learning_rate=1e-3, rho=0.9, momentum=0, epsilon=1e-7)
ADAM = exactly(kind="adam", learning_rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-7,
            weight_decay=0)
SGD = exactly(kind="sgd", learning_rate=1e-4, momentum=0, nesterov=False)
OPTIMIZERS = {
    "RMSprop": RMSPROP,
    "Adam": ADAM,
    "SGD": SGD,
    # Divided by 1e-7 alone, gradients that are rounding become steps that are noise.
    "RMSprop, epsilon outside": dict(RMSPROP, epsilon=2**-10, epsilon_inside=False),
    "RMSprop, momentum, clipnorm": dict(RMSPROP, momentum=0.5, clipnorm=1),
    "AdamW, clipvalue": dict(ADAM, **exactly(weight_decay=0.01, clipvalue=0.01)),
    "SGD, momentum": dict(SGD, momentum=0.875),
    "SGD, Nesterov, clipnorm": dict(SGD, momentum=0.875, nesterov=True, clipnorm=1),
}


def optimizers_for(which):
    """All rules for two presets; the sheep's steps take long, and the random models share them."""
    names = list(OPTIMIZERS)
    if which == "sheep":
        names = [n for n in names if not n.startswith("SGD")]
    elif which not in PRESETS:
        names = ["RMSprop", names[1 + int(which) % (len(names) - 1)]]
    return {n: OPTIMIZERS[n] for n in names}


class Table:
    def __init__(self):
        self.worst = {}

    def add(self, model, quantity, difference, limit, where=""):
        key = (model, quantity)
        if key not in self.worst or not difference / limit <= self.worst[key][0] / self.worst[key][1]:
            self.worst[key] = (difference, limit, where)

    def print(self):
        failed = 0
        print(f"{'model':<10}{'quantity':<44}{'difference':>12}{'limit':>10}  largest at")
        for (model, quantity), (difference, limit, where) in self.worst.items():
            good = difference <= limit
            failed += not good
            print(f"{model:<10}{quantity:<44}{difference:>12.2e}{limit:>10.0e}  {where}"
                  f"{'' if good else '   FAILED'}")
        return failed


def flat(x):
    return np.asarray(x, np.float64).ravel()


def distance(a, b):
    """Largest difference; NaN or a wrong size is infinitely far."""
    a, b = flat(a), flat(b)
    if a.size != b.size:
        return np.inf
    d = np.abs(a - b).max()
    return d if np.isfinite(d) else np.inf


def relative(a, b, floor=0.0):
    return distance(a, b) / max(np.abs(flat(b)).max(), floor, 1e-300)


def outputs(ours, keras32, keras64, label, table, name):
    """Our float32 against Keras'."""
    for key in ("encode/mean", "encode/log_var", "decode", "score"):
        what = {"encode/mean": "encodings", "encode/log_var": "encodings", "decode": "decodings",
                "score": "squared errors"}[key]
        measure = distance if key == "decode" else results.of_range
        difference = min(measure(ours[key], theirs[key]) for theirs in (keras32, keras64))
        limit = max(1e-5, 8 * measure(keras32[key], keras64[key]))
        table.add(label, f"{what}, float32", difference, limit, f"{name} {key}")
    for key in ("losses/evaluate", "losses/batch", "losses/one"):
        for part, a, *b in zip(("loss", "reconstruction", "kl", "regularization"),
                               flat(ours[key]), flat(keras32[key]), flat(keras64[key])):
            # A small kl is the difference of numbers of the size of 1.
            difference = min(abs(a - x) / max(abs(x), 1) for x in b)
            table.add(label, "losses, float32", difference, 1e-4, f"{name} {key} {part}")


def exact(ours, keras_out, label, table, name):
    """float64: outputs, losses, gradients."""
    for key in keras_out:
        if not key.startswith("gradient/"):
            table.add(label, "outputs and losses, float64", relative(ours[key], keras_out[key]),
                      1e-8, f"{name} {key}")
    for which, what in (("batch", "gradients, float64"), ("one", "gradients, batch of 1, float64")):
        keys = [k for k in keras_out if k.startswith(f"gradient/{which}/")]
        # A gradient that is zero but for rounding (a bias before batch norm) is measured against
        # the model's largest.
        floor = 1e-5 * max(np.abs(flat(keras_out[k])).max() for k in keys)
        for key in keys:
            table.add(label, what, relative(ours[key], keras_out[key], floor), 1e-8,
                      f"{name} {key}")


def moved(ours, keras_out, twin, label, table, name, optimizer):
    table.add(label, f"10 steps {optimizer}: losses",
              relative(ours["losses/steps"], keras_out["losses/steps"]), 1e-8, name)
    after = [k for k in keras_out if k.startswith("after/")]
    start = {k: values.parameter(k[len("after/"):], keras_out[k].shape) for k in after}
    # Norms: rules that divide by the gradient's own size make noise of entries that are zero but for
    # rounding, and the largest difference would speak of these alone.
    movement = {k: np.linalg.norm(flat(keras_out[k]) - flat(start[k])) for k in after}
    floor = 1e-6 * max(movement.values())
    for key in after:
        moving = "moving_" in key
        what = "moving averages" if moving else f"10 steps {optimizer}: parameters"
        difference = np.linalg.norm(flat(ours[key]) - flat(keras_out[key]))
        table.add(label, what, difference / max(movement[key], floor), 1e-7, f"{name} {key}")


def check(program, which, table):
    model = model_of(which)
    label, name = (which, "") if which in PRESETS else ("random", f"model {which}")
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(program, model, folder)
        set_precision("float32")
        keras32 = results.forward(Twin(model), BATCH, KL_WEIGHT)
        set_precision("float64")
        twin = Twin(model)
        keras64 = results.forward(twin, BATCH, KL_WEIGHT)
        native = engine.run("forward", "float32", "native")
        reference = engine.run("forward", "float32", "reference")
        truth = engine.run("forward", "float64", "reference")
        outputs(native, keras32, keras64, label, table, name)
        outputs(reference, keras32, keras64, label, table, name)
        for share, what in float32_paths.check(program, model, known={"": (reference, truth)})[None]:
            table.add(label, "float32 error / what is allowed", share, 1, f"{name} {what}")
        exact(truth, keras64, label, table, name)
        exact(engine.run("forward", "float64", "native"), keras64, label, table, name)
        del native, reference, truth, keras32, keras64
        for optimizer, spec in optimizers_for(which).items():
            ours = engine.run("steps", "float64", "native", spec)
            keras_out = results.steps(twin, keras_optimizer(spec), BATCH, KL_WEIGHT)
            moved(ours, keras_out, twin, label, table, name, optimizer)


def main():
    program, *chosen = sys.argv[1:]
    table = Table()
    for which in chosen or PRESETS + RANDOM:
        print(f"{which} ...", file=sys.stderr, flush=True)
        check(program, str(which), table)
    failed = table.print()
    print(f"Keras {keras.__version__}, TensorFlow {keras_models.tf.__version__}")
    print(f"{len(table.worst) - failed} passed, {failed} failed, 0 skipped")


if __name__ == "__main__":
    main()
