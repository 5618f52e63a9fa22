#!/usr/bin/env python3
"""Reference values for the networks, from PyTorch: small seeded models, what they give, every gradient, and the
weights after training. Writes DIR/nn_clip.bin, nn_stem.bin and nn_head.bin, which tests/unit/test_golden_nn.c reads:

    torch_reference.py tests/golden

A file is lines "NAME COUNT", an empty line, then the numbers of each name in turn, as little-endian floats. Names:
x (input), y (output), map, t and tm (targets of the two), w/TENSOR (weights before), g/TENSOR (gradients of the mean
binary cross-entropy), adam/TENSOR and adamw/TENSOR (weights after 20 steps). All is computed in doubles."""
import sys
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

STEPS, RATE, DECAY = 20, 1e-3, 0.05


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        n, t, w = x.shape
        q, k, v = (p(x).view(n, t, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        p = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(w // self.heads), -1)
        return self.out_proj((p @ v).transpose(1, 2).reshape(n, t, w))


class Mlp(nn.Module):
    def __init__(self, width, mlp, act):
        super().__init__()
        self.fc1, self.fc2, self.act = nn.Linear(width, mlp), nn.Linear(mlp, width), act

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, mlp, act):
        super().__init__()
        self.self_attn, self.mlp = Attention(width, heads), Mlp(width, mlp, act)
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class Embeddings(nn.Module):
    def __init__(self, width, tokens, patch):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(width))
        self.position_embedding = nn.Embedding(tokens, width)
        if patch:
            self.patch_embedding = nn.Conv2d(3, width, patch, patch, bias=False)

    def forward(self, tokens):
        first = self.class_embedding.expand(tokens.shape[0], 1, -1)
        return torch.cat([first, tokens], 1) + self.position_embedding.weight


class Encoder(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.layers = nn.ModuleList(blocks)


class VisionModel(nn.Module):
    def __init__(self, width, tokens, patch, layers, heads, mlp, act):
        super().__init__()
        self.embeddings = Embeddings(width, tokens, patch)
        if patch:
            self.pre_layrnorm = nn.LayerNorm(width)
        self.encoder = Encoder([Block(width, heads, mlp, act) for _ in range(layers)])
        self.post_layernorm = nn.LayerNorm(width)


class Unit(nn.Module):
    """relu(norm(conv(x))) with the kernel as [cout, 3, 3, cin]."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv = nn.Module()
        self.conv.weight = nn.Parameter(torch.randn(cout, 3, 3, cin) * math.sqrt(2 / (9 * cin)))
        self.norm, self.stride = nn.LayerNorm(cout), stride

    def forward(self, x):
        z = F.conv2d(x, self.conv.weight.permute(0, 3, 1, 2), stride=self.stride, padding=1)
        return F.relu(self.norm(z.permute(0, 2, 3, 1))).permute(0, 3, 1, 2)


class Stage(Unit):
    def __init__(self, cin, cout, residual):
        super().__init__(cin, cout, 2)
        self.res = nn.ModuleList([Unit(cout, cout, 1) for _ in range(residual)])

    def forward(self, x):
        x = super().forward(x)
        for unit in self.res:
            x = x + unit(x)
        return x


class Encoding(nn.Module):
    """CLIP's vision transformer with a projection, as Hugging Face names its tensors; or, with a stem, bookend's."""

    def __init__(self, width, tokens, layers, heads, mlp, out, patch=0, stem=None, map_stage=0):
        super().__init__()
        act = (lambda v: v * torch.sigmoid(1.702 * v)) if patch else F.gelu
        self.patch, self.map_stage = patch, map_stage
        if stem:
            sizes = [3] + [c for c, _ in stem]
            self.stem = nn.ModuleList([Stage(sizes[i], c, r) for i, (c, r) in enumerate(stem)])
            self.stem.map = nn.Linear(sizes[map_stage + 1], 1)
        self.vision_model = VisionModel(width, tokens, patch, layers, heads, mlp, act)
        self.visual_projection = nn.Linear(width, out, bias=False)

    def forward(self, x):
        v, lettering = self.vision_model, None
        if self.patch:
            x = v.embeddings.patch_embedding(x)
        else:
            for i in range(len(self.stem) - 1):  # the map is the last of its children
                x = self.stem[i](x)
                if i == self.map_stage:
                    lettering = self.stem.map(x.permute(0, 2, 3, 1)).flatten(1)
        x = v.embeddings(x.flatten(2).transpose(1, 2))
        if self.patch:
            x = v.pre_layrnorm(x)
        for block in v.encoder.layers:
            x = block(x)
        return self.visual_projection(v.post_layernorm(x[:, 0])), lettering


class ClipAttention60(nn.Module):
    """The notebook's head."""

    def __init__(self, d_model=512, nhead=16, nlayers=16, dropout=0.1):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(60, d_model))
        layer = nn.TransformerEncoderLayer(d_model, nhead, 4 * d_model, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, nlayers)
        self.classifiers = nn.ModuleList([nn.Linear(d_model, 1) for _ in range(60)])
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        h = self.encoder(x + self.pos)
        return self.sigmoid(torch.cat([c(h[:, t]) for t, c in enumerate(self.classifiers)], 1)), None


def decays(name, p):
    return p.dim() >= 2 and name != 'pos' and 'position_embedding' not in name


def losses(model, x, t, tm):
    y, lettering = model(x)
    loss = F.binary_cross_entropy(y, t) if isinstance(model, ClipAttention60) else \
        F.binary_cross_entropy_with_logits(y, t)
    if lettering is not None:
        loss = loss + F.binary_cross_entropy_with_logits(lettering, tm)
    return loss, y, lettering


def trained(model, x, t, tm, decay):
    start = {k: v.clone() for k, v in model.state_dict().items()}
    named = list(model.named_parameters())
    groups = [{'params': [p for n, p in named if decays(n, p)], 'weight_decay': decay},
              {'params': [p for n, p in named if not decays(n, p)], 'weight_decay': 0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE) if decay else torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(STEPS):
        optimiser.zero_grad()
        losses(model, x, t, tm)[0].backward()
        optimiser.step()
    end = {n: p.detach().clone() for n, p in named}
    model.load_state_dict(start)
    return end


def save(path, model, x):
    with torch.no_grad():  # away from ones and zeros, and from layers that start alike
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p)).copy_(p.float())
    x = x.float().double()
    y, lettering = model(x)
    t = torch.rand_like(y).round()
    tm = None if lettering is None else torch.rand_like(lettering).round()
    loss, y, lettering = losses(model, x, t, tm)
    loss.backward()
    values = {'x': x, 'y': y, 't': t, 'loss': loss.reshape(1)}
    if lettering is not None:
        values.update(map=lettering, tm=tm)
    values.update({'w/' + n: p for n, p in model.named_parameters()})
    values.update({'g/' + n: p.grad.clone() for n, p in model.named_parameters()})
    for kind, decay in (('adam', 0), ('adamw', DECAY)):
        values.update({f'{kind}/{n}': p for n, p in trained(model, x, t, tm, decay).items()})
    with open(path, 'wb') as f:
        f.write(''.join(f'{n} {v.numel()}\n' for n, v in values.items()).encode() + b'\n')
        for v in values.values():
            f.write(v.detach().numpy().astype('<f4').tobytes())


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: torch_reference.py DIR')
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(20)
    save(f'{sys.argv[1]}/nn_clip.bin', Encoding(16, 7, 2, 2, 12, 5, patch=2), torch.randn(2, 3, 4, 6))
    stem = Encoding(16, 7, 1, 4, 12, 6, stem=[(4, 1), (6, 1), (16, 0)], map_stage=1)
    save(f'{sys.argv[1]}/nn_stem.bin', stem, torch.randn(2, 3, 13, 18))
    save(f'{sys.argv[1]}/nn_head.bin', ClipAttention60(8, 2, 2, 0.0), torch.randn(2, 60, 8))


if __name__ == '__main__':
    main()
