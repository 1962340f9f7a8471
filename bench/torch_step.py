"""PyTorch's side of the GPU comparison: one training step of the sheep model as a PyTorch user
writes it (channels last, foreach RMSprop), eager or compiled with CUDA graphs.
usage: python bench/torch_step.py BATCH [eager|compile] [cuda|cpu] [float32|tf32|bf16] [STEPS]
Prints the median and the fastest of five passes; `compile` is torch.compile of forward and loss
in mode "reduce-overhead" (CUDA graphs), backward included, and a compiled optimizer step."""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

batch = int(sys.argv[1])
mode = sys.argv[2] if len(sys.argv) > 2 else "eager"
device = sys.argv[3] if len(sys.argv) > 3 else "cuda"
precision = sys.argv[4] if len(sys.argv) > 4 else "float32"
steps = int(sys.argv[5]) if len(sys.argv) > 5 else 100

torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = precision != "float32"
torch.backends.cudnn.allow_tf32 = precision != "float32"


def norm(n):
    return nn.BatchNorm1d(n, eps=1e-3, momentum=0.01)


class Sheep(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(
            nn.Conv2d(i, o, 4) for i, o in [(1, 10), (10, 20), (20, 40), (40, 80)])
        self.encoder = nn.Sequential(
            nn.Linear(62720, 100), nn.ReLU(), nn.Dropout(0.1), norm(100),
            nn.Linear(100, 50), nn.ReLU(), nn.Dropout(0.1), norm(50), nn.Linear(50, 25), nn.ReLU())
        self.mean, self.log_var = nn.Linear(25, 2), nn.Linear(25, 2)
        self.decoder = nn.Sequential(
            nn.Linear(2, 25), nn.ReLU(), nn.Dropout(0.1), norm(25), nn.Linear(25, 50), nn.ReLU(),
            nn.Linear(50, 100), nn.ReLU(), nn.Linear(100, 62720), nn.ReLU())
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(i, o, 4) for i, o in [(80, 80), (80, 40), (40, 20)])
        self.wide = nn.ConvTranspose2d(20, 10, 4, stride=2, padding=1)
        self.out = nn.Conv2d(10, 1, 4, stride=2, padding=1)

    def forward(self, x):
        h = x
        for conv in self.down:
            h = F.relu(conv(F.pad(h, (1, 2, 1, 2))))
        h = self.encoder(h.flatten(1))
        mean, log_var = self.mean(h).float(), self.log_var(h).float()
        z = mean + torch.exp(log_var) * torch.randn_like(mean)
        h = self.decoder(z).view(-1, 80, 28, 28).contiguous(memory_format=torch.channels_last)
        for conv in self.up:
            h = F.relu(conv(h)[:, :, 1:29, 1:29])
        y = torch.sigmoid(self.out(F.relu(self.wide(h))))
        kl = 0.5 * (torch.exp(log_var) + mean**2 - 1 - log_var).mean()
        return 2 * 784 * F.mse_loss(y.float(), x) + kl


model = Sheep().to(device).to(memory_format=torch.channels_last)
optimizer = torch.optim.RMSprop(
    model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7, foreach=True, capturable=device == "cuda")
x = torch.rand(batch, 1, 28, 28, device=device)


def loss_of(x):
    with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
        return model(x)


forward, move = loss_of, optimizer.step
if mode == "compile":
    forward = torch.compile(loss_of, mode="reduce-overhead")
    move = torch.compile(optimizer.step, mode="reduce-overhead")


def step():
    if mode == "compile":
        torch.compiler.cudagraph_mark_step_begin()
    optimizer.zero_grad(set_to_none=mode != "compile")
    forward(x).backward()
    move()


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


for _ in range(10):
    step()
seconds = []
for _ in range(5):
    wait()
    began = time.time()
    for _ in range(steps):
        step()
    wait()
    seconds.append((time.time() - began) / steps)
seconds.sort()
print(f"torch {torch.__version__} {mode} {device} {precision} batch {batch}: "
      f"median {seconds[2] * 1e3:.3f} fastest {seconds[0] * 1e3:.3f} ms/step, "
      f"{batch / seconds[2]:.0f} drawings/s")
