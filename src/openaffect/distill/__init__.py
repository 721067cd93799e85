"""teacher → pseudo-labels → student → onnx → run time: small speech models that anybody may ship."""
