"""The JSON Schema of what openaffect writes, made from the records themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from openaffect.errors import UsageError
from openaffect.lookup import suggest
from openaffect.records import SCHEMA_VERSION, Failure, Report

SCHEMAS: dict[str, type[BaseModel]] = {"report": Report, "failure": Failure}

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report as the ``json`` export writes it.

    >>> report_schema()["properties"]["kind"]["const"]
    'openaffect.report'
    """
    return schema("report")


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a record kind, ``report`` or ``failure``.  Raises `UsageError` for another name."""
    if name not in SCHEMAS:
        known = ", ".join(sorted(SCHEMAS))
        raise UsageError(f"there is no schema '{name}'{suggest(name, SCHEMAS)} Known: {known}.")
    body = SCHEMAS[name].model_json_schema(mode="serialization")
    # the export writes every field, so a file that lacks one was not written by it
    for part in (body, *body.get("$defs", {}).values()):
        if "properties" in part:
            part["required"] = list(part["properties"])
    return {"$schema": _DIALECT, "$id": f"urn:openaffect:{name}:{SCHEMA_VERSION}", **body}
