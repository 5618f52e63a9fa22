#!/usr/bin/env python3
"""Weights both ways. Files that real PyTorch writes (TorchScript archives as OpenAI's, state dicts, safetensors, in
the names of each family, 16 and 32 bits) go through `bookend model convert`, and embeddings of the result are compared
with the module's own; hostile and foreign files are refused with a sentence; a head goes out as a state dict that the
notebook's class loads strictly, and comes back. TAP; skipped where PyTorch or Pillow is missing.

usage: convert.py BOOKEND ONNX_RUN     (ONNX_RUN: the test program that runs a head on made-up windows)"""
import collections
import json
import os
import pickle
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

import modules
import tap

modules.need("torch", "numpy", "PIL")
import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from torch import nn  # noqa: E402

import clip_files  # noqa: E402

warnings.simplefilter("ignore")
BOOKEND, ONNX_RUN = sys.argv[1:3]
DIR = tempfile.TemporaryDirectory(prefix="bookend-test-")
SIZE = clip_files.Size(side=64, patch=16, width=128, layers=2, out=48)
HEADS = SIZE.width // 64
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
os.environ |= {"XDG_DATA_HOME": os.path.join(DIR.name, "data"), "XDG_CACHE_HOME": os.path.join(DIR.name, "cache")}


def path(*names):
    return os.path.join(DIR.name, *names)


def bookend(*args):
    return subprocess.run([BOOKEND, *args], capture_output=True, text=True)


# ---- OpenAI's module, its vision tower and a little of the rest -------------------------------------------

class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    def __init__(self, gelu):
        super().__init__()
        d = SIZE.width
        self.attn = nn.MultiheadAttention(d, HEADS)
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = nn.Sequential(collections.OrderedDict(
            c_fc=nn.Linear(d, 4 * d), gelu=gelu(), c_proj=nn.Linear(4 * d, d)))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, gelu):
        super().__init__()
        self.resblocks = nn.Sequential(*[Block(gelu) for _ in range(SIZE.layers)])

    def forward(self, x):
        return self.resblocks(x)


class Visual(nn.Module):
    def __init__(self, gelu):
        super().__init__()
        d = SIZE.width
        self.conv1 = nn.Conv2d(3, d, SIZE.patch, SIZE.patch, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(d))
        self.positional_embedding = nn.Parameter(torch.zeros(SIZE.tokens, d))
        self.proj = nn.Parameter(torch.zeros(d, SIZE.out))
        self.ln_pre, self.ln_post = nn.LayerNorm(d), nn.LayerNorm(d)
        self.transformer = Transformer(gelu)

    def forward(self, x):
        x = self.conv1(x).flatten(2).transpose(1, 2)
        first = self.class_embedding + torch.zeros(x.shape[0], 1, x.shape[2], dtype=x.dtype)
        x = self.ln_pre(torch.cat([first, x], dim=1) + self.positional_embedding)
        x = self.transformer(x.transpose(0, 1)).transpose(0, 1)
        return self.ln_post(x[:, 0, :]) @ self.proj


class Clip(nn.Module):
    def __init__(self, gelu=QuickGELU):
        super().__init__()
        self.visual = Visual(gelu)
        self.token_embedding = nn.Embedding(50, 16)
        self.logit_scale = nn.Parameter(torch.ones([]))
        self.register_buffer("input_resolution", torch.tensor(SIZE.side))

    def forward(self, x):
        return self.visual(x)


W = clip_files.weights(SIZE)


def clip(gelu=QuickGELU):
    model = Clip(gelu).eval()
    missing = model.load_state_dict({k: torch.from_numpy(v) for k, v in clip_files.openai(W).items()}, strict=False)
    assert not missing.unexpected_keys and not [k for k in missing.missing_keys if k.startswith("visual")], missing
    return model


