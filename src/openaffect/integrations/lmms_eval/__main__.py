"""Prints the folder of the tasks, for lmms-eval's ``--include_path``."""

import sys
from pathlib import Path

sys.stdout.write(f"{Path(__file__).resolve().parent}\n")
