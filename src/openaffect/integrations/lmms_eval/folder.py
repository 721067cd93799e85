"""The folder that lmms-eval reads: a YAML file a benchmark, written from the table of tasks.

So a new benchmark is one file and one line here too.
"""

from __future__ import annotations

import json
from pathlib import Path

from openaffect.bench.task import Source
from openaffect.bench.tasks import TASKS, find_task
from openaffect.store import write_atomic

_FUNCTIONS = "openaffect.integrations.lmms_eval.functions"
# The data set is one row that names the benchmark; process_docs puts the items in its place: nothing is fetched.
# reasoning_tags: extractor and judge see the whole reply, as in the bench.
_FORM = """\
task: {name}
dataset_path: json
dataset_kwargs:
  data_files:
    test: {row}
test_split: test
output_type: generate_until
process_docs: !function {functions}.docs
doc_to_messages: !function {functions}.messages
doc_to_text: id
doc_to_target: ""
process_results: !function {functions}.reply
metric_list:
  - metric: openaffect
    aggregation: !function {functions}.scores
    higher_is_better: true
reasoning_tags: none
generation_kwargs:
  max_new_tokens: {options.max_tokens}
  temperature: {options.temperature}
  do_sample: false
  seed: {options.seed}
  until: []
metadata:
  version: 1
"""


def write_folder(folder: Path) -> Path:
    """Write a task file for each benchmark into *folder*, and return it; raises `OutputError` where that fails."""
    for key in TASKS:
        name = f"openaffect_{key.replace('-', '_')}"
        row = folder / f"{name}.jsonl"
        write_atomic(row, json.dumps({"task": key}) + "\n")
        write_atomic(folder / f"{name}.yaml", task_file(key, name, row))
    return folder


def task_file(key: str, name: str, row: Path) -> str:
    """Return the YAML of the benchmark *key*, called *name* in lmms-eval; *row* is its data file.

    >>> task_file("emer", "openaffect_emer", Path("emer.jsonl")).splitlines()[0]
    'task: openaffect_emer'
    """
    options = find_task(key).stages(Source(Path()))[0].options
    return _FORM.format(name=name, row=json.dumps(str(row)), functions=_FUNCTIONS, options=options)
