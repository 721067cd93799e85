"""Models that run in this process, from a folder in Hugging Face's layout: pictures, films and sound to tensors.

To add a family of models, add a file with a function ``open_family(folder)`` and a line in `FAMILIES`.  A family turns
media into arrays; what loads weights, writes the prompt and generates is shared and knows no family.  No code that
comes with a model is run, and torchvision is not needed.
"""

from __future__ import annotations

FAMILIES = {
    "qwen2_5_vl": "openaffect.mllm.local.qwen2_5_vl:open_family",
    "qwen2_5_omni": "openaffect.mllm.local.qwen2_5_omni:open_family",
    "qwen2_5_omni_thinker": "openaffect.mllm.local.qwen2_5_omni:open_thinker",
    "qwen2_audio": "openaffect.mllm.local.qwen2_audio:open_family",
}
"""``model_type`` of a ``config.json`` → the function that opens the family.  Other language models take text alone."""
