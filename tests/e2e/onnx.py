#!/usr/bin/env python3
"""`bookend model export --onnx`, judged by ONNX Runtime: the graphs of the shipped model, of CLIPs of both activations
and of heads with and without in_proj give what our own forward pass gives, one at a time and three at once. TAP;
skipped where node or onnxruntime-node is missing (tools/onnxruntime.sh installs it).

usage: onnx.py BOOKEND ONNX_RUN FOLDER     (FOLDER: where tools/onnxruntime.sh put it; NODE_PATH is looked at too)"""
import os
import subprocess
import sys
import tempfile

import modules
import tap

modules.need("numpy")
import numpy as np  # noqa: E402

import clip_files  # noqa: E402

BOOKEND, ONNX_RUN, FOLDER = sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))
NODE = {**os.environ, "NODE_PATH": os.pathsep.join([os.path.join(FOLDER, "node_modules"), os.environ.get("NODE_PATH", "")])}
NEAR = 1e-4


def bookend(*args):
    return subprocess.run([BOOKEND, *args], capture_output=True, text=True)


def have_runtime():
    if tap.missing("onnxruntime", "node"):
        return False
    if subprocess.run(["node", "-e", "require('onnxruntime-node')"], env=NODE, capture_output=True).returncode == 0:
        return True
    tap.skip("onnxruntime", "onnxruntime-node not installed: tools/onnxruntime.sh FOLDER")
    return False


def judge(model, folder, name, graphs):
    os.makedirs(folder)
    made = subprocess.run([ONNX_RUN, model, folder], capture_output=True, text=True)
    if not tap.ok(made.returncode == 0, f"{name}: exported", made.stderr):
        return
    run = subprocess.run(["node", os.path.join(HERE, "onnx_run.js"), folder, made.stdout], env=NODE, capture_output=True,
                         text=True)
    lines = [line.split() for line in run.stdout.splitlines()]
    tap.ok(run.returncode == 0 and [x[:2] for x in lines] == [[g, n] for g in graphs for n in "13"],
           f"{name}: runs in ONNX Runtime", run.stdout + run.stderr)
    tap.ok("W:onnxruntime" not in run.stderr, f"{name}: and without a warning", run.stderr)
    for graph, batch, apart in lines:
        tap.ok(float(apart) < NEAR, f"{name}: {graph}, batch {batch}: at most {float(apart):.1e} apart")


def head_arrays(g, emb, width, mlp, layers):
    """A head's tensors under the names of its state dict."""
    n = lambda *shape: (g.standard_normal(shape) * shape[-1] ** -0.5).astype(np.float32)
    out = {"pos": n(60, width)}
    if emb != width:
        out |= {"in_proj.weight": n(width, emb), "in_proj.bias": n(width)}
    for i in range(layers):
        for name, o, k in (("self_attn.in_proj_", 3 * width, width), ("self_attn.out_proj.", width, width),
                           ("linear1.", mlp, width), ("linear2.", width, mlp)):
            out |= {f"encoder.layers.{i}.{name}weight": n(o, k), f"encoder.layers.{i}.{name}bias": n(o)}
        for k in "12":
            out |= {f"encoder.layers.{i}.norm{k}.weight": 1 + n(width), f"encoder.layers.{i}.norm{k}.bias": n(width)}
    for t in range(60):
        out |= {f"classifiers.{t}.weight": n(1, width), f"classifiers.{t}.bias": n(1)}
    return out


def test_graphs(d):
    file = lambda *names: os.path.join(d, *names)
    judge("-", file("shipped"), "the shipped model", ["encoder", "head"])
    size = clip_files.Size(side=96, patch=16, width=128, layers=3, out=64)
    clip_files.save_safetensors(file("clip.safetensors"), clip_files.openai(clip_files.weights(size)))
    for act in "quick-gelu", "gelu":
        bookend("model", "convert", file("clip.safetensors"), "--out", file(act + ".safetensors"), "--activation", act)
        judge(file(act + ".safetensors"), file(act), f"a CLIP with {act}", ["encoder"])
    g = np.random.default_rng(2)
    for emb, width in (64, 64), (80, 32):
        name = f"head{emb}.safetensors"
        clip_files.save_safetensors(file(name), head_arrays(g, emb, width, 96, 2))
        judge(file(name), file(f"head{emb}"), f"a head of {width} on embeddings of {emb}", ["head"])


def test_program(d):
    out = os.path.join(d, "made", "onnx")
    r = bookend("model", "export", "--onnx", out)
    tap.ok(r.returncode == 0 and sorted(os.listdir(out)) == ["encoder.onnx", "head.onnx"], "model export --onnx", r.stderr)
    r = bookend("model", "export", "--onnx", out)
    tap.ok(r.returncode == 1 and "--force" in r.stderr, "nothing is replaced unasked", r.stderr)
    r = bookend("model", "export", "--onnx", out, "--force")
    tap.ok(r.returncode == 0, "but with --force", r.stderr)
    open(os.path.join(d, "file"), "w").close()
    r = bookend("model", "export", "--onnx", os.path.join(d, "file"))
    tap.ok(r.returncode == 1 and "file" in r.stderr, f"a file in the way: {r.stderr.strip().replace(d, '')}")


with tempfile.TemporaryDirectory(prefix="bookend-test-") as d:
    test_program(d)
    if have_runtime():
        test_graphs(d)
tap.done()
