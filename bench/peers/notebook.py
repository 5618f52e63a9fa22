"""The road that bookend grew from, as a notebook goes it on a CPU with PyTorch.

notebook.py weights FOLDER                seeded random weights: clip.pth and head.pth for the road below, and the same CLIP
                                          as clip.safetensors with Hugging Face's names
notebook.py find FOLDER FILM WORK THREADS frames at 1 fps as JPEG files, CLIP ViT-B/32 in batches of 128, windows of 60 kept
                                          as .npz, the head a window at a time, smoothing, thresholds; leaves its files and
                                          p.npy in WORK and prints both times and the seconds of each stage as JSON
notebook.py compare P Q TRACK TRACK       how far two p per second, and two tracks, are apart, as JSON
"""
import time

began = time.monotonic()
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from networks import Attention60, ClipB32

WINDOW, BATCH, SIDE = 60, 128, 224
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


# ---- weights ---------------------------------------------------------------------------------------------

def clip_state(w):
    """clip_files' arrays under ClipB32's names."""
    out = {"cls": w["class"], "pos": w["position"], "patch.weight": w["patch"], "project.weight": w["proj"]}
    for a, b in ("w", "weight"), ("b", "bias"):
        out |= {f"{name}.{b}": w[f"{name}.{a}"] for name in ("pre", "post")}
        for i in range(12):
            out[f"blocks.{i}.qkv.{b}"] = np.concatenate([w[f"{i}.{c}.{a}"] for c in "qkv"])
            for theirs, ours in ("norm1", "ln1"), ("norm2", "ln2"), ("join", "o"), ("fc1", "fc1"), ("fc2", "fc2"):
                out[f"blocks.{i}.{theirs}.{b}"] = w[f"{i}.{ours}.{a}"]
    return {k: torch.from_numpy(a) for k, a in out.items()}


def make_weights(folder):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/e2e"))
    import clip_files
    arrays = clip_files.weights(clip_files.Size())
    clip_files.save_safetensors(folder / "clip.safetensors", clip_files.hugging_face(arrays))
    torch.save(clip_state(arrays), folder / "clip.pth")
    torch.manual_seed(1)
    head = Attention60()
    with torch.no_grad():  # layers are copies of one
        for p in head.encoder.parameters():
            p.add_(torch.randn_like(p) * 0.02)
    torch.save(head.state_dict(), folder / "head.pth")


def load(net, path):
    net.load_state_dict(torch.load(path, map_location="cpu"))
    return net.eval()


# ---- the road --------------------------------------------------------------------------------------------

def extract(film, folder):
    folder.mkdir(parents=True)
    subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-vf", "fps=1", "-q:v", "2", folder / "%06d.jpg"], check=True)
    return sorted(folder.glob("*.jpg"))


def picture(path):
    small = Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
    return (torch.from_numpy(np.array(small)).permute(2, 0, 1).float() / 255 - MEAN) / DEVIATION


def embed(clip, frames, track):
    parts = []
    for i in range(0, len(frames), BATCH):
        parts.append(clip(torch.stack([picture(f) for f in frames[i:i + BATCH]])).numpy())
    embeddings = np.concatenate(parts)
    starts = np.arange(0, len(embeddings) - WINDOW + 1, WINDOW)
    track.parent.mkdir()
    np.savez_compressed(track, windows=np.stack([embeddings[s:s + WINDOW] for s in starts]), start_indices=starts)


def probabilities(head, track):
    """With a window of zeros behind the others, as where the credits begin in the last half minute or later."""
    windows = np.load(track)["windows"]
    windows = np.concatenate([windows, np.zeros_like(windows[:1])])
    return np.concatenate([torch.sigmoid(head(w[None]))[0].numpy() for w in torch.from_numpy(windows)])


def running(of, p, size):
    around = np.pad(p, size // 2, "symmetric")
    return of(np.lib.stride_tricks.sliding_window_view(around, size), axis=1).astype(np.float32)


def behind_block(mask):
    """The first of at least 10 seconds that are not set, behind at least 5 that are."""
    on = off = 0
    for i, m in enumerate(mask):
        on, off = (on + 1, 0) if m else (on, off + 1)
        if on >= 5 and off >= 10:
            return i - off + 1
    return None


def decide(p):
    middle = np.median(p)
    tail = p[len(p) // 2:] > np.percentile(p, 70)
    start, end = behind_block(p > middle + 2 * np.median(np.abs(p - middle))), behind_block(tail[::-1])
    return {"start": start or 0, "end": len(p) - 1 - (end or 0)}


def find(folder, film, work, threads):
    torch.set_num_threads(threads)
    stages, at = {}, began

    def lap(name):
        nonlocal at
        stages[name], at = time.monotonic() - at, time.monotonic()

    clip, head = load(ClipB32(), folder / "clip.pth"), load(Attention60(), folder / "head.pth")
    lap("start")
    frames = extract(film, work / "frames/show/film")
    if len(frames) < WINDOW:
        sys.exit(f"{film}: shorter than a window")
    lap("frames")
    track = work / "clip_windows/show_film_windows.npz"
    with torch.no_grad():
        embed(clip, frames, track)
        lap("embeddings")
        p = probabilities(head, track)
    p = running(np.median, running(np.mean, p, 3), 7)
    answer = decide(p)
    lap("head")
    np.save(work / "p.npy", p)
    print(json.dumps({**answer, "stages": stages}))


def compare(p, q, a, b):
    p, q, a, b = np.load(p), np.load(q), np.load(a)["windows"], np.load(b)["windows"]
    if p.shape != q.shape or a.shape != b.shape:
        sys.exit(f"p of {p.shape} and {q.shape}, tracks of {a.shape} and {b.shape}")
    cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    print(json.dumps({"seconds": len(p), "p_apart": float(np.abs(p - q).max()), "p_spread": float(p.std()),
                      "least_cosine": float(cosine.min())}))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "weights":
        make_weights(Path(rest[0]))
    elif what == "find":
        find(Path(rest[0]), rest[1], Path(rest[2]), int(rest[3]))
    else:
        compare(*rest)
