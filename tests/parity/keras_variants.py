"""Files of one small model as people write it in Keras, for import_keras(); keras_variants.R checks them all.

  keras_variants.py write FOLDER   by both generations of Keras, in every format they have
  keras_variants.py fixtures       those of them that ../testthat/fixtures/keras/pair/ keeps

The model has two dense layers of one shape, in encoder and decoder, and two heads. Whatever a variant calls
its layers and in whatever order it makes them, their weights are hashed from our names.
"""
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf
import tf_keras

import values

ENCODER, HEADS, DECODER = ("dense", "dense_1", "batch_norm"), ("z_mean", "z_log_var"), ("dense_2", "dense_3", "dense_4")
UNITS = {"dense": (4, "relu"), "dense_1": (4, "tanh"), "z_mean": (2, None), "z_log_var": (2, None),
         "dense_2": (4, "relu"), "dense_3": (4, "tanh"), "dense_4": (36, "sigmoid")}


def short(weight):
    return weight.name.split("/")[-1].split(":")[0]


def fill(layers):
    for name, layer in layers.items():
        layer.set_weights([np.asarray(tf.cast(values.parameter(f"{name}/{short(w)}", tuple(w.shape)), w.dtype))
                           for w in layer.weights])


def functional(m, nested=True, names=None, made="encoder heads decoder", first="z_mean", frozen=None,
               outputs=HEADS, parts=(None, None), bias=True, norm=None, own_names=False, before=0,
               policy="float32"):
    """`names`: of the heads; `made`, `first`: in which order layers are made; `outputs`: the encoder's;
    `before`: layers that the session has made already."""
    m.backend.clear_session()
    set_policy = m.config.set_dtype_policy if m is keras else m.mixed_precision.set_global_policy
    set_policy(policy)
    for _ in range(before):
        m.layers.Dense(1), m.layers.BatchNormalization()
    names = dict(zip(HEADS, names)) if names else {}
    layers = {}

    def make(*wanted):
        for name in wanted:
            called = names.get(name, name if own_names else None)
            if name == "batch_norm":
                layers[name] = m.layers.BatchNormalization(name=called, **(norm or {}))
            else:
                layers[name] = m.layers.Dense(UNITS[name][0], activation=UNITS[name][1], use_bias=bias, name=called)

    for part in made.split():
        make(*{"encoder": ENCODER, "decoder": DECODER,
               "heads": HEADS if first == "z_mean" else HEADS[::-1]}[part])
    if frozen:
        layers[frozen].trainable = False

    def through(part, x):
        for name in part:
            x = layers[name](x)
        return x

    sample = m.layers.Lambda(lambda t: t[0] + tf.exp(t[1]), output_shape=(2,))
    x = m.layers.Input((6, 6, 1))
    code = through(ENCODER, m.layers.Flatten()(x))
    heads = {name: layers[name](code) for name in outputs}
    if nested:
        z = m.layers.Input((2,))
        encoder = m.Model(x, list(heads.values()), name=parts[0])
        decoder = m.Model(z, through(DECODER, z), name=parts[1])
        whole = m.layers.Input((6, 6, 1))
        model = m.Model(whole, decoder(sample(encoder(whole))))
    else:
        model = m.Model(x, through(DECODER, sample(list(heads.values()))))
    fill(layers)
    return model


def sequence(m, part, input_shape, extra=()):
    layers = [m.layers.Input(input_shape)] + ([m.layers.Flatten()] if len(input_shape) > 1 else [])
    for name in part:
        layers.append(m.layers.BatchNormalization() if name == "batch_norm"
                      else m.layers.Dense(UNITS[name][0], activation=UNITS[name][1]))
    return m.Sequential(layers + list(extra))


def subclass(m, parts=("enc", "dec"), made="encoder heads decoder", both=False):
    """A class of its own with two sub-models; `both`: one dense layer for the two heads, cut in two."""
    m.backend.clear_session()

    class VAE(m.Model):
        def __init__(self):
            super().__init__()
            for part in made.split():
                if part == "encoder":
                    setattr(self, parts[0], sequence(m, ENCODER, (6, 6, 1), [m.layers.Dense(4)] if both else []))
                elif part == "decoder":
                    setattr(self, parts[1], sequence(m, DECODER, (2,)))
                elif not both:
                    self.z_log_var = m.layers.Dense(2)
                    self.z_mean = m.layers.Dense(2)

        def call(self, x):
            code = getattr(self, parts[0])(x)
            mean, log_var = (code[:, :2], code[:, 2:]) if both else (self.z_mean(code), self.z_log_var(code))
            return getattr(self, parts[1])(mean + tf.exp(log_var))

    model = VAE()
    model(np.zeros((1, 6, 6, 1), np.float32))
    inner = [[layer for layer in getattr(model, part).layers if layer.weights] for part in parts]
    fill({**dict(zip(ENCODER, inner[0])), **dict(zip(DECODER, inner[1]))})
    if both:
        inner[0][3].set_weights([np.concatenate([values.parameter(f"{head}/{role}", shape) for head in HEADS], -1)
                                 for role, shape in (("kernel", (4, 2)), ("bias", (2,)))])
    else:
        fill({"z_mean": model.z_mean, "z_log_var": model.z_log_var})
    return model


