"""The written integer hash that weights, inputs, noise and masks come from, on both sides.

tests/cpp/hashed.h is the engine's twin of this file, tests/testthat/helper-hash.R is R's.
"""
import numpy as np

MASK = (1 << 64) - 1


def fnv1a64(name):
    h = 14695981039346656037
    for byte in name.encode():
        h = ((h ^ byte) * 1099511628211) & MASK
    return h


def hashed(name, n, first=0):
    """splitmix64(fnv1a64(name) + i) for i = first, ..., first + n - 1."""
    with np.errstate(over="ignore"):
        x = np.arange(first, first + n, dtype=np.uint64) + np.uint64(fnv1a64(name))
        x += np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def uniform(name, n, first=0):
    """In [0, 1), 24 bits."""
    return (hashed(name, n, first) >> np.uint64(40)).astype(np.float64) / 2**24


def symmetric(name, n, first=0):
    return 2 * uniform(name, n, first) - 1


def parameter(name, shape):
    """Values of a parameter, in Keras' layout."""
    t = symmetric(name, int(np.prod(shape))).reshape(shape)
    role = name.rsplit("/", 1)[1]
    if role == "kernel":
        field = int(np.prod(shape[:-2]))
        return t * np.sqrt(6 / (field * (shape[-2] + shape[-1])))
    return {"bias": 0.05 * t, "beta": 0.05 * t, "gamma": 1 + 0.1 * t, "moving_mean": 0.1 * t,
            "moving_variance": 1 + 0.5 * t}[role]


def pixels(shape, step=0):
    n = int(np.prod(shape))
    h = hashed("input", n, step * n) >> np.uint64(40)
    return (h & np.uint64(255)).astype(np.uint8).reshape(shape)


def noise(shape, step=0):
    n = int(np.prod(shape))
    return 2 * symmetric("noise", n, step * n).reshape(shape)


def codes(shape):
    return 2 * symmetric("code", int(np.prod(shape))).reshape(shape)


def mask(layer, shape, rate, step=0):
    """1 where a value is kept."""
    n = int(np.prod(shape))
    return (uniform("mask/" + layer, n, step * n) >= rate).astype(np.float64).reshape(shape)
