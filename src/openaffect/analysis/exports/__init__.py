"""Files that other tools open.  A format is one file here and one line in the table.

Each entry is ``write(report, folder, stem) -> list[Path]``: it writes ``folder/stem.SUFFIX`` (some formats write
several files), each atomically, and returns what it wrote.  Next to it stands a pure ``render`` that returns the text.

Raises `openaffect.errors.OutputError` when the folder cannot be written or the disk is full.
"""

from __future__ import annotations

EXPORTS: dict[str, str] = {
    "json": "openaffect.analysis.exports.json:write",
    "html": "openaffect.analysis.exports.html:write",
    "csv": "openaffect.analysis.exports.csv:write",
    "eaf": "openaffect.analysis.exports.eaf:write",
    "textgrid": "openaffect.analysis.exports.textgrid:write",
    "vtt": "openaffect.analysis.exports.vtt:write",
    "srt": "openaffect.analysis.exports.srt:write",
    "rttm": "openaffect.analysis.exports.rttm:write",
    "audformat": "openaffect.analysis.exports.audformat:write",
    "labelstudio": "openaffect.analysis.exports.labelstudio:write",
    "parquet": "openaffect.analysis.exports.parquet:write",
    "hume": "openaffect.analysis.exports.hume:write",
}
