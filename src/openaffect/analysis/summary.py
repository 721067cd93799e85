"""Group means over many reports: ``openaffect summarize``.

The unit is the recording: each gives one number per measure (see `openaffect.analysis.measures`), so that a long clip
weighs as much as a short one and segments of one clip are not mistaken for independent observations.  Groups with fewer
than `min_group` recordings are named and counted, but their numbers are withheld; so is a measure that fewer than
`min_group` recordings of a group have.  Withholding a small group does not hide it from somebody who also knows the
total: do not publish totals beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from openaffect.analysis.exports.csv import Cell, table
from openaffect.analysis.links import media_name
from openaffect.analysis.measures import recording_measures
from openaffect.errors import InputError, UsageError
from openaffect.lookup import suggest
from openaffect.metrics.interval import bootstrap_interval
from openaffect.records import Finite, Record, Report

UNKNOWN = "(unknown)"
_SHARES = ("label:", "family:")
_FILE_COLUMNS = ("file", "path", "filename", "name")


class GroupMean(Record):
    """The mean of one measure in one group, with a bootstrap interval over recordings.

    `mean`, `low` and `high` are None where `n` is below the minimum group size.
    """

    group: str
    measure: str
    n: int
    n_missing: int
    mean: Finite | None
    low: Finite | None
    high: Finite | None


class Summary(Record):
    """What `summarize` returns; `notes` says what was withheld or could not be joined."""

    by: str
    level: float
    min_group: int
    groups: dict[str, int]
    rows: tuple[GroupMean, ...]
    notes: tuple[str, ...]


def summarize(
    reports: Sequence[Report],
    *,
    by: str,
    columns: Mapping[str, str] | Path | None = None,
    min_group: int = 5,
    level: float = 0.95,
    seed: int = 0,
) -> Summary:
    """Return the mean of every measure per group, with a percentile bootstrap interval over recordings.

    *by* names a column of *columns* (a CSV with a ``file`` column, joined on the path or else the file name; or a
    mapping from path or file name to group), or without *columns* a property of the report: ``kind``, ``language``,
    ``people``, ``family``, ``label``, ``reasoner``.  Recordings that *columns* does not name form a group "(unknown)".

    Raises `UsageError` for an unknown column, no reports, the same recording twice, or ``min_group < 2``, and
    `InputError` for a CSV that cannot be read or is ambiguous.
    """
    _check(reports, min_group)
    groups = _grouped(reports, by, columns)
    names = sorted({name for members in groups.values() for member in members for name in member})
    rows = [_mean(group, name, members, min_group, level, seed) for group, members in groups.items() for name in names]
    sizes = {group: len(members) for group, members in groups.items()}
    return Summary(
        by=by, level=level, min_group=min_group, groups=sizes, rows=tuple(rows), notes=_notes(sizes, rows, min_group)
    )


def _check(reports: Sequence[Report], min_group: int) -> None:
    if not reports:
        raise UsageError("there is nothing to summarise: no report came; give the paths of reports in JSON.")
    if min_group < 2:
        raise UsageError(
            f"the minimum group size is {min_group}; a mean of one recording is no group mean, give 2 or more."
        )
    seen: set[str] = set()
    for report in reports:
        if report.media.sha256 in seen:
            raise UsageError(
                f"the recording {report.media.path!r} came twice (same content); give each recording once."
            )
        seen.add(report.media.sha256)


def _grouped(
    reports: Sequence[Report], by: str, columns: Mapping[str, str] | Path | None
) -> dict[str, list[dict[str, float]]]:
    joined = read_column(columns, by) if isinstance(columns, Path) else columns
    groups: dict[str, list[dict[str, float]]] = {}
    for report in reports:
        group = _property(report, by) if joined is None else _joined(report, joined)
        groups.setdefault(group, []).append(recording_measures(report))
    return dict(sorted(groups.items()))


def _property(report: Report, by: str) -> str:
    labels = report.overall.labels
    properties = {
        "kind": report.media.kind,
        "language": " ".join(sorted({item.language for item in report.utterances if item.language})) or UNKNOWN,
        "people": str(len(report.people)),
        "family": labels[0].family if labels else "(abstained)",
        "label": labels[0].name if labels else "(abstained)",
        "reasoner": report.generator.reasoner,
    }
    if by not in properties:
        known = ", ".join(sorted(properties))
        raise UsageError(
            f"a report has no column '{by}'{suggest(by, properties)} Known: {known}; or give a CSV with it."
        )
    return properties[by]


def _joined(report: Report, columns: Mapping[str, str]) -> str:
    return columns.get(report.media.path) or columns.get(media_name(report)) or UNKNOWN


def read_column(path: Path, by: str) -> dict[str, str]:
    """Return ``{file: group}`` from a CSV with a file column (``file``, ``path``, ``filename`` or ``name``) and *by*.

    Every file stands under its path as written and under its bare name.  Raises `InputError` where the CSV cannot be
    read or one name belongs to two groups, and `UsageError` where a column is missing.
    """
    rows = _rows(path)
    header = list(rows[0]) if rows else []
    key = next((name for name in _FILE_COLUMNS if name in header), None)
    if key is None or by not in header:
        wanted = "file" if key is None else by
        raise UsageError(
            f"{str(path)!r} has no column '{wanted}'{suggest(wanted, header)} It has: {', '.join(header)}."
        )
    groups: dict[str, str] = {}
    bare: dict[str, set[str]] = {}
    for row in rows:
        file, group = (row[key] or "").strip(), (row[by] or "").strip() or UNKNOWN
        if groups.setdefault(file, group) != group:
            raise InputError(
                f"{str(path)!r} puts {file!r} into two groups, {groups[file]!r} and {group!r}; keep one row."
            )
        bare.setdefault(file.replace("\\", "/").rsplit("/", 1)[-1], set()).add(group)
    # a bare name stands for a file only where it cannot mean two groups
    return {name: next(iter(found)) for name, found in bare.items() if len(found) == 1} | groups


def find_reports(paths: Sequence[Path]) -> list[Path]:
    """Return the report files among *paths*: files as they are, and of each folder the JSON files that hold a report.

    Raises `UsageError` where nothing is found, and `InputError` for a path that does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [file for file in sorted(path.rglob("*.json")) if _looks_like_report(file)]
        elif path.exists():
            found.append(path)
        else:
            raise InputError(f"{str(path)!r} does not exist; give reports in JSON or folders that hold them.")
    if not found:
        raise UsageError("no report was found there; write reports with 'openaffect analyze ... --format json' first.")
    return list(dict.fromkeys(found))


