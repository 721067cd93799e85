r"""EMER-V2 descriptions taken apart into what is seen, heard and said.

The Chinese texts are three segments with a full-width semicolon between them, each opened by what it looks at; the
English ones are sentences of which some open with "In the video", "In the audio" and "In the text".  A text is split
only where the openers stand in three blocks, one for each modality; any other text is left whole, never guessed at.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Literal

from openaffect.records import Modality

_CHINESE = {
    "visual": "视频|画面|影像|视觉",
    "acoustic": "音频|声音|语音|听觉",
    "lexical": "文本|文字|字幕|台词",
}
_ENGLISH = {
    "visual": r"videos?|footage|clip|visuals?|visual (?:content|clip|part)|video (?:clip|content|footage)",
    "acoustic": r"audios?|sound ?track|audio (?:clip|track|content|recording|part)|speech",
    "lexical": r"texts?|text(?:ual)? (?:content|part)|subtitles?(?: text)?|captions?|transcripts?|transcription",
}


def _openers(words: dict[str, str], form: str) -> re.Pattern[str]:
    return re.compile(form.format("|".join(f"(?P<{modality}>{each})" for modality, each in words.items())), re.I)


_BOUNDARY = {
    # Chinese: at the start or after a semicolon, half-width ones too; perhaps after "in", "from", "according to".
    "zh": _openers(_CHINESE, r"(?:^|[;\uff1b])\s*(?:在|从|根据|对于)?(?:该|此|这段)?(?:{0})"),
    # English: at the start of a sentence, a clause after a semicolon, or a line.
    "en": _openers(
        _ENGLISH,
        r"(?:^|[.!?;\uff1b\u3002]['\"\u201d\u2019)]*\s+|\n\s*)"
        r"(?:In|From|According to|As for|Regarding) (?:the|this) (?:{0})\b",
    ),
}


def split_clues(text: str, language: Literal["en", "zh"]) -> dict[Modality, str]:
    """Return the visual, acoustic and lexical part of *text*, or {} where it is not clearly made of these three.

    The lexical part is the last of the three in the released texts, so what is concluded at the end belongs to it.

    >>> split_clues("视频中,她皱着眉；音频中,语气急促；文本中,字幕说“快点”,可见她着急。", "zh")["acoustic"]
    '音频中,语气急促'
    """
    found = [(match.lastgroup or "", _begin(match)) for match in _BOUNDARY[language].finditer(text)]
    blocks = [next(block) for _, block in groupby(found, key=lambda each: each[0])]
    if sorted(modality for modality, _ in blocks) != ["acoustic", "lexical", "visual"] or blocks[0][1] != 0:
        return {}
    ends = [start for _, start in blocks[1:]] + [len(text)]
    parts = {
        modality: text[start:end].strip().rstrip(";\uff1b").rstrip()
        for (modality, start), end in zip(blocks, ends, strict=True)
    }
    return {modality: parts[modality] for modality in ("visual", "acoustic", "lexical")}


def _begin(match: re.Match[str]) -> int:
    """Return where the opener itself begins, past the punctuation and the blanks before it."""
    passed = re.match(r"[.!?;\uff1b\u3002'\"\u201d\u2019)\s]*", match.group())
    return match.start() + (passed.end() if passed else 0)
