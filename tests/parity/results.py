"""What is compared: the same named results from a Keras twin and from parity_engine."""
import json
import struct

import numpy as np

import values


def forward(twin, batch, kl_weight):
    """Encodings, decodings, scores, losses, gradients; gradients also of a batch of one."""
    twin.reset()
    pixels = values.pixels([batch] + twin.input)
    mean, log_var = twin.encode(pixels)
    out = {
        "encode/mean": mean,
        "encode/log_var": log_var,
        "decode": twin.decode(values.codes((batch, twin.latent_dim))),
        "score": twin.score(pixels),
    }
    parts = twin.losses(pixels, twin.noise(batch, 0), kl_weight)
    out["losses/evaluate"] = np.array([float(parts[0]) + float(parts[3]), *map(float, parts[1:])])
    for label, n in (("batch", batch), ("one", 1)):
        out[f"losses/{label}"], gradients = twin.gradients(n, kl_weight)
        out.update({f"gradient/{label}/{k}": g for k, g in gradients.items()})
    return out


def steps(twin, optimizer, batch, kl_weight, count=10):
    """Losses of each step, and all parameters, moving averages included, after the last."""
    twin.reset()
    losses = [twin.step(optimizer, batch, kl_weight, step) for step in range(count)]
    out = {"losses/steps": np.array(losses)}
    out.update({f"after/{k}": v.numpy() for k, v in twin.parameters().items()})
    return out


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    types = {"F32": np.float32, "F64": np.float64}
    return {
        name: np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items() if name != "__metadata__"
    }


SAMPLES = 16


def summary(name, tensor):
    """Small tensors whole; of others the sum, the norm, the largest size and 16 hashed entries."""
    flat = np.asarray(tensor, np.float64).ravel()
    if flat.size <= SAMPLES + 3:
        return {"values": flat.tolist()}
    at = values.hashed("sample/" + name, SAMPLES) % np.uint64(flat.size)
    return {"sum": flat.sum(), "norm": np.linalg.norm(flat), "max": np.abs(flat).max(),
            "sampled": flat[at.astype(np.int64)].tolist()}


def of_range(a, b):
    """Largest difference of a from b, as a share of b's range."""
    a, b = np.asarray(a, np.float64).ravel(), np.asarray(b, np.float64).ravel()
    if a.size != b.size:
        return np.inf
    difference = np.abs(a - b).max()
    # One value, or all alike: of the value.
    scale = max(b.max() - b.min(), 1e-3 * np.abs(b).max(), 1e-300)
    return difference / scale if np.isfinite(difference) else np.inf
