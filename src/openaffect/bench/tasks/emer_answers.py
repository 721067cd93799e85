"""What the stages and the scores of EMER read from an item and from the steps before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openaffect.bench.task import Earlier, Item
from openaffect.errors import DataError
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message
from openaffect.records import Clue, Report

Asked = Sequence[Message] | str
"""Messages, or why nothing is asked."""


def explained(earlier: Earlier) -> str | None:
    """Return the model's explanation, None where it gave none."""
    step = earlier.get("explain")
    return step.value if step is not None and isinstance(step.value, str) and step.value.strip() else None


def no_explanation(earlier: Earlier) -> str:
    """Return why an item is not asked about its explanation."""
    step = earlier.get("explain")
    return f"no explanation: {step.outcome if step is not None else 'unasked'}"


def no_labels_yet(earlier: Earlier) -> str | None:
    """Return why the labels of an item are not known yet, None where they are settled, were it as unreadable.

    The next run asks for them again, so what rests on them has to wait.
    """
    step = earlier.get("labels")
    return f"no labels yet: {step.outcome}" if step is not None and step.outcome in ("failed", "unasked") else None


def clues_of(item: Item) -> tuple[Clue, ...]:
    """Return the measured clues of the clip, none where there are none."""
    return tuple(Clue.model_validate(each) for each in item.facts.get("clues", ()))


def read_clues(path: Path) -> tuple[Clue, ...]:
    """Return the clues of the report at *path*, none where there is no file; raises `DataError` for a bad one."""
    if not path.is_file():
        return ()
    try:
        return Report.model_validate_json(path.read_text("utf-8")).clues
    except (OSError, ValueError) as error:
        raise DataError(
            f"{str(path)!r} is no report of `openaffect analyze` ({type(error).__name__}); write it anew or remove it."
        ) from error


def said(call: Call) -> str:
    """Return the words of a call."""
    return "" if call.reply is None else call.reply.text
