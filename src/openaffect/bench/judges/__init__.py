"""Judges of explanations: a deterministic checker, and language models with their replies read and averaged."""
