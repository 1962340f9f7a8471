"""PyTorch's side of the comparison: the posts' models as a PyTorch user writes them (channels last,
foreach optimizer), eager or compiled, on a CPU or a GPU.
usage: python bench/torch_peer.py train|score sheep|digits|binary BATCH
           [eager|compile] [cpu|cuda] [float32|tf32|bf16] [STEPS]
`train` prints the median and the fastest of five passes of STEPS steps; `score` of five passes over
1,024 drawings. `compile` is torch.compile of forward and loss, backward included, and a compiled
optimizer step; on a GPU in mode "reduce-overhead" (CUDA graphs)."""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

verb, name, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
mode, device, precision, steps = (sys.argv[4:] + ["eager", "cpu", "float32", "100"][len(sys.argv) - 4:])[:4]
steps = int(steps)

torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = precision != "float32"
torch.backends.cudnn.allow_tf32 = precision != "float32"


def norm(n):
    return nn.BatchNorm1d(n, eps=1e-3, momentum=0.01)


class Same(nn.Module):
    """Keras' 'same': the odd pixel of padding comes after."""

    def __init__(self, i, o, k, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, stride)
        total = max(k - stride, 0)
        self.pad = (total // 2, total - total // 2) * 2

    def forward(self, x):
        return self.conv(F.pad(x, self.pad))


class SameTransposed(nn.Module):
    def __init__(self, i, o, k, stride=1):
        super().__init__()
        self.conv, self.stride = nn.ConvTranspose2d(i, o, k, stride), stride
        self.cut = max(k - stride, 0) // 2

    def forward(self, x):
        rows, columns = (n * self.stride for n in x.shape[2:])
        return self.conv(x)[:, :, self.cut:self.cut + rows, self.cut:self.cut + columns]


class Image(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.shape = (-1, channels, side, side)

    def forward(self, x):
        return x.view(self.shape).contiguous(memory_format=torch.channels_last)


def convs(kind, k, *sizes):
    return [part for i, o in zip(sizes, sizes[1:]) for part in (kind(i, o, k), nn.ReLU())]


def parts():
    relu, drop = nn.ReLU, lambda: nn.Dropout(0.1)
    if name == "sheep":
        return 2, 25, (
            *convs(Same, 4, 1, 10, 20, 40, 80), nn.Flatten(),
            nn.Linear(62720, 100), relu(), drop(), norm(100), nn.Linear(100, 50), relu(), drop(),
            norm(50), nn.Linear(50, 25), relu()), (
            nn.Linear(2, 25), relu(), drop(), norm(25), nn.Linear(25, 50), relu(),
            nn.Linear(50, 100), relu(), nn.Linear(100, 62720), relu(), Image(80, 28),
            *convs(SameTransposed, 4, 80, 80, 40, 20), SameTransposed(20, 10, 4, 2), relu(),
            Same(10, 1, 4, 2), nn.Sigmoid())
    if name == "digits":
        return 4, 32, (
            *convs(Same, 3, 1, 32), Same(32, 64, 3, 2), relu(), *convs(Same, 3, 64, 64, 64),
            nn.Flatten(), nn.Linear(12544, 32), relu()), (
            nn.Linear(4, 12544), relu(), Image(64, 14), SameTransposed(64, 32, 3, 2), relu(),
            Same(32, 1, 2), nn.Sigmoid())
    return 5, 500, (nn.Flatten(), nn.Linear(784, 500), nn.Tanh()), (
        nn.Linear(5, 500), nn.Tanh(), nn.Linear(500, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        latent, code, encoder, decoder = parts()
        self.encoder, self.decoder = nn.Sequential(*encoder), nn.Sequential(*decoder)
        self.mean, self.log_var = nn.Linear(code, latent), nn.Linear(code, latent)

    def forward(self, x):
        h = self.encoder(x)
        mean, log_var = self.mean(h).float(), self.log_var(h).float()
        y = self.decoder(mean + torch.exp(log_var) * torch.randn_like(mean)).float()
        if name == "binary":
            kl = 0.5 * (torch.exp(2 * log_var) + mean**2 - 1 - 2 * log_var).sum(1)
            l2 = sum((w**2).sum() for w in self.decoder.parameters())
            return F.binary_cross_entropy(y, x, reduction="sum") / len(x) + kl.mean() + 0.01 * l2
        kl = 0.5 * (torch.exp(log_var) + mean**2 - 1 - log_var).mean()
        if name == "digits":
            return F.binary_cross_entropy(y, x) + 1e-3 * kl
        return 2 * 784 * F.mse_loss(y, x) + kl


model = Vae().to(device).to(memory_format=torch.channels_last)
kind = torch.optim.Adam if name == "binary" else torch.optim.RMSprop
more = {} if name == "binary" else dict(alpha=0.9, eps=1e-7)
compiled_on_gpu = mode == "compile" and device == "cuda"
optimizer = kind(model.parameters(), lr=1e-3, foreach=True, capturable=compiled_on_gpu, **more)
x = torch.rand(batch, 1, 28, 28, device=device)
if name == "binary":
    x = x.round()


def loss_of(x):
    # Binary cross entropy may not run under autocast: outside it, on floats.
    with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
        return model(x)


forward, move = loss_of, optimizer.step
if mode == "compile":
    options = dict(mode="reduce-overhead") if device == "cuda" else {}
    forward, move = torch.compile(loss_of, **options), torch.compile(optimizer.step, **options)


keep_gradients = mode == "compile" and device == "cpu"


def step():
    if compiled_on_gpu:
        torch.compiler.cudagraph_mark_step_begin()
    optimizer.zero_grad(set_to_none=not keep_gradients)
    forward(x).backward()
    move()


drawings = torch.rand(1024, 1, 28, 28, device=device)


def score():
    with torch.no_grad():
        errors = []
        for first in range(0, len(drawings), batch):
            some = drawings[first:first + batch]
            errors.append(((some - model.decoder(model.mean(model.encoder(some)))) ** 2).sum((1, 2, 3)))
        torch.cat(errors).cpu()


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def one_pass():
    if verb == "score":
        return score()
    for _ in range(steps):
        step()


if verb == "score":
    model.eval()
else:
    try:
        for _ in range(5):
            step()
    except RuntimeError:
        # Gradients in memory of a CUDA graph do not outlive its next run: give them memory of their own.
        if not compiled_on_gpu:
            raise
        keep_gradients = True
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        for _ in range(5):
            step()
seconds = []
for i in range(6):
    wait()
    began = time.time()
    one_pass()
    wait()
    if i:
        seconds.append(time.time() - began)
seconds.sort()
title = f"torch {torch.__version__} {verb} {name} {mode} {device} {precision} batch {batch}"
if verb == "train":
    print(f"{title}: median {seconds[2] / steps * 1e3:.3f} fastest {seconds[0] / steps * 1e3:.3f} ms/step")
else:
    print(f"{title}: median {seconds[2]:.3f} fastest {seconds[0]:.3f} s")
