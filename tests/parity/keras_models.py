"""Keras twins of models in their wire form (JSON): the layers are Keras' own, called one by one
so that noise and dropout masks can be injected; the losses are written as in the posts."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import values

MAX_LOG = 80  # exp() of a log deviation is capped there


def set_precision(dtype):
    """For the twins made from now on."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def named_layers(model):
    """Encoder, heads and decoder as (kind, name, layer) with default names filled in."""
    used = {}
    parts = []
    for part in ("encoder", "decoder"):
        part_layers = []
        for layer in model[part]:
            name = layer.get("name")
            if not name:
                n = used.get(layer["kind"], 0)
                used[layer["kind"]] = n + 1
                name = layer["kind"] + (f"_{n}" if n else "")
            part_layers.append(dict(layer, name=name))
        parts.append(part_layers)
    heads = [dict(kind="dense", name=name, units=model["latent_dim"])
             for name in ("z_mean", "z_log_var")]
    return parts[0], heads, parts[1]


def activation_of(layer):
    kind, slope = layer.get("activation", "linear"), layer.get("slope")
    if kind == "leaky_relu":
        return lambda x: keras.activations.leaky_relu(x, negative_slope=slope)
    if kind == "elu":
        return lambda x: keras.activations.elu(x, alpha=slope)
    return keras.activations.get(kind)


def pair(value):
    return tuple(int(v) for v in value) if isinstance(value, list) else (int(value),) * 2


def keras_layer(layer, module=layers):
    kind, name = layer["kind"], layer["name"]
    if kind in ("conv_2d", "conv_2d_transpose"):
        make = module.Conv2D if kind == "conv_2d" else module.Conv2DTranspose
        return make(int(layer["filters"]), pair(layer["kernel_size"]),
                    strides=pair(layer.get("strides", 1)), padding=layer.get("padding", "same"),
                    activation=activation_of(layer), name=name)
    if kind == "dense":
        return module.Dense(int(layer["units"]), activation=activation_of(layer), name=name)
    if kind == "dropout":
        return module.Dropout(layer["rate"], name=name)
    if kind == "batch_norm":
        return module.BatchNormalization(momentum=layer["momentum"], epsilon=layer["epsilon"],
                                         name=name)
    if kind == "flatten":
        return module.Flatten(name=name)
    if kind == "reshape":
        return module.Reshape([int(n) for n in layer["target_shape"]], name=name)
    if kind == "activation":
        return module.Activation(activation_of(layer), name=name)
    raise ValueError(kind)


