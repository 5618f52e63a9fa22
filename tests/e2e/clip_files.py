"""CLIP's vision transformer of made-up weights in the layouts of public files, with NumPy alone: for clip_road.py,
convert.py and onnx.py."""
import json
import struct
from dataclasses import dataclass

import numpy as np

KINDS = {np.dtype(np.float32): "F32", np.dtype(np.float16): "F16", np.dtype(np.int64): "I64"}


@dataclass
class Size:
    side: int = 224
    patch: int = 32
    width: int = 768
    layers: int = 12
    out: int = 512

    @property
    def tokens(self):
        return (self.side // self.patch) ** 2 + 1


def weights(size, seed=42):
    """Name -> array, under short names of our own."""
    g = np.random.default_rng(seed)

    def n(*shape, scale=0.02):
        return (g.standard_normal(shape) * scale).astype(np.float32)

    d = size.width
    w = {"class": n(d), "position": n(size.tokens, d), "patch": n(d, 3, size.patch, size.patch),
         "proj": n(size.out, d, scale=d**-0.5)}
    for name in ["pre", "post"] + [f"{i}.ln{k}" for i in range(size.layers) for k in (1, 2)]:
        w[name + ".w"], w[name + ".b"] = 1 + n(d, scale=0.1), n(d)
    for i in range(size.layers):
        for name, o, k in [("q", d, d), ("k", d, d), ("v", d, d), ("o", d, d), ("fc1", 4 * d, d), ("fc2", d, 4 * d)]:
            w[f"{i}.{name}.w"], w[f"{i}.{name}.b"] = n(o, k, scale=k**-0.5), n(o)
    return w


def hugging_face(w):
    """The names of Hugging Face's CLIPModel."""
    v = "vision_model."
    out = {v + "embeddings.class_embedding": w["class"], v + "embeddings.position_embedding.weight": w["position"],
           v + "embeddings.patch_embedding.weight": w["patch"], "visual_projection.weight": w["proj"],
           v + "embeddings.position_ids": np.arange(len(w["position"]), dtype=np.int64)[None]}
    names = {"ln1": "layer_norm1", "ln2": "layer_norm2", "q": "self_attn.q_proj", "k": "self_attn.k_proj",
             "v": "self_attn.v_proj", "o": "self_attn.out_proj", "fc1": "mlp.fc1", "fc2": "mlp.fc2"}
    for ours, theirs in _parts(w, names, "pre_layrnorm", "post_layernorm", v + "encoder.layers.", v):
        out[theirs] = w[ours]
    return out


def openai(w):
    """The names of OpenAI's model and of open_clip."""
    v = "visual."
    out = {v + "class_embedding": w["class"], v + "positional_embedding": w["position"], v + "conv1.weight": w["patch"],
           v + "proj": np.ascontiguousarray(w["proj"].T)}
    names = {"ln1": "ln_1", "ln2": "ln_2", "o": "attn.out_proj", "fc1": "mlp.c_fc", "fc2": "mlp.c_proj"}
    blocks = v + "transformer.resblocks."
    for ours, theirs in _parts(w, names, "ln_pre", "ln_post", blocks, v):
        out[theirs] = w[ours]
    for i in range(_layers(w)):
        for a, b in ("w", "weight"), ("b", "bias"):
            out[f"{blocks}{i}.attn.in_proj_{b}"] = np.concatenate([w[f"{i}.{c}.{a}"] for c in "qkv"])
    return out


def _layers(w):
    return sum(k.endswith(".ln1.w") for k in w)


def _parts(w, names, pre, post, blocks, v):
    for a, b in (".w", ".weight"), (".b", ".bias"):
        yield "pre" + a, v + pre + b
        yield "post" + a, v + post + b
        for i in range(_layers(w)):
            for ours, theirs in names.items():
                yield f"{i}.{ours}{a}", f"{blocks}{i}.{theirs}{b}"


def save_safetensors(path, arrays):
    header, at = {}, 0
    for name, a in arrays.items():
        header[name] = {"dtype": KINDS[a.dtype], "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for a in arrays.values():
            f.write(a.tobytes())


def read_safetensors(path):
    """Name -> array, and the metadata."""
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    meta, kinds = header.pop("__metadata__", {}), {v: k for k, v in KINDS.items()}
    part = lambda h: data[8 + n + h["data_offsets"][0]:8 + n + h["data_offsets"][1]]
    return {k: np.frombuffer(part(h), kinds[h["dtype"]]).reshape(h["shape"]) for k, h in header.items()}, meta
