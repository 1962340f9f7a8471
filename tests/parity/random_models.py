"""Random models of the builders, in the wire form; the same ones every time."""
import random

ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "softplus", "leaky_relu", "elu"]


def activation(r):
    kind = r.choice(ACTIVATIONS)
    fields = {"activation": kind}
    if kind in ("leaky_relu", "elu"):
        # Exact in float32, which is what TensorFlow keeps leaky_relu's slope in.
        fields["slope"] = r.choice([0.125, 0.25, 1.0])
    return fields


def out_size(n, k, s, padding):
    return -(-n // s) if padding == "same" else (n - k) // s + 1


def transpose_size(n, k, s, padding):
    return n * s if padding == "same" else n * s + max(k - s, 0)


def between(r):
    """What may stand between two layers."""
    return r.choice([
        [], [], [{"kind": "dropout", "rate": r.choice([0.1, 0.25, 0.5])}],
        [{"kind": "batch_norm", "momentum": r.choice([0.9, 0.99]), "epsilon": 1e-3}],
        [dict(kind="activation", **activation(r))],
    ])


def conv(r, shape, kind, size):
    while True:
        padding = r.choice(["same", "same", "valid"])
        kernel = [r.randint(1, 5), r.randint(1, 5)]
        strides = [r.randint(1, 3), r.randint(1, 3)] if r.random() < 0.6 else [1, 1]
        filters = r.randint(1, 6)
        out = [size(n, k, s, padding) for n, k, s in zip(shape, kernel, strides)]
        if min(out) >= 2 and max(out) <= 48:
            layer = dict(kind=kind, filters=filters, kernel_size=kernel, strides=strides,
                         padding=padding, **activation(r))
            return layer, out + [filters]


def random_model(seed):
    r = random.Random(seed)
    rows, columns = r.choice([(28, 28), (17, 23), (9, 12), (21, 21), (13, 8)])
    latent_dim = r.randint(1, 6)

    encoder, shape = [], [rows, columns, 1]
    for _ in range(r.randint(0, 3)):
        layer, shape = conv(r, shape, "conv_2d", out_size)
        encoder += [layer] + between(r)
    encoder.append({"kind": "flatten"})
    for _ in range(r.randint(0, 2)):
        encoder += [dict(kind="dense", units=r.randint(2, 40), **activation(r))] + between(r)

    decoder = []
    for _ in range(r.randint(0, 2)):
        decoder += [dict(kind="dense", units=r.randint(2, 40), **activation(r))] + between(r)
    if r.random() < 0.7:
        small = [r.randint(2, 6), r.randint(2, 6), r.randint(1, 5)]
        decoder += [dict(kind="dense", units=small[0] * small[1] * small[2], **activation(r)),
                    {"kind": "reshape", "target_shape": small}]
        shape = small
        for _ in range(r.randint(1, 3)):
            layer, shape = conv(r, shape, "conv_2d_transpose", transpose_size)
            decoder += [layer] + between(r)
        if r.random() < 0.5:
            layer, shape = conv(r, shape, "conv_2d", out_size)
            decoder += [layer]
        decoder.append({"kind": "flatten"})
    last = r.choice(["sigmoid", "sigmoid", "linear"])
    decoder.append({"kind": "dense", "units": rows * columns, "activation": last})

    kinds = ["squared_error"] + (["binary_crossentropy", "bernoulli"] if last == "sigmoid" else [])
    reconstruction = {"kind": r.choice(kinds)}
    if reconstruction["kind"] == "squared_error":
        reconstruction["scale"] = r.choice([0.5, 1, 2])
    return {
        "name": f"random {seed}", "input": [rows, columns, 1], "encoder": encoder,
        "latent_dim": latent_dim, "decoder": decoder, "reconstruction": reconstruction,
        "kl": {"form": r.choice(["log_var", "log_sd", "log_sd_squared"]),
               "reduction": r.choice(["sum", "mean"]), "scale": r.choice([1, 2]),
               "weight": r.choice([1, 0.05]), "free_bits": r.choice([0, 0, 0.05])},
        "noise": r.choice(["log_sd", "log_var"]),
        "regularizer": r.choice([None, {"l2": 0.01, "on": "decoder"}, {"l2": 0.003, "on": "all"}]),
        "binarize": r.choice([None, None, 0.5]),
        "recipe": {},
    }
