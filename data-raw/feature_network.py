"""Trains the small network whose features drawing_quality() compares, on drawings made here:

    python data-raw/feature_network.py

needs torch, numpy and pillow; takes about five minutes of one core and writes
inst/extdata/feature_network.safetensors, which is read as any saved model is: its codes (z_mean) are the features.
The network learns to name what a drawing shows (sixteen kinds of doodles, drawn by the functions below) and to say how
much it was damaged and how (blur, noise, holes, ...), so that its features know shapes and strokes. No real drawing was
used.
"""
import json
import math
import struct

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import nn

FEATURES = 48
SIZE = 28
GRID = 4  # doodles are drawn so many times larger, then scaled down, as Quick, Draw! does

# ---- doodles: lists of strokes in a square of side 1 ------------------------------------------------------------


def ellipse(rng, x, y, a, b, turn=0.0, wobble=0.03, start=0.0, share=1.0):
    angle = start + np.linspace(0, 2 * math.pi * share, 24)
    r = 1 + wobble * (np.sin(3 * angle + rng.uniform(0, 6)) + np.sin(2 * angle + rng.uniform(0, 6)))
    px, py = a * r * np.cos(angle), b * r * np.sin(angle)
    return np.stack([x + px * math.cos(turn) - py * math.sin(turn), y + px * math.sin(turn) + py * math.cos(turn)], 1)


def line(rng, x0, y0, x1, y1, wobble=0.015):
    t = np.linspace(0, 1, 6)[:, None]
    return np.array([[x0, y0]]) * (1 - t) + np.array([[x1, y1]]) * t + rng.normal(0, wobble, (6, 2))


def polygon(rng, corners):
    return np.concatenate([line(rng, *a, *b) for a, b in zip(corners, corners[1:] + corners[:1])])


def cloud(rng, x, y, a, b, bumps):
    strokes = []
    for i in range(bumps):
        at = 2 * math.pi * (i + rng.uniform(-0.1, 0.1)) / bumps
        strokes.append(ellipse(rng, x + a * math.cos(at), y + b * math.sin(at), a * 0.5, b * 0.5, start=at - 1.6, share=0.5))
    return [np.concatenate(strokes + [strokes[0][:1]])]


def animal(rng, woolly):
    """A body, a head, legs, ears or none, a tail or none."""
    side = rng.choice([-1, 1])
    a, b = rng.uniform(0.2, 0.3), rng.uniform(0.13, 0.2)
    x, y = 0.5 - side * 0.06, 0.47
    strokes = cloud(rng, x, y, a * 0.8, b * 0.8, rng.integers(6, 11)) if woolly else [ellipse(rng, x, y, a, b)]
    hx, hy, hr = x + side * (a + rng.uniform(0.02, 0.08)), y - rng.uniform(0, 0.14), rng.uniform(0.07, 0.11)
    strokes.append(ellipse(rng, hx, hy, hr, hr * rng.uniform(0.8, 1.3)))
    for at in np.linspace(-0.7, 0.7, rng.integers(2, 5)):
        strokes.append(line(rng, x + at * a, y + b * 0.8, x + at * a + rng.normal(0, 0.02), y + b + rng.uniform(0.12, 0.25)))
    if rng.random() < 0.6:
        strokes.append(line(rng, hx - hr * 0.5, hy - hr, hx - hr * 0.8, hy - hr - 0.08))
        strokes.append(line(rng, hx + hr * 0.5, hy - hr, hx + hr * 0.8, hy - hr - 0.08))
    if rng.random() < 0.5:
        strokes.append(ellipse(rng, hx + side * hr * 0.3, hy - hr * 0.2, 0.012, 0.012))
    if rng.random() < 0.4:
        strokes.append(line(rng, x - side * a, y, x - side * (a + 0.08), y + rng.uniform(-0.1, 0.1)))
    return strokes


def face(rng):
    strokes = [ellipse(rng, 0.5, 0.5, rng.uniform(0.25, 0.35), rng.uniform(0.28, 0.38))]
    strokes += [ellipse(rng, x, 0.42, 0.03, 0.03) for x in (0.4, 0.6)]
    strokes.append(ellipse(rng, 0.5, 0.58, 0.12, 0.07 * rng.choice([-1, 1]), start=0.2, share=0.45))
    if rng.random() < 0.5:
        strokes += [polygon(rng, [(x - 0.07, 0.22), (x, 0.06), (x + 0.07, 0.22)]) for x in (0.33, 0.67)]
    return strokes