def pictures():
    """60 of them, as files, and as the module's input."""
    os.makedirs(path("frames", "show1", "e1"))
    g = np.random.default_rng(1)
    all_of_them = []
    for i in range(60):
        coarse = g.integers(0, 256, (5, 5, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((SIZE.side, SIZE.side), Image.NEAREST if i % 2 else Image.BICUBIC)
        picture.save(path("frames", "show1", "e1", f"{i:05d}.png"))
        x = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1).float() / 255
        all_of_them.append((x - MEAN) / DEVIATION)
    return torch.stack(all_of_them)


def reference(model, half=False):
    model = model.half().float() if half else model # 16 bits, computed in 32
    with torch.no_grad():
        return model(X).numpy()


def embed(model):
    """The embeddings by bookend, or None and what it said."""
    out = path("tracks.npz")
    r = bookend("embed", "--model", model, "--frames", path("frames"), "--out", out, "--no-cache", "--quiet", "--force")
    if r.returncode:
        return None, r.stderr
    with np.load(out) as z:
        return z["windows"].reshape(-1, SIZE.out), r.stderr


def same(model, want, name):
    got, said = embed(model)
    cosine = 0 if got is None else min((got * want).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(want, axis=1))
    apart = np.inf if got is None else abs(got - want).max()
    return tap.ok(cosine >= 0.99999 and apart < 1e-3, f"{name}: cosine with PyTorch at least {cosine:.8f}", said)


# ---- public files in ------------------------------------------------------------------------------------

def write(layout, kind, model):
    """A public file; its name."""
    half = kind.endswith("16")
    name = f"{layout}.{kind}"
    if layout in ("script", "trace"):
        made = torch.jit.script(model) if layout == "script" else torch.jit.trace(model, X[:2])
        made = made.half() if half else made
        name += ".pt"
        made.save(path(name))
        return name
    arrays = clip_files.hugging_face(W) if layout == "hugging_face" else clip_files.openai(W)
    arrays = {k: v.astype(np.float16) if half and v.dtype == np.float32 else v for k, v in arrays.items()}
    if kind.startswith("safetensors"):
        name += ".safetensors"
        clip_files.save_safetensors(path(name), arrays)
        return name
    tensors = {k: torch.from_numpy(v.copy()) for k, v in arrays.items()}
    if layout == "checkpoint":
        tensors = {"epoch": 3, "state_dict": {"module." + k: v for k, v in tensors.items()}}
    name += ".bin"
    torch.save(tensors, path(name))
    return name


def test_convert():
    whole, halves = reference(clip()), reference(clip(), half=True)
    for layout, kind in (("trace", "f16"), ("trace", "f32"), ("script", "f16"), ("script", "f32"), ("openai", "bin32"),
                         ("openai", "bin16"), ("openai", "safetensors32"), ("hugging_face", "bin32"),
                         ("hugging_face", "bin16"), ("hugging_face", "safetensors16"), ("checkpoint", "bin32")):
        name = write(layout, kind, clip())
        out = path("made.safetensors")
        r = bookend("model", "convert", path(name), "--out", out, "--force")
        want = halves if kind.endswith("16") else whole
        if not tap.ok(r.returncode == 0 and "QuickGELU" in r.stderr, f"{name}: converted", r.stderr):
            continue
        same(out, want, name)
        if kind in ("f16", "bin32"):
            same(path(name), want, f"{name}, as it is")
        arrays, meta = clip_files.read_safetensors(out)
        about = json.loads(meta["bookend"])["encoder"]
        tap.same((about["picture"], about["patch"], about["width"], about["layers"], about["heads"], about["act"]),
                 ([SIZE.side] * 2, SIZE.patch, SIZE.width, SIZE.layers, HEADS, "quick_gelu"), f"{name}: its numbers")
        kinds = {a.dtype for a in arrays.values()}
        half = arrays["vision_model.encoder.layers.0.mlp.fc1.weight"].dtype == np.float16
        tap.ok(half == kind.endswith("16") and all(k.startswith(("vision_model.", "visual_projection")) for k in arrays),
               f"{name}: the vision tower alone, {'16' if half else '32'} bits", kinds)


def test_activation():
    want = reference(clip(nn.GELU))
    name = write("openai", "bin32", None)
    r = bookend("model", "convert", path(name), "--out", path("gelu.safetensors"), "--activation", "gelu")
    tap.ok(r.returncode == 0 and "GELU (as asked for)" in r.stderr, "--activation gelu", r.stderr)
    same(path("gelu.safetensors"), want, "--activation gelu")
    r = bookend("model", "convert", path(name), "--out", path("guess.safetensors"))
    tap.ok("a guess" in r.stderr, "a guess is called one", r.stderr)
    r = bookend("model", "convert", path(name), "--out", path("one.safetensors"), "--heads", "1")
    about = json.loads(clip_files.read_safetensors(path("one.safetensors"))[1]["bookend"])
    tap.ok(about["encoder"]["heads"] == 1 and about["name"] == "one", "--heads 1, and its name", r.stderr)
    for file, config in (("config.json", {"model_type": "clip", "vision_config": {"hidden_size": SIZE.width, "hidden_act": "gelu",
                          "patch_size": SIZE.patch, "num_attention_heads": HEADS}}),
                         ("open_clip_config.json", {"model_cfg": {"vision_cfg": {"width": SIZE.width, "patch_size": SIZE.patch}},
                          "preprocess_cfg": {"mean": [0.48145466, 0.4578275, 0.40821073]}})):
        open(path(file), "w").write(json.dumps(config))
        r = bookend("model", "convert", path(name), "--out", path("gelu.safetensors"), "--force")
        tap.ok(r.returncode == 0 and f"GELU ({file} beside it" in r.stderr, f"{file} is believed", r.stderr)
        same(path("gelu.safetensors"), want, file)
        config.get("vision_config", config.get("model_cfg", {}).get("vision_cfg"))["patch_size"] = 3
        open(path(file), "w").write(json.dumps(config))
        r = bookend("model", "convert", path(name), "--out", path("guess.safetensors"), "--force")
        tap.ok("a guess" in r.stderr, f"{file} of another network is not", r.stderr)
        os.remove(path(file))


# ---- refused --------------------------------------------------------------------------------------------

class Call:
    def __reduce__(self):
        return os.system, (f"touch {path('harm')}",)


def archive(name, data_pkl, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path(name), "w", method) as z:
        z.writestr("archive/data.pkl", data_pkl)


def refused(name, word, note=""):
    r = bookend("model", "convert", path(name), "--out", path("refused.safetensors"))
    said = r.stderr.strip()
    tap.ok(r.returncode == 1 and word in said and name in said and said.count("\n") == 0 and
           not os.path.exists(path("refused.safetensors")), f"{name}: {said.replace(DIR.name + '/', '')}", note)


def test_hostile():
    torch.save({"visual.proj": Call()}, path("call.pt"))
    refused("call.pt", "posix.system")
    archive("build.pt", b"\x80\x02cevil\nClass\n)\x81}b.")
    refused("build.pt", "evil.Class")
    torch.save(clip().float(), path("module.pt"))
    refused("module.pt", "__main__.Clip")
    archive("memo.pt", b"\x80\x02Nr\xff\xff\xff\x7f.")
    refused("memo.pt", "memo")
    archive("bomb.pt", b"\0" * (1 << 27), zipfile.ZIP_DEFLATED)
    refused("bomb.pt", "bytes")
    archive("nested.pt", b"\x80\x02" + b"(" * 1000000 + b".")
    refused("nested.pt", "pickle")
    whole = open(path(write("openai", "bin32", None)), "rb").read()
    for n in (1, 3, 100, len(whole) // 2, len(whole) - 30):
        open(path("cut.bin"), "wb").write(whole[:n])
        refused("cut.bin", "cut.bin")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    open(path("flipped.bin"), "wb").write(flipped)
    refused("flipped.bin", "CRC")
    open(path("empty.bin"), "wb").close()
    refused("empty.bin", "empty.bin")
    torch.save({"x": torch.zeros(2)}, path("old.pt"), _use_new_zipfile_serialization=False)
    refused("old.pt", "before 1.6")
    tap.ok(not os.path.exists(path("harm")), "nothing was run")


def test_foreign():
    openai, hugging_face = clip_files.openai(W), clip_files.hugging_face(W)
    resnet = {"visual.conv1.weight": np.zeros((8, 3, 3, 3), np.float32), "visual.layer1.0.conv1.weight": np.zeros(3, np.float32)}
    no_projection = {k: v for k, v in hugging_face.items() if k != "visual_projection.weight"}
    odd = {**openai, "visual.positional_embedding": openai["visual.positional_embedding"][:-1]}
    short = {**openai, "visual.ln_post.bias": np.zeros(3, np.float32)}
    lacking = {k: v for k, v in openai.items() if "1.mlp.c_fc.bias" not in k}
    for name, arrays, word in (("resnet", resnet, "ResNet"), ("no_projection", no_projection, "projection"),
                               ("odd", odd, "fit together"), ("short", short, "3 numbers"), ("lacking", lacking, "c_fc.bias"),
                               ("other", {"x": np.zeros(3, np.float32)}, "neither")):
        clip_files.save_safetensors(path(name + ".safetensors"), arrays)
        refused(name + ".safetensors", word)
    name = write("openai", "bin32", None)
    r = bookend("model", "convert", path(name), "--out", path("x.onnx"))
    tap.ok(r.returncode == 1 and ".safetensors" in r.stderr, "another ending", r.stderr)
    r = bookend("model", "convert", path(name), "--out", path("x.pth"))
    tap.ok(r.returncode == 1 and "no head" in r.stderr, "no head for a .pth", r.stderr)
    r = bookend("model", "convert", path(name), "--out", path("made.safetensors"))
    tap.ok(r.returncode == 1 and "--force" in r.stderr, "nothing is replaced unasked", r.stderr)


# ---- a head out, and in ---------------------------------------------------------------------------------

class ClipAttention60(nn.Module):
    """The notebook's class; in_proj stands where the embedding is wider than the transformer."""

    def __init__(self, emb=64, width=64, layers=2, heads=2, mlp=128):
        super().__init__()
        if emb != width:
            self.in_proj = nn.Linear(emb, width)
        self.pos = nn.Parameter(torch.randn(60, width))
        layer = nn.TransformerEncoderLayer(width, heads, mlp, 0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.classifiers = nn.ModuleList([nn.Linear(width, 1) for _ in range(60)])

    def forward(self, x):
        x = self.in_proj(x) if hasattr(self, "in_proj") else x
        h = self.encoder(x + self.pos)
        return torch.cat([c(h[:, t]) for t, c in enumerate(self.classifiers)], 1)


def floats(folder, name):
    return torch.from_numpy(np.fromfile(path(folder, name + ".f32"), np.float32))


def ours(model, folder):
    """A head's probabilities by bookend on made-up windows, and these windows."""
    os.makedirs(path(folder), exist_ok=True)
    r = subprocess.run([ONNX_RUN, model, path(folder)], capture_output=True, text=True)
    if r.returncode:
        return None, r.stderr
    return floats(folder, "windows").reshape(3, 60, -1), floats(folder, "probabilities").reshape(3, 60)


def agrees(net, model, name):
    x, p = ours(model, "head")
    if x is None:
        return tap.ok(False, name, p)
    with torch.no_grad():
        apart = (torch.sigmoid(net.eval()(x)) - p).abs().max().item()
    return tap.ok(apart < 1e-5, f"{name}: the same probabilities, at most {apart:.1e} apart")


def test_head():
    torch.manual_seed(3)
    for shape in (dict(), dict(emb=96, width=64), dict(layers=1, mlp=32)):
        net, again = ClipAttention60(**shape), ClipAttention60(**shape)
        torch.save(net.state_dict(), path("best_clip_attention60.pth"))
        agrees(net, path("best_clip_attention60.pth"), f"PyTorch's head {shape}")
        for step in ("best_clip_attention60.pth", "b.safetensors"), ("b.safetensors", "c.pth"):
            r = bookend("model", "convert", path(step[0]), "--out", path(step[1]), "--force")
            tap.ok(r.returncode == 0, f"{step[0]} to {step[1]}", r.stderr)
        result = again.load_state_dict(torch.load(path("c.pth"), map_location="cpu"), strict=True)
        tap.same(str(result), "<All keys matched successfully>", "load_state_dict(strict=True)")
        tap.ok(all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), again.state_dict().values())),
               "every weight is the same")
        agrees(again, path("c.pth"), "our state dict, read again")


