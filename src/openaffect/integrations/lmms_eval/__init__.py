"""The benchmarks as a folder of lmms-eval tasks; ``python -m openaffect.integrations.lmms_eval`` prints where it is."""
