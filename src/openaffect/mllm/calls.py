"""The record of one call: what came of it, whatever came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from openaffect.errors import DataError, OpenAffectError
from openaffect.mllm.chat import Reply

Outcome = Literal["answered", "refused", "empty", "failed", "unasked"]


@dataclass(frozen=True)
class Call:
    """One call: a reply, or the class and the sentence of the error that stands in its place.

    >>> Call("0f", Reply("calm")).outcome, Call("0f", None, "ServerFault", "it broke off.").outcome
    ('answered', 'failed')
    """

    fingerprint: str
    """The sha256 of what was asked: messages, media, options, model and revision."""
    reply: Reply | None
    error: str | None = None
    """The class of the error, such as ``ServerFault``; None when there is a reply."""
    cause: str | None = None
    """The error in one sentence."""
    attempts: int = 0
    """Requests that were sent for it; 0 when the cache answered or no money was left."""
    cached: bool = False
    latency_s: float = 0.0
    """Seconds from the first request to the end, waits between attempts included."""
    cost: float | None = None
    """Money; None when prices or token counts are unknown."""

    @property
    def outcome(self) -> Outcome:
        """What came of it: ``refused`` and ``empty`` are replies too, ``unasked`` means that the budget was spent."""
        if self.reply is None:
            return "unasked" if self.error == "BudgetSpent" else "failed"
        if self.reply.refusal or self.reply.finish_reason == "content_filter":
            return "refused"
        return "answered" if self.reply.text.strip() else "empty"

    def record(self, identifier: str, **beside: Any) -> dict[str, Any]:
        """Return the call as plain data with its id, for a record file; `Call.read` is the way back.

        *beside* are further fields.  With ``model`` and ``revision`` the file can be answered again by `Replay`.
        """
        return {"id": identifier, **beside, "outcome": self.outcome, **asdict(self)}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Call:
        """Return the call in *record*; raises `DataError` when it holds none."""
        known = {field.name for field in fields(cls)}
        try:
            rest = {key: value for key, value in record.items() if key in known}
            reply = rest.pop("reply")
            return cls(reply=None if reply is None else read_reply(reply), **rest)
        except (KeyError, TypeError) as error:
            raise DataError(f"a record holds no call of a model ({error}); give a file written by a run.") from error


def failed(fingerprint: str, error: OpenAffectError, **rest: Any) -> Call:
    """Return the call that ended in *error*."""
    return Call(fingerprint, None, type(error).__name__, str(error), **rest)


def read_reply(data: Any) -> Reply:
    """Return the reply that `dataclasses.asdict` made *data* of; raises `TypeError` for anything else."""
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        raise TypeError("no reply")
    return Reply(**data)
