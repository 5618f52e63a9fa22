"""The networks that the bench compares on, as PyTorch writes them; random weights. For export.py and torch_train.py."""
import torch
from torch import nn
import torch.nn.functional as F


class Attention60(nn.Module):
    """The notebook's head: 16 post-norm encoder layers of 512 over 60 embeddings, a classifier for each second."""

    def __init__(self, width=512, heads=16, layers=16, dropout=0.1):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(60, width))
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.classifiers = nn.ModuleList([nn.Linear(width, 1) for _ in range(60)])

    def forward(self, x):
        h = self.encoder(x + self.pos)
        return torch.cat([c(h[:, t]) for t, c in enumerate(self.classifiers)], 1)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attend(self, x):
        n, t, w = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        p = torch.softmax(q @ k.transpose(-1, -2) * (w // self.heads) ** -0.5, -1)
        return self.join((p @ v).transpose(1, 2).reshape(n, t, w))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        y = self.fc1(self.norm2(x))
        return x + self.fc2(y * torch.sigmoid(1.702 * y))


class ClipB32(nn.Module):
    """CLIP's picture encoder, ViT-B/32."""

    def __init__(self, width=768, heads=12, layers=12, out=512):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 32, 32, bias=False)
        self.cls = nn.Parameter(torch.randn(width) * width**-0.5)
        self.pos = nn.Parameter(torch.randn(50, width) * 0.02)
        self.pre, self.post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.project = nn.Linear(width, out, bias=False)

    def forward(self, pixels):
        x = self.patch(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], 1, -1), x], 1) + self.pos
        x = self.pre(x)
        for b in self.blocks:
            x = b(x)
        return self.project(self.post(x[:, 0]))
