"""The report as JSON: versioned, and the same report gives the same bytes.

Keys stand in the order of the records, free mappings are sorted, floats are rounded to six digits (a microsecond),
and there is no date.  Lists of records are written one record a line, so that two reports can be compared by ``diff``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from openaffect.errors import InputError
from openaffect.records import SCHEMA_VERSION, Report
from openaffect.store import write_atomic

_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = 6


def plain(value: Any) -> Any:
    """Return a record as plain dicts, lists, strings and numbers in their fixed order, floats rounded.

    >>> plain({"b": (0.12345678, -0.0), "a": None})
    {'a': None, 'b': [0.123457, 0.0]}
    """
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def dump(value: Any) -> str:
    """Return plain *value* as compact JSON; a lone surrogate (from an odd file name) becomes its ``\\udXXX`` escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _SURROGATE.sub(lambda hit: f"\\u{ord(hit.group()):04x}", text)


def render(report: Report) -> str:
    """Return *report* as JSON text, ending with a line break."""
    lines = [f"{dump(key)}:{_block(value)}" for key, value in plain(report).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _block(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(dump(item) for item in value) + "\n]"
    return dump(value)


def write(report: Report, folder: Path, stem: str) -> list[Path]:
    """Write ``folder/stem.json``."""
    path = folder / f"{stem}.json"
    write_atomic(path, render(report))
    return [path]


def read(path: Path) -> Report:
    """Return the report that *path* holds.

    Raises `InputError` where the file cannot be read, is no JSON, or is no report of this version.
    """
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}; give the path of a report in JSON.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{str(path)!r} is not JSON ({error}); write reports with --format json.") from error
    if not isinstance(value, dict) or value.get("kind") != "openaffect.report":
        raise InputError(f"{str(path)!r} is JSON but not an openaffect report; write reports with --format json.")
    try:
        return Report.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{str(path)!r} is not a report of version {SCHEMA_VERSION}: {where}: {first['msg']}; "
            "analyse the recording again."
        ) from error
