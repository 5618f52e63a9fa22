"""export.py FOLDER: clip.onnx and head.onnx for ONNX Runtime, any batch size."""
import sys
import torch
from networks import Attention60, ClipB32

torch.manual_seed(1)
for name, net, x in (("clip", ClipB32(), torch.randn(2, 3, 224, 224)), ("head", Attention60(), torch.randn(2, 60, 512))):
    net.eval()
    with torch.no_grad():  # layers are copies of one: equal weights would be stored, and kept in the cache, once
        for p in net.parameters():
            p.add_(torch.randn_like(p) * 1e-3)
    for m in net.modules():  # PyTorch's fused layer is nothing that ONNX knows
        if hasattr(m, "activation_relu_or_gelu"):
            m.activation_relu_or_gelu = 0
    torch.onnx.export(net, x, f"{sys.argv[1]}/{name}.onnx", input_names=["x"], output_names=["y"], opset_version=14,
                      dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