def house(rng):
    w, h = rng.uniform(0.2, 0.3), rng.uniform(0.15, 0.22)
    strokes = [polygon(rng, [(0.5 - w, 0.45), (0.5 + w, 0.45), (0.5 + w, 0.5 + 2 * h), (0.5 - w, 0.5 + 2 * h)])]
    strokes.append(polygon(rng, [(0.5 - w, 0.45), (0.5, rng.uniform(0.12, 0.25)), (0.5 + w, 0.45)]))
    if rng.random() < 0.7:
        strokes.append(polygon(rng, [(0.45, 0.5 + 2 * h), (0.45, 0.62), (0.56, 0.62), (0.56, 0.5 + 2 * h)]))
    return strokes


def car(rng):
    strokes = [polygon(rng, [(0.12, 0.5), (0.28, 0.5), (0.36, 0.33), (0.64, 0.33), (0.72, 0.5), (0.88, 0.5), (0.88, 0.65), (0.12, 0.65)])]
    return strokes + [ellipse(rng, x, 0.67, 0.08, 0.08) for x in (0.3, 0.7)]


def flower(rng):
    n = rng.integers(4, 8)
    strokes = [ellipse(rng, 0.5, 0.35, 0.06, 0.06), line(rng, 0.5, 0.45, 0.5, 0.92)]
    for i in range(n):
        at = 2 * math.pi * i / n
        strokes.append(ellipse(rng, 0.5 + 0.15 * math.cos(at), 0.35 + 0.15 * math.sin(at), 0.09, 0.06, turn=at))
    return strokes


def fish(rng):
    side = rng.choice([-1, 1])
    strokes = [ellipse(rng, 0.5, 0.5, rng.uniform(0.2, 0.28), rng.uniform(0.1, 0.17))]
    strokes.append(polygon(rng, [(0.5 - side * 0.25, 0.5), (0.5 - side * 0.4, 0.38), (0.5 - side * 0.4, 0.62)]))
    return strokes + [ellipse(rng, 0.5 + side * 0.13, 0.46, 0.02, 0.02)]


def tree(rng):
    return cloud(rng, 0.5, 0.35, 0.2, 0.2, rng.integers(5, 10)) + [line(rng, x, 0.58, x, 0.9) for x in (0.44, 0.56)]


def sun(rng):
    strokes = [ellipse(rng, 0.5, 0.5, 0.16, 0.16)]
    for at in np.linspace(0, 2 * math.pi, rng.integers(6, 11), endpoint=False):
        strokes.append(line(rng, 0.5 + 0.21 * math.cos(at), 0.5 + 0.21 * math.sin(at), 0.5 + 0.36 * math.cos(at), 0.5 + 0.36 * math.sin(at)))
    return strokes


def fruit(rng):
    return [ellipse(rng, 0.5, 0.55, rng.uniform(0.2, 0.3), rng.uniform(0.22, 0.3), wobble=0.06), line(rng, 0.5, 0.3, 0.56, 0.14),
            ellipse(rng, 0.63, 0.2, 0.08, 0.04, turn=-0.5)]


def bird(rng):
    side = rng.choice([-1, 1])
    return [ellipse(rng, 0.5, 0.55, 0.22, 0.14, turn=-0.3 * side), ellipse(rng, 0.5 + side * 0.22, 0.36, 0.09, 0.09),
            polygon(rng, [(0.5 + side * 0.3, 0.34), (0.5 + side * 0.42, 0.38), (0.5 + side * 0.3, 0.41)]),
            line(rng, 0.46, 0.68, 0.44, 0.86), line(rng, 0.56, 0.68, 0.56, 0.86)]


def star(rng):
    n = rng.integers(4, 7)
    points = []
    for i in range(2 * n):
        at, r = math.pi * i / n - math.pi / 2, 0.38 if i % 2 == 0 else 0.17
        points.append((0.5 + r * math.cos(at), 0.5 + r * math.sin(at)))
    return [polygon(rng, points)]


