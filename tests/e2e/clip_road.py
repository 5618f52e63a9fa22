#!/usr/bin/env python3
"""The whole CLIP road against PyTorch: a ViT-B/32 of seeded random weights in both public file layouts goes
through `bookend embed` and `bookend detect --model`, and its embeddings are compared with PyTorch's on the
frames that ffmpeg writes, resized by Pillow. TAP; skipped where PyTorch, Pillow or ffmpeg is missing.
usage: clip_road.py BOOKEND"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    import numpy as np
    import torch
    import torch.nn.functional as F
    from PIL import Image
except ImportError as e:
    print(f"1..0 # SKIP {e}")
    sys.exit(0)
if not shutil.which("ffmpeg"):
    print("1..0 # SKIP no ffmpeg")
    sys.exit(0)

import clip_files  # noqa: E402

WIDTH, LAYERS, PATCH, SIDE, OUT = 768, 12, 32, 224, 512
SIZE = clip_files.Size(SIDE, PATCH, WIDTH, LAYERS, OUT)
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


def forward(w, x):
    """CLIP's vision transformer; x [n, 3, 224, 224]."""
    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), w[name + ".w"], w[name + ".b"], 1e-5)

    def linear(x, name):
        return F.linear(x, w[name + ".w"], w[name + ".b"])

    x = F.conv2d(x, w["patch"], stride=PATCH).flatten(2).transpose(1, 2)
    x = torch.cat([w["class"].expand(len(x), 1, WIDTH), x], 1) + w["position"]
    x = norm(x, "pre")
    for i in range(LAYERS):
        y = norm(x, f"{i}.ln1")
        q, k, v = (linear(y, f"{i}.{c}").unflatten(-1, (WIDTH // 64, 64)).transpose(1, 2) for c in "qkv")
        a = torch.softmax(q @ k.transpose(-1, -2) / 8.0, -1) @ v
        x = x + linear(a.transpose(1, 2).flatten(2), f"{i}.o")
        y = linear(norm(x, f"{i}.ln2"), f"{i}.fc1")
        x = x + linear(y * torch.sigmoid(1.702 * y), f"{i}.fc2")
    return norm(x[:, 0], "post") @ w["proj"].T


def film(path):
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=62", "-c:v", "libx264",
                    "-preset", "ultrafast", path], check=True)


def expected(film_path, folder, w):
    os.mkdir(folder)
    subprocess.run(["ffmpeg", "-v", "error", "-i", film_path, "-vf", "fps=1", os.path.join(folder, "%05d.png")], check=True)
    pictures = []
    for name in sorted(os.listdir(folder)):
        small = Image.open(os.path.join(folder, name)).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
        x = torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).float() / 255
        pictures.append((x - MEAN) / DEVIATION)
    with torch.no_grad():
        return torch.cat([forward(w, torch.stack(pictures[i : i + 8])) for i in range(0, len(pictures), 8)]).numpy()


def main():
    bookend, count, failed = sys.argv[1], 0, 0

    def ok(held, name):
        nonlocal count, failed
        count += 1
        failed += not held
        print(("ok" if held else "not ok"), count, "-", name, flush=True)

    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "film.mp4")
        film(path)
        arrays = clip_files.weights(SIZE)
        w = {k: torch.from_numpy(a) for k, a in arrays.items()}
        want = expected(path, os.path.join(d, "frames"), w)
        for layout, tensors in [("vision_model", clip_files.hugging_face(arrays)), ("visual", clip_files.openai(arrays))]:
            model = os.path.join(d, layout + ".safetensors")
            clip_files.save_safetensors(model, tensors)
            del tensors
            out = os.path.join(d, layout)
            r = subprocess.run([bookend, "embed", "--model", model, "--out", out, "--no-cache", "--quiet", path],
                               capture_output=True, text=True)
            ok(r.returncode == 0, f"{layout}: embed runs {r.stderr.strip()}")
            z = np.load(os.path.join(out, os.listdir(out)[0])) if r.returncode == 0 else {"windows": np.zeros((0, 60, OUT))}
            got = z["windows"].reshape(-1, OUT)
            n = min(len(got), len(want))
            cosine = (got[:n] * want[:n]).sum(1) / np.linalg.norm(got[:n], axis=1) / np.linalg.norm(want[:n], axis=1)
            ok(n == 60 and cosine.min() >= 0.99999, f"{layout}: cosine with PyTorch at least {cosine.min() if n else 0:.8f}")
            r = subprocess.run([bookend, "detect", "--model", model, "--format", "json", "--no-cache", "--quiet", path],
                               capture_output=True, text=True)
            answer = json.loads(r.stdout) if r.stdout.strip() else {}
            ok(r.returncode == 0 and answer.get("start_main", 0) is None and "head" in answer.get("reason", ""),
               f"{layout}: detect says that a head is missing: {answer.get('reason')}")
            os.remove(model)
    print(f"1..{count}")
    return failed > 0


sys.exit(main())
