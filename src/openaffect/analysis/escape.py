"""Text from transcripts, file names and remote models, made safe for each format.

All of it is untrusted: it may hold control characters, quotes, line breaks, markup and lone surrogates.
"""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_RETURN = re.compile("\r\n?")
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_RTTM_UNSAFE = re.compile(r"[\s%\x00-\x1f\x7f]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def printable(text: str) -> str:
    """Return *text* with characters that XML 1.0 forbids (and DEL) replaced by U+FFFD; line breaks and tabs stay.

    >>> printable("a\\x00b")
    'a\ufffdb'
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return *text* on one line: line breaks of all kinds become one space, the ends are stripped.

    >>> one_line(" a\\r\\n\\nb ")
    'a b'
    """
    return printable(_LINE_BREAKS.sub(" ", text)).strip()


def csv_text(text: str) -> str:
    """Return *text* as a cell that a spreadsheet will not run: a leading ``= + - @`` gets an apostrophe.

    A bare carriage return ends a row for some readers, quoted or not, so line breaks become ``\\n``.

    >>> csv_text("=1+1")
    "'=1+1"
    """
    clean = printable(_RETURN.sub("\n", text))
    return f"'{clean}" if clean.startswith(_FORMULA_STARTS) else clean


def safe_path(path: str) -> str:
    """Return *path* unchanged, or with ``./`` before a leading ``= + - @``: the same file, but no formula.

    >>> safe_path("-take 2.wav")
    './-take 2.wav'
    """
    clean = printable(path)
    return f"./{clean}" if clean.startswith(_FORMULA_STARTS) else clean


def vtt_text(text: str) -> str:
    """Return *text* as WebVTT cue text: one line, ``& < >`` as entities (which also takes care of ``-->``).

    >>> vtt_text("a --> <b>")
    'a --&gt; &lt;b&gt;'
    """
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def srt_text(text: str) -> str:
    """Return *text* as a SubRip line.  The format knows no escapes, so look-alikes stand in for arrows and tags.

    >>> srt_text("a --> <b>x</b>")
    'a → ‹b>x‹/b>'
    """
    return _TAG_LIKE.sub("‹", one_line(text).replace("-->", "→"))


def rttm_name(name: str) -> str:
    """Return *name* as one RTTM field: white space, controls and ``%`` percent-encoded (UTF-8), never empty.

    >>> rttm_name("Ms. Li")
    'Ms.%20Li'
    """
    clean = _LINE_BREAKS.sub(" ", printable(name)) or "unknown"
    return _RTTM_UNSAFE.sub(lambda hit: "".join(f"%{byte:02X}" for byte in hit.group().encode()), clean)
