"""Weight files between the engine and both generations of Keras; keras_files.R is the R half.

  keras_files.py write MODEL.json FOLDER   files by tf-keras and Keras 3 with hashed weights, inputs,
                                           and what Keras predicts from them
  keras_files.py read MODEL.json FOLDER    loads what R exported (ours.h5, ours.weights.h5) in both
                                           generations and compares the predictions with R's
  keras_files.py fixtures                  the small files of ../testthat/fixtures/keras/
"""
import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf
import tf_keras

import values
from keras_models import named_layers, pair
from results import of_range

BATCH = 4
LIMIT = 1e-4  # of the range: the package predicts by its own kernels, not by LibTorch's


def make_layer(layer, module, name):
    kind, act = layer["kind"], layer.get("activation", "linear")
    make = module.layers
    if kind in ("conv_2d", "conv_2d_transpose"):
        cls = make.Conv2D if kind == "conv_2d" else make.Conv2DTranspose
        return cls(int(layer["filters"]), pair(layer["kernel_size"]), strides=pair(layer["strides"]),
                   padding=layer["padding"], activation=act, name=name)
    return {
        "dense": lambda: make.Dense(int(layer["units"]), activation=act, name=name),
        "dropout": lambda: make.Dropout(layer["rate"], name=name),
        "batch_norm": lambda: make.BatchNormalization(momentum=layer["momentum"],
                                                      epsilon=layer["epsilon"], name=name),
        "flatten": lambda: make.Flatten(name=name),
        "reshape": lambda: make.Reshape([int(n) for n in layer["target_shape"]], name=name),
    }[kind]()


class Built:
    """The same functional model flat, as the sheep post has it, or of two nested models."""

    def __init__(self, model, module, nested, own_names):
        module.backend.clear_session()
        self.layers = {}

        def through(part, x):
            for spec in part:
                layer = make_layer(spec, module, spec["name"] if own_names else None)
                self.layers[spec["name"]] = layer
                x = layer(x)
            return x

        self.latent_dim = int(model["latent_dim"])
        self.input = [int(n) for n in model["input"]]
        encoder, heads, decoder = named_layers(model)
        x = module.Input(self.input)
        code = through(encoder, x)
        mean, log_var = through(heads[:1], code), through(heads[1:], code)
        self.encoder = module.Model(x, [mean, log_var])
        sample = module.layers.Lambda(lambda t: t[0] + tf.exp(t[1]), output_shape=(self.latent_dim,))
        z = module.Input((self.latent_dim,))
        if nested:
            self.decoder = module.Model(z, through(decoder, z))
            whole = module.Input(self.input)
            self.vae = module.Model(whole, self.decoder(sample(self.encoder(whole))))
        else:
            y = through(decoder, sample([mean, log_var]))
            self.vae = module.Model(x, y)
            out = z
            for spec in decoder:
                out = self.layers[spec["name"]](out)
            self.decoder = module.Model(z, out)

    def hash_weights(self):
        for name, layer in self.layers.items():
            short = [w.name.split("/")[-1].split(":")[0] for w in layer.weights]
            layer.set_weights([values.parameter(f"{name}/{s}", tuple(w.shape)).astype(np.float32)
                               for s, w in zip(short, layer.weights)])

    def predictions(self):
        x = values.pixels([BATCH] + self.input) / np.float32(255)
        z = values.codes((BATCH, self.latent_dim)).astype(np.float32)
        mean, log_var = [np.asarray(t) for t in self.encoder(x)]
        return {"mean": mean, "log_var": log_var,
                "decode": np.reshape(np.asarray(self.decoder(z)), (BATCH, -1))}


def write_files(model, folder):
    for own_names in (False, True):
        tag = "named_" if own_names else ""
        for nested in (False, True):
            kind = "nested" if nested else "flat"
            old = Built(model, tf_keras, nested, own_names)
            old.hash_weights()
            old.vae.save_weights(folder / f"{tag}{kind}.h5")
            if not own_names and not nested:
                tf_keras.models.save_model(old.vae, folder / "whole.h5", save_format="h5")
            new = Built(model, keras, nested, own_names)
            new.hash_weights()
            new.vae.save_weights(folder / f"{tag}{kind}.weights.h5")
            new.vae.save(folder / f"{tag}{kind}.keras")
    return new


def write(model, folder):
    built = write_files(model, folder)
    np.save(folder / "x.npy", values.pixels([BATCH] + built.input).reshape(BATCH, *built.input[:2]))
    np.savetxt(folder / "z.csv", values.codes((BATCH, built.latent_dim)), delimiter=",")
    for name, value in built.predictions().items():
        np.savetxt(folder / f"{name}.csv", value, delimiter=",", fmt="%.9g")


def read(model, folder):
    worst = 0.0
    loads = [("tf-keras", tf_keras, "ours.h5"), ("Keras 3", keras, "ours.h5"),
             ("Keras 3", keras, "ours.weights.h5")]
    for generation, module, file in loads:
        built = Built(model, module, nested=False, own_names=False)
        built.vae.load_weights(str(folder / file))
        for name, ours in built.predictions().items():
            difference = of_range(np.loadtxt(folder / f"ours_{name}.csv", delimiter=",", ndmin=2), ours)
            worst = max(worst, difference)
            print(f"{model['name']:<10}{'our ' + file + ' in ' + generation + ': ' + name:<54}"
                  f"{difference:>12.2e}{LIMIT:>10.0e}")
    sys.exit(not worst <= LIMIT)


def main():
    here = pathlib.Path(__file__).resolve().parent
    if sys.argv[1] == "fixtures":
        folder = here.parent / "testthat" / "fixtures" / "keras"
        built = write_files(json.loads((folder / "tiny.json").read_text()), folder)
        for unused in [*folder.glob("named_*"), folder / "whole.h5", folder / "nested.keras"]:
            unused.unlink()
        predictions = {k: np.round(v.astype(float), 9).tolist() for k, v in built.predictions().items()}
        (folder / "predictions.json").write_text(json.dumps(predictions) + "\n")
        return
    model = json.loads(pathlib.Path(sys.argv[2]).read_text())
    {"write": write, "read": read}[sys.argv[1]](model, pathlib.Path(sys.argv[3]))


if __name__ == "__main__":
    main()
