"""What runs on a small device: numpy and onnxruntime, nothing else."""
