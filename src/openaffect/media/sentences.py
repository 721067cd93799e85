"""Plain text to sentences, and a small honest guess at its language."""

from __future__ import annotations

import re

_NOT_THE_END = {"mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "no", "jr", "sr", "inc", "approx"}
_END = re.compile(r"([.!?…]+[\"'”’)\]]*)(?=\s)|([。!?]+[”’」』)]*)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
# Words that are common in English and in no other large language of the Latin script.
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """the and you that what with this have are your they would from don't i'm it's can't were there their been just
        know think because why how who which she you're we're they're i've i'll isn't didn't doesn't wasn't won't that's
        let's of is my not when where could should about some any really never always please thank thanks sorry""",
    )
)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of *text*, trimmed, none empty.

    A sentence ends after ``. ! ? …`` before white space (not after "Mr." and the like, nor before a small letter),
    after ``。!?``, and at a line end unless the next line begins with a small letter (wrapped prose).

    >>> split_sentences("Well done, Mr. Smith! 你好。再见\\nIs it 3.5?")
    ['Well done, Mr. Smith!', '你好。', '再见', 'Is it 3.5?']
    """
    found: list[str] = []
    for line in _lines(text):
        start = 0
        for end in _ends(line):
            found.append(line[start:end].strip())
            start = end
        found.append(line[start:].strip())
    return [s for s in found if s]


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1] and line[:1].islower():
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return lines


def _ends(line: str) -> list[int]:
    ends: list[int] = []
    for match in _END.finditer(line):
        rest = line[match.end() :].lstrip()
        word = line[: match.start()].rsplit(None, 1)[-1:]
        short = match.group(1) == "." and bool(word) and word[0].lower().lstrip("(\"'") in _NOT_THE_END
        if match.group(2) or not (short or rest[:1].islower()):
            ends.append(match.end())
    return ends


def guess_language(text: str) -> str | None:
    """Return "zh", "ja", "ko" by script, "en" by common words, or None; a guess, not an identification.

    Latin text is "en" when at least a tenth of its words are typical of English alone; other languages of the Latin
    script give None.  Japanese without any kana is taken for Chinese.

    >>> guess_language("你怎么才来?"), guess_language("What have you done?"), guess_language("C'est la vie")
    ('zh', 'en', None)
    """
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return None
    share = len(letters) / 5
    if sum("\u3041" <= c <= "\u30ff" for c in letters) > share:
        return "ja"
    if sum("\uac00" <= c <= "\ud7a3" for c in letters) > share:
        return "ko"
    if sum("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in letters) > share:
        return "zh"
    words = _WORD.findall(text.lower().replace("’", "'"))
    return "en" if words and sum(w in _ENGLISH for w in words) >= max(1, len(words) / 10) else None