def spiral(rng):
    at = np.linspace(0, rng.uniform(3, 7) * math.pi, 60)
    r = 0.4 * at / at[-1]
    return [np.stack([0.5 + r * np.cos(at), 0.5 + r * np.sin(at)], 1)]


def boat(rng):
    return [polygon(rng, [(0.15, 0.62), (0.85, 0.62), (0.7, 0.8), (0.3, 0.8)]), line(rng, 0.5, 0.62, 0.5, 0.15),
            polygon(rng, [(0.5, 0.17), (0.78, 0.52), (0.5, 0.52)])]


def scribble(rng):
    at = np.linspace(0, 1, 40)[:, None]
    waves = sum(rng.normal(0, 0.35 / k, (1, 2)) * np.sin(2 * math.pi * k * at + rng.uniform(0, 6, (1, 2))) for k in range(1, 6))
    return [0.5 + waves * 0.5]


KINDS = [lambda r: animal(r, True), lambda r: animal(r, False), face, house, car, flower, fish, tree, sun, fruit, bird, star,
         spiral, boat, scribble, lambda r: [polygon(r, [(0.2, 0.25), (0.8, 0.25), (0.8, 0.75), (0.2, 0.75)])]]


def shaken(rng, strokes):
    """Another size, place, slant and shake of the hand; the whole in the square's bulk."""
    turn, slant = rng.normal(0, 0.1), rng.normal(0, 0.1)
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ np.array([[1, slant], [0, 1]])
    strokes = [(s - 0.5) @ turned.T + rng.normal(0, 0.006, s.shape) for s in strokes]
    low, high = np.min([s.min(0) for s in strokes], 0), np.max([s.max(0) for s in strokes], 0)
    scale = rng.uniform(0.8, 0.97) / max(high - low)
    return [(s - (low + high) / 2) * scale * np.array([1, rng.uniform(0.85, 1)]) + 0.5 for s in strokes]


def painted(strokes, width):
    picture = Image.new("L", (SIZE * GRID, SIZE * GRID), 0)
    draw = ImageDraw.Draw(picture)
    for s in strokes:
        points = [tuple(p) for p in s * SIZE * GRID]
        draw.line(points, fill=255, width=max(1, round(width)), joint="curve")
    return np.asarray(picture.resize((SIZE, SIZE), Image.BOX), dtype=np.float32) / 255


# ---- what is done to a drawing, by a degree from 0 to 1 ---------------------------------------------------------


def blurred(rng, x, degree):
    picture = Image.fromarray((x * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2 * degree))
    return np.asarray(picture, dtype=np.float32) / 255


def noisy(rng, x, degree):
    return np.clip(x + rng.normal(0, 0.4 * degree, x.shape), 0, 1)


def holes(rng, x, degree):
    x = x.copy()
    for _ in range(round(6 * degree)):
        r, c, s = rng.integers(0, SIZE - 4), rng.integers(0, SIZE - 4), rng.integers(4, 8)
        x[r:r + s, c:c + s] = 0
    return x


def pale(rng, x, degree):
    return x * (1 - 0.75 * degree)


def hard(rng, x, degree):
    return x + degree * ((x > 0.5) - x)


def patches(rng, x, degree):
    """Pieces of the drawing in other places."""
    x = x.copy()
    for _ in range(round(4 * degree)):
        s = rng.integers(6, 12)
        a, b = rng.integers(0, SIZE - s, 2), rng.integers(0, SIZE - s, 2)
        x[b[0]:b[0] + s, b[1]:b[1] + s] = x[a[0]:a[0] + s, a[1]:a[1] + s].copy()
    return x


def specks(rng, x, degree):
    return np.where(rng.random(x.shape) < 0.12 * degree, 1 - x, x)


DAMAGES = [blurred, noisy, holes, pale, hard, patches, specks]


def drawing(rng):
    kind = rng.integers(len(KINDS))
    x = painted(shaken(rng, KINDS[kind](rng)), rng.uniform(4.5, 8.5))
    degrees = np.zeros(len(DAMAGES), np.float32)
    if rng.random() < 0.65:
        which = rng.integers(len(DAMAGES))
        degree = rng.random()
        x = DAMAGES[which](rng, x, degree)
        degrees[which] = degree
    return x, kind, degrees


