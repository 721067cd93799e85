"""The benchmarks as lmms-eval tasks; ``python -m openaffect.integrations.lmms_eval`` writes and prints their folder."""
