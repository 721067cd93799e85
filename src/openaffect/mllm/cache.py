"""Replies on disk by the fingerprint of what was asked, so that no finished call is made or paid twice.

One SQLite file in write-ahead mode.  Several processes may use it at once, and a killed process loses nothing that it
stored.  It needs a local disk: write-ahead mode does not work over network file systems.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from openaffect.errors import InputError, OutputError
from openaffect.mllm.calls import Call, read_reply
from openaffect.mllm.chat import Reply

_APPLICATION, _VERSION = 0x0AFFEC70, 1
_WAIT_S = 60.0
_TABLE = """
CREATE TABLE IF NOT EXISTS replies (
    fingerprint TEXT PRIMARY KEY, model TEXT NOT NULL, revision TEXT NOT NULL, reply TEXT NOT NULL
) WITHOUT ROWID
"""
_DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError)


class ReplyCache:
    """Replies by fingerprint in the file *path*, which is made when it does not exist; use it in ``with``.

    Failures and empty replies are never stored; refusals are.  Raises `InputError` when the file is damaged or is not a
    cache of openaffect, and `OutputError` when it cannot be written; both name the file and say what to do.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        with self._named():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # The lock above allows what sqlite3 forbids by default: use from several threads.
            self._file = sqlite3.connect(
                self.path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False, cached_statements=8
            )
        try:
            with self._named():
                self._prepare()
        except BaseException:
            self._file.close()
            raise

    def _prepare(self) -> None:
        # In this order: another process may be making the table, in one step with the two numbers.
        tables = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        number = self._file.execute("PRAGMA application_id").fetchone()[0]
        version = self._file.execute("PRAGMA user_version").fetchone()[0]
        if tables and (number, version) != (_APPLICATION, _VERSION):
            raise InputError(
                f"{str(self.path)!r} is another kind of database than a reply cache of this version; name another file."
            )
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        if not tables:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.execute(_TABLE)
            self._file.execute(f"PRAGMA application_id={_APPLICATION}")
            self._file.execute(f"PRAGMA user_version={_VERSION}")
            self._file.execute("COMMIT")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what SQLite and the disk raise into one sentence with the file's name."""
        name = str(self.path)
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            cause = str(getattr(error, "strerror", None) or error).lower()
            words = f"cannot use the reply cache {name!r}: {cause}"
            raise OutputError(f"{words}; free some space, wait for other runs, or name another file.") from error
        except _DAMAGE as error:
            words = f"the reply cache {name!r} is damaged ({error})"
            raise InputError(f"{words}; move it away to begin a new one; its replies will be asked again.") from error

    def get(self, fingerprint: str) -> Reply | None:
        """Return the stored reply, None when there is none."""
        with self._lock, self._named():
            row = self._file.execute("SELECT reply FROM replies WHERE fingerprint=?", (fingerprint,)).fetchone()
            return None if row is None else read_reply(json.loads(row[0]))

    def put(self, call: Call, model: str, revision: str = "") -> bool:
        """Store the reply of *call* and return whether it was worth storing: an answer or a refusal."""
        if call.reply is None or call.outcome == "empty":
            return False
        text = json.dumps(asdict(call.reply), ensure_ascii=True, separators=(",", ":"))
        with self._lock, self._named():
            row = (call.fingerprint, model, revision, text)
            self._file.execute("INSERT OR REPLACE INTO replies VALUES (?,?,?,?)", row)
        return True

    def models(self) -> list[tuple[str, str]]:
        """Return the models that gave the stored replies, each with its revision."""
        with self._lock, self._named():
            return self._file.execute("SELECT DISTINCT model, revision FROM replies ORDER BY 1, 2").fetchall()

    def __len__(self) -> int:
        with self._lock, self._named():
            return int(self._file.execute("SELECT count(*) FROM replies").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> ReplyCache:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