class Twin:
    """A model in Keras, in the precision that is set, with hashed weights."""

    def __init__(self, model):
        self.model = model
        self.dtype = keras.config.floatx()
        encoder, heads, decoder = named_layers(model)
        self.encoder = [(l, keras_layer(l)) for l in encoder]
        self.heads = [(l, keras_layer(l)) for l in heads]
        self.decoder = [(l, keras_layer(l)) for l in decoder]
        self.input = [int(n) for n in model["input"]]
        self.latent_dim = int(model["latent_dim"])
        # One pass builds the layers.
        self.decode(np.zeros((1, self.latent_dim)))
        self.encode(np.zeros([1] + self.input, np.uint8))
        self.reset()

    def all_layers(self):
        return self.encoder + self.heads + self.decoder

    def parameters(self):
        """name -> Keras variable, in the engine's order."""
        return {f"{spec['name']}/{v.name}": v
                for spec, layer in self.all_layers() for v in layer.weights}

    def trainable(self):
        return {f"{spec['name']}/{v.name}": v
                for spec, layer in self.all_layers() for v in layer.trainable_weights}

    def decoder_names(self):
        return {spec["name"] for spec, _ in self.decoder}

    def reset(self):
        for name, variable in self.parameters().items():
            variable.assign(values.parameter(name, tuple(variable.shape)).astype(self.dtype))

    def x(self, pixels):
        x = tf.cast(pixels, self.dtype) / 255
        if self.model.get("binarize") is not None:
            x = tf.cast(x > self.model["binarize"], self.dtype)
        return x

    def run(self, part, x, step=None):
        """step: None outside training."""
        training = step is not None
        for spec, layer in part:
            if spec["kind"] == "dropout":
                if training:
                    keep = values.mask(spec["name"], tuple(x.shape), spec["rate"], step)
                    x = x * tf.constant(keep / (1 - spec["rate"]), self.dtype)
                layer.build(x.shape)
            elif spec["kind"] == "batch_norm":
                x = layer(x, training=training)
            else:
                x = layer(x)
        return x

    def codes(self, x, step=None):
        code = self.run(self.encoder, x, step)
        return [layer(code) for _, layer in self.heads]

    def encode(self, pixels):
        return [t.numpy() for t in self.codes(self.x(pixels))]

    def decode(self, z):
        x = self.run(self.decoder, tf.constant(z, self.dtype))
        return np.reshape(x.numpy(), [len(z)] + self.input)

    def score(self, pixels):
        mean, _ = self.codes(self.x(pixels))
        # Of the picture: what a decoder gives beyond 0 and 1 is not seen.
        y = tf.clip_by_value(self.run(self.decoder, mean), 0, 1)
        x = tf.reshape(self.x(pixels), [len(pixels), -1])
        return tf.reduce_sum((x - tf.reshape(y, x.shape)) ** 2, axis=1).numpy()

    def losses(self, pixels, noise, kl_weight, step=None):
        """loss without regularization, reconstruction, kl, regularization; as tensors."""
        model = self.model
        x = self.x(pixels)
        mean, s = self.codes(x, step)
        log_sd = s if model["noise"] == "log_sd" else s / 2
        z = mean + tf.exp(tf.minimum(log_sd, MAX_LOG)) * tf.constant(noise, self.dtype)
        y = self.run(self.decoder, z, step)
        x, y = tf.reshape(x, [len(pixels), -1]), tf.reshape(y, [len(pixels), -1])

        kind = model["reconstruction"]["kind"]
        if kind == "squared_error":
            reconstruction = (model["reconstruction"]["scale"] * x.shape[1] *
                              tf.reduce_mean(keras.losses.mean_squared_error(x, y)))
        elif kind == "binary_crossentropy":
            reconstruction = tf.reduce_mean(keras.losses.binary_crossentropy(x, y))
        else:
            reconstruction = -tf.reduce_mean(
                tf.reduce_sum(x * tf.math.log(y) + (1 - x) * tf.math.log1p(-y), axis=1))

        e = lambda v: tf.exp(tf.minimum(v, MAX_LOG))
        kl = model["kl"]
        per_value = {"log_var": lambda: -(1 + s - mean**2 - e(s)) / 2,
                     "log_sd": lambda: (e(2 * s) + mean**2 - 1 - 2 * s) / 2,
                     "log_sd_squared": lambda: (e(2 * s) + mean**2 - 1 + s**2) / 2}[kl["form"]]()
        per_dim = tf.reduce_mean(per_value, axis=0)
        if kl.get("free_bits"):
            per_dim = tf.maximum(per_dim, kl["free_bits"])
        reduce = tf.reduce_mean if kl["reduction"] == "mean" else tf.reduce_sum
        divergence = kl["scale"] * reduce(per_dim)

        penalty = tf.zeros([], self.dtype)
        if model.get("regularizer"):
            everything = model["regularizer"]["on"] == "all"
            for name, variable in self.trainable().items():
                if everything or name.split("/")[0] in self.decoder_names():
                    penalty += model["regularizer"]["l2"] * tf.reduce_sum(variable.value**2)
        return reconstruction + kl_weight * divergence, reconstruction, divergence, penalty

    def noise(self, batch, step):
        return values.noise((batch, self.latent_dim), step)

    def pixels(self, batch, step):
        return values.pixels([batch] + self.input, step)

    def gradients(self, batch, kl_weight, step=0):
        """Losses (numbers) and gradients (name -> array, without regularization)."""
        variables = self.trainable()
        with tf.GradientTape() as tape:
            parts = self.losses(self.pixels(batch, step), self.noise(batch, step), kl_weight, step)
        grads = tape.gradient(parts[0], [v.value for v in variables.values()])
        return as_numbers(parts), {k: g.numpy() for k, g in zip(variables, grads)}

    def step(self, optimizer, batch, kl_weight, step):
        variables = list(self.trainable().values())
        with tf.GradientTape() as tape:
            parts = self.losses(self.pixels(batch, step), self.noise(batch, step), kl_weight, step)
            total = parts[0] + parts[3]
        grads = tape.gradient(total, [v.value for v in variables])
        optimizer.apply_gradients(zip(grads, variables))
        return as_numbers(parts)


def as_numbers(parts):
    """[loss, reconstruction, kl, regularization]"""
    first, *rest = [float(p) for p in parts]
    return np.array([first + rest[-1], *rest])


def keras_optimizer(spec):
    """Keras 3's rule for an optimizer's wire form."""
    clip = {}
    if spec.get("clipnorm"):
        clip["global_clipnorm"] = spec["clipnorm"]
    if spec.get("clipvalue"):
        clip["clipvalue"] = spec["clipvalue"]
    rate = spec["learning_rate"]
    if spec["kind"] == "rmsprop":
        if not spec.get("epsilon_inside", True):
            return OldRmsprop(spec)
        return keras.optimizers.RMSprop(rate, rho=spec["rho"], momentum=float(spec["momentum"]),
                                        epsilon=spec["epsilon"], **clip)
    if spec["kind"] == "adam":
        return keras.optimizers.Adam(rate, spec["beta_1"], spec["beta_2"], spec["epsilon"],
                                     weight_decay=spec["weight_decay"] or None, **clip)
    return keras.optimizers.SGD(rate, momentum=float(spec["momentum"]), nesterov=spec["nesterov"], **clip)


class OldRmsprop:
    """RMSprop of Keras up to 2.10, as tf-keras keeps it; on its own variables."""

    def __init__(self, spec):
        import tf_keras

        tf_keras.backend.set_floatx(keras.config.floatx())
        self.rule = tf_keras.optimizers.legacy.RMSprop(
            spec["learning_rate"], rho=spec["rho"], momentum=float(spec["momentum"]),
            epsilon=spec["epsilon"])
        self.copies = None

    def apply_gradients(self, pairs):
        pairs = list(pairs)
        if self.copies is None:
            self.copies = [tf.Variable(v.value) for _, v in pairs]
        self.rule.apply_gradients((g, c) for (g, _), c in zip(pairs, self.copies))
        for (_, variable), copy in zip(pairs, self.copies):
            variable.assign(copy)