def drawings(n, seed):
    rng = np.random.default_rng(seed)
    x, kind, degrees = zip(*(drawing(rng) for _ in range(n)))
    pixels = torch.from_numpy(np.stack(x).astype(np.float32)).unsqueeze(1)
    return torch.round(pixels * 255) / 255, torch.tensor(kind), torch.from_numpy(np.stack(degrees))


# ---- the network ------------------------------------------------------------------------------------------------

CONVOLUTIONS = [(1, 16, 1), (16, 24, 2), (24, 32, 1), (32, 40, 2), (40, 32, 2)]  # channels in and out, stride


class SamePad(nn.Module):
    """Keras' 'same' for 3 x 3: of an even size with stride 2 the one row of zeros goes to the end."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        total = max((math.ceil(x.shape[2] / self.stride) - 1) * self.stride + 3 - x.shape[2], 0)
        before = total // 2
        return nn.functional.pad(x, (before, total - before, before, total - before))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*(nn.Sequential(SamePad(s), nn.Conv2d(i, o, 3, s, bias=False), nn.BatchNorm2d(o), nn.ReLU())
                                    for i, o, s in CONVOLUTIONS))
        self.features = nn.Linear(4 * 4 * CONVOLUTIONS[-1][1], FEATURES)
        self.kind = nn.Linear(FEATURES, len(KINDS))
        self.damage = nn.Linear(FEATURES, len(DAMAGES))

    def forward(self, x):
        flat = self.body(x).permute(0, 2, 3, 1).flatten(1)  # rows, columns, channels, as Keras flattens
        f = self.features(nn.functional.dropout(flat, 0.2, self.training))
        return f, self.kind(torch.relu(f)), self.damage(torch.relu(f))


def train():
    torch.manual_seed(1)
    network = Network()
    count, batch, epochs = 40000, 100, 12
    x, kind, degrees = drawings(count, 1)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=epochs * (count // batch))
    for epoch in range(epochs):
        network.train()
        order = torch.randperm(count)
        for i in range(0, count, batch):
            rows = order[i:i + batch]
            _, k, d = network(x[rows])
            # A degree that is wrong by a third costs as much as a kind in doubt.
            loss = nn.functional.cross_entropy(k, kind[rows], label_smoothing=0.05) + 10 * nn.functional.mse_loss(d, degrees[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print("epoch", epoch + 1, "loss", round(loss.item(), 3), flush=True)
    network.eval()
    x, kind, degrees = drawings(4000, 2)
    with torch.no_grad():
        f, k, d = network(x)
    print("kinds named rightly:", (k.argmax(1) == kind).float().mean().item(), "error of degrees:", (d - degrees).square().mean().sqrt().item())
    return network, f


# ---- the file ---------------------------------------------------------------------------------------------------


def conv_weights(block):
    """A convolution with the batch norm after it folded in; Keras' layout (rows, columns, in, out)."""
    conv, norm = block[1], block[2]
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    kernel = conv.weight * scale[:, None, None, None]
    return kernel.permute(2, 3, 1, 0), norm.bias - norm.running_mean * scale


def tensors(network, features):
    """Features are scaled to mean 0 and a total variance of FEATURES, in the dense layer."""
    found = {}
    for i, block in enumerate(network.body):
        name = "conv_2d" if i == 0 else f"conv_2d_{i}"
        found[f"{name}/kernel"], found[f"{name}/bias"] = conv_weights(block)
    scale = 1 / math.sqrt(features.var(0).mean().item())
    found["dense/kernel"] = network.features.weight.t() * scale
    found["dense/bias"] = (network.features.bias - features.mean(0)) * scale
    return {name: value.detach().contiguous().float() for name, value in found.items()}


if __name__ == "__main__":
    network, features = train()
    saved = tensors(network, features)
    header, place = {}, 0
    for name, value in saved.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [place, place + 4 * value.numel()]}
        place += 4 * value.numel()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open("build/feature_weights.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(v.numpy().tobytes() for v in saved.values()))
