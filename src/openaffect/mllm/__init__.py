"""Messages in, reply out: backends that answer from a multimodal language model."""