def of_layers(m):
    """Encoder and decoder as layers of their own, whose layers are attributes."""
    m.backend.clear_session()

    class Encoder(m.layers.Layer):
        def __init__(self):
            super().__init__(name="encoder")
            self.log_var, self.mean = m.layers.Dense(2), m.layers.Dense(2)
            self.flat, self.norm = m.layers.Flatten(), m.layers.BatchNormalization()
            self.proj, self.proj2 = m.layers.Dense(4, "relu"), m.layers.Dense(4, "tanh")

        def call(self, x):
            code = self.norm(self.proj2(self.proj(self.flat(x))))
            return self.mean(code), self.log_var(code)

    class Decoder(m.layers.Layer):
        def __init__(self):
            super().__init__(name="decoder")
            self.hidden, self.hidden2 = m.layers.Dense(4, "relu"), m.layers.Dense(4, "tanh")
            self.out = m.layers.Dense(36, "sigmoid")

        def call(self, z):
            return self.out(self.hidden2(self.hidden(z)))

    class VAE(m.Model):
        def __init__(self):
            super().__init__()
            self.decoder, self.encoder = Decoder(), Encoder()

        def call(self, x):
            mean, log_var = self.encoder(x)
            return self.decoder(mean + tf.exp(log_var))

    model = VAE()
    model(np.zeros((1, 6, 6, 1), np.float32))
    e, d = model.encoder, model.decoder
    fill({"dense": e.proj, "dense_1": e.proj2, "batch_norm": e.norm, "z_mean": e.mean, "z_log_var": e.log_var,
          "dense_2": d.hidden, "dense_3": d.hidden2, "dense_4": d.out})
    return model


def variants(m):
    """Name: a function that makes the model."""
    every = {"subclass": lambda: subclass(m), "subclass_decoder_first": lambda: subclass(m, made="decoder heads encoder"),
             "subclass_nets": lambda: subclass(m, ("inference_net", "generative_net"), both=True),
             "subclass_ab": lambda: subclass(m, ("a_net", "b_net")), "of_layers": lambda: of_layers(m)}
    for policy in ("bfloat16", "float16", "mixed_bfloat16"):
        every[policy] = lambda policy=policy: functional(m, names=HEADS, policy=policy)
    kinds = {
        "plain": {}, "unnamed_log_var_first": {"first": "z_log_var"}, "unnamed_frozen": {"frozen": "z_mean"},
        "unnamed_reversed": {"outputs": HEADS[::-1]},
        "named_later": {"names": HEADS, "first": "z_log_var", "before": 3},
        "named_reversed": {"names": HEADS, "outputs": HEADS[::-1]}, "named_frozen": {"names": HEADS, "frozen": "z_mean"},
        "named_decoder_first": {"names": HEADS, "made": "decoder encoder heads"},
        "mu_sigma": {"names": ("mu", "log_sigma"), "outputs": HEADS[::-1]}, "all_named": {"names": HEADS, "own_names": True},
        "no_bias": {"names": HEADS, "bias": False}, "no_scale": {"names": HEADS, "norm": {"scale": False}},
        "no_center": {"names": HEADS, "norm": {"center": False}},
        "neither": {"names": HEADS, "norm": {"scale": False, "center": False}},
    }
    for kind, options in kinds.items():
        for nested in (True, False):
            every[f"{'nested' if nested else 'flat'}_{kind}"] = (
                lambda options=options, nested=nested: functional(m, nested, **options))
    every["nested_parts"] = lambda: functional(m, names=HEADS, parts=("my_enc", "my_dec"), made="decoder encoder heads")
    return every


# What Keras 3 has no more, and what a class of its own has no configuration for.
FORMATS = {".h5": lambda m, model, path: model.save_weights(path),
           ".weights.h5": lambda m, model, path: model.save_weights(path),
           ".keras": lambda m, model, path: model.save(path), "-whole.h5": lambda m, model, path: model.save(path)}
FIXTURES = ["nested_named_frozen-2.h5", "nested_unnamed_reversed-3.keras", "subclass_decoder_first-3.weights.h5",
            "subclass_nets-3.weights.h5", "of_layers-3.weights.h5", "flat_no_bias-2.h5", "flat_no_center-2.keras",
            "flat_no_center-3.weights.h5", "flat_mu_sigma-2.h5", "bfloat16-3.weights.h5", "bfloat16-2.h5"]


def write(folder, only=None):
    folder.mkdir(parents=True, exist_ok=True)
    for generation, m in ((3, keras), (2, tf_keras)):
        for name, make in variants(m).items():
            files = [ending for ending in FORMATS if only is None or f"{name}-{generation}{ending}" in only]
            if not functional_variant(name):
                files = [ending for ending in files if ending not in (".keras", "-whole.h5")]
            if generation == 3 and ".h5" in files:
                files.remove(".h5")
            if not files:
                continue
            model = make()
            for ending in files:
                FORMATS[ending](m, model, str(folder / f"{name}-{generation}{ending}"))


def functional_variant(name):
    return not name.startswith(("subclass", "of_layers"))


def main():
    if sys.argv[1] == "fixtures":
        write(pathlib.Path(__file__).resolve().parent.parent / "testthat" / "fixtures" / "keras" / "pair", FIXTURES)
    else:
        write(pathlib.Path(sys.argv[2]))


if __name__ == "__main__":
    main()
