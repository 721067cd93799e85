"""Writes the folder of the tasks and prints where it is, for lmms-eval's ``--include_path``."""

import sys

from openaffect.integrations.lmms_eval.folder import write_folder
from openaffect.store import cache_folder

sys.stdout.write(f"{write_folder(cache_folder() / 'lmms-eval').resolve()}\n")
