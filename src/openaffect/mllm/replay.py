"""A stored run answered again: a reply cache, or a record file of calls.  Nothing is sent anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from openaffect.errors import DataError, InputError, RemoteError, UsageError
from openaffect.mllm.cache import ReplyCache
from openaffect.mllm.calls import Call
from openaffect.mllm.chat import Message, Options, Reply, fingerprint

Find = Callable[[str], Call | None]


class Replay:
    """An `AsyncBackend` that answers from the file *path* what was asked in the same words of the same model.

    *model* and *revision* are those of the stored run; they need not be given where the file names one model only.
    A call that failed then fails again, with the same sentence.  Raises `InputError` when the file cannot be read and
    `UsageError` when it must be said which model is meant.
    """

    host = ""

    def __init__(self, path: Path | str, *, model: str | None = None, revision: str | None = None) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise InputError(
                f"no stored run at {str(self.path)!r}; give the reply cache or the file of calls of a run."
            )
        with self.path.open("rb") as file:
            is_cache = file.read(16) == b"SQLite format 3\0"
        self._find, held = _from_cache(self.path) if is_cache else _from_records(self.path)
        self.model, self.revision = _which(self.path, held, model, revision)

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        """Return the stored reply; raises `RemoteError` when this was not asked then, or failed then."""
        call = self._find(fingerprint(messages, options, self.model, self.revision))
        if call is None:
            words = f"{str(self.path)!r} holds no reply of {self.model!r} to this request"
            raise RemoteError(f"{words}; messages, media, options, model and revision must all be the same.")
        if call.reply is None:
            raise RemoteError(f"in the stored run: {call.cause}")
        return call.reply


def _from_cache(path: Path) -> tuple[Find, list[tuple[str, str]]]:
    cache = ReplyCache(path)

    def find(name: str) -> Call | None:
        reply = cache.get(name)
        return None if reply is None else Call(name, reply, cached=True)

    return find, cache.models()


def _from_records(path: Path) -> tuple[Find, list[tuple[str, str]]]:
    """Return a finder that keeps the places of the records, not the records: a run may be larger than the memory."""
    places: dict[str, int] = {}
    held: set[tuple[str, str]] = set()
    with path.open("rb") as file:
        at = 0
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):  # a killed run may leave half a line at the end
                name, who = _head(line, f"{str(path)!r} line {number}")
                places[name] = at
                held |= {who} if who is not None else set()
            at += len(line)

    def find(name: str) -> Call | None:
        if name not in places:
            return None
        with path.open("rb") as file:
            file.seek(places[name])
            return Call.read(json.loads(file.readline()))

    return find, sorted(held)


def _head(line: bytes, where: str) -> tuple[str, tuple[str, str] | None]:
    """Return the fingerprint in a record of a call, and model and revision where it names them."""
    try:
        record = json.loads(line)
        name = record["fingerprint"]
        Call.read(record)
    except (ValueError, KeyError, TypeError, DataError) as error:
        raise InputError(f"{where} is no record of a call; give the file of calls of a run.") from error
    model = record.get("model")
    return str(name), (str(model), str(record.get("revision", ""))) if model is not None else None


def _which(path: Path, held: list[tuple[str, str]], model: str | None, revision: str | None) -> tuple[str, str]:
    fits = [one for one in held if model in (None, one[0]) and revision in (None, one[1])]
    if len(fits) == 1:
        return fits[0]
    if model is not None and not held:
        return model, revision or ""
    names = ", ".join(f"{name}@{rev}" if rev else name for name, rev in held) or "none by name"
    raise UsageError(f"say which model of {str(path)!r} is to answer: replay:{path}#MODEL.  It holds {names}.")


def open_spec(rest: str, *, base_url: str | None = None, revision: str = "") -> Replay:
    """Return the backend for ``replay:PATH`` or ``replay:PATH#MODEL``; it needs no address."""
    path, _, model = rest.partition("#")
    return Replay(path, model=model or None, revision=revision or None)