def test_shipped_head():
    """Sixteen numbers an attention head and a decision of its own: what a state dict alone would lose."""
    r = bookend("model", "convert", "bookend-small", "--out", path("small.pth"))
    if not tap.ok(r.returncode == 0, "the shipped head as a state dict", r.stderr):
        return
    net = ClipAttention60(emb=512, width=64, layers=3, heads=4, mlp=256)
    net.load_state_dict(torch.load(path("small.pth"), map_location="cpu"), strict=True)
    agrees(net, path("small.pth"), "the shipped head")
    bookend("model", "convert", path("small.pth"), "--out", path("small.safetensors"))
    about = json.loads(clip_files.read_safetensors(path("small.safetensors"))[1]["bookend"])
    tap.ok(about["head"]["heads"] == 4 and len(about["rules"]) == 13, "its heads and rules went with it", about)


def test_train():
    """A head trained here, straight to a state dict."""
    g = np.random.default_rng(5)
    os.makedirs(path("tracks"))
    with open(path("labels.csv"), "w") as f:
        f.write("file,start_main,end_main\n")
        for show in range(1, 4):
            x = g.standard_normal((5, 60, 32)).astype(np.float32)
            x.reshape(300, 32)[:30, 0] += 4
            x.reshape(300, 32)[270:, 0] += 4
            np.savez(path("tracks", f"show{show}_e1_windows.npz"), windows=x, start_indices=np.arange(5) * 60)
            f.write(f"show{show}/e1.mp4,00:00:30,00:04:30\n")
    r = bookend("train", "--labels", path("labels.csv"), "--embeddings", path("tracks"), "--out", path("trained.pth"),
                "--epochs", "2", "--width", "32", "--layers", "1", "--heads", "2", "--mlp", "32", "--val-shows", "show3", "--quiet")
    if not tap.ok(r.returncode == 0, "train --out trained.pth", r.stderr):
        return
    net = ClipAttention60(emb=32, width=32, layers=1, heads=2, mlp=32)
    net.load_state_dict(torch.load(path("trained.pth"), map_location="cpu"), strict=True)
    agrees(net, path("trained.pth"), "a head trained here")
    bookend("model", "convert", path("trained.pth"), "--out", path("trained.safetensors"))
    about = json.loads(clip_files.read_safetensors(path("trained.safetensors"))[1]["bookend"])
    tap.ok(about["head"]["heads"] == 2 and "rules" in about, "with what was calibrated", about)


X = pictures()
test_convert()
test_activation()
test_hostile()
test_foreign()
test_head()
test_shipped_head()
test_train()
DIR.cleanup()
tap.done()
