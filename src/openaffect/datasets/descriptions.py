"""Descriptions as the EMER family releases them: the raw text kept, a clean one beside it, and what was wrong.

The texts were written by language models and carry traces of their prompts: a leading ``Input:`` or ``Output:``,
Chinese characters inside English.  What stands before the text is taken away; what stands inside is only named.
"""

from __future__ import annotations

import re
from typing import Literal

from openaffect.datasets.emer_clues import split_clues
from openaffect.records import Description

Language = Literal["en", "zh"]

LEAKED_PREFIX = "leaked prefix"
LEAKED_WORD = "leaked prompt word"
CHINESE = "Chinese characters"
UNSPLIT = "no three clues"

_PREFIX = re.compile(r"^(?:\s*(?:input|output|输入|输出)\s*[:\uff1a])+\s*", re.I)
_WORD = re.compile(r"\b(?:input|output)\s*:|(?:输入|输出)\s*[:\uff1a]", re.I)
_HAN = re.compile(r"[\u3400-\u9fff]")


def described(raw: str, language: Language, *, clues: bool = False) -> Description:
    """Return the description that *raw* is, cleaned; with *clues* also taken apart by modality where it can be.

    >>> found = described("Input: In the video, she smiles.", "en")
    >>> found.text, found.dirt
    ('In the video, she smiles.', ('leaked prefix',))
    """
    text = _PREFIX.sub("", raw).strip()
    parts = split_clues(text, language) if clues else {}
    flags = {
        LEAKED_PREFIX: _PREFIX.match(raw) is not None,
        LEAKED_WORD: _WORD.search(text) is not None,
        CHINESE: language == "en" and _HAN.search(text) is not None,
        UNSPLIT: clues and not parts,
    }
    dirt = tuple(flag for flag, here in flags.items() if here)
    return Description(language=language, raw=raw, text=text, clues=parts, dirt=dirt)


def language_of(text: str) -> Language:
    """Return ``"zh"`` where most letters at the head of *text* are Chinese, else ``"en"``.

    >>> language_of("视频中,她在微笑。"), language_of("In the video, she says 好.")
    ('zh', 'en')
    """
    head = text[:200]
    return "zh" if 2 * len(_HAN.findall(head)) > sum(map(str.isalpha, head)) else "en"