def _looks_like_report(path: Path) -> bool:
    """Return whether the head of a JSON file names our kind; the other exports and run cards do not."""
    try:
        with path.open("rb") as file:
            return b'"openaffect.report"' in file.read(200)
    except OSError:
        return False


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), restval=""))
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}; give the path of a CSV file.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{str(path)!r} is not a CSV file in UTF-8 ({error}); save it as one.") from error


def _mean(
    group: str, measure: str, members: Sequence[Mapping[str, float]], min_group: int, level: float, seed: int
) -> GroupMean:
    # a label that a read recording does not carry has share zero there; any other absent measure is missing
    share = measure.startswith(_SHARES)
    values = [member.get(measure, 0.0) for member in members if measure in member or (share and "abstained" in member)]
    missing = len(members) - len(values)
    if len(values) < min_group:
        return GroupMean(group=group, measure=measure, n=len(values), n_missing=missing, mean=None, low=None, high=None)
    low, high = bootstrap_interval(values, seed=seed, level=level)
    mean = float(np.mean(values))
    return GroupMean(group=group, measure=measure, n=len(values), n_missing=missing, mean=mean, low=low, high=high)


def _notes(sizes: Mapping[str, int], rows: Sequence[GroupMean], min_group: int) -> tuple[str, ...]:
    small = [f"{group} ({size})" for group, size in sizes.items() if size < min_group]
    notes = []
    if small:
        notes.append(f"withheld, fewer than {min_group} recordings: {', '.join(small)}")
    thin = sum(row.mean is None and sizes[row.group] >= min_group for row in rows)
    if thin:
        notes.append(f"{thin} means withheld, as fewer than {min_group} recordings of the group have the measure")
    if sizes.get(UNKNOWN):
        notes.append(f"{sizes[UNKNOWN]} recordings have no known value of the column and form the group {UNKNOWN}")
    notes.append("intervals are percentile bootstraps over recordings; with many measures some differ by chance")
    return tuple(notes)


def summary_csv(summary: Summary) -> str:
    """Return *summary* as CSV text, one row per group and measure; withheld means are empty cells."""
    columns = list(GroupMean.model_fields)
    rows: list[dict[str, Cell]] = [row.model_dump() for row in summary.rows]
    return table(columns, rows)
