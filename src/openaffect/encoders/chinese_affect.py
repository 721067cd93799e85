"""Affect in Chinese words: longest match over the characters, then negation, subject, mood and degree around it.

There is no word segmentation; entries of the lexicon that carry no affect keep short words from matching inside
longer ones (麻烦你, 恐怖片).  Simplified characters only.  Every look around is bounded, so the work is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from openaffect.emotion.lexicon import AffectEntry, chinese
from openaffect.encoders.mentions import (
    AFTER_BUT,
    BEFORE_BUT,
    CONDITION,
    OTHER_PERSON,
    QUESTION,
    WISH,
    Mention,
    mention,
)

_SENTENCE = re.compile(r"[^。！？!?\n；;…]*[。！？!?\n；;…]*")
_CLAUSE_ENDS = "，,、：:（）() "
_FILLERS = (
    "太 很 是 那么 这么 怎么 特别 非常 再 会 能 要 用 必 有 有点 得 多 觉得 感到 感觉 想 过"
    " 让 使 我 你 他 她 们 真 十分 大 更 最 什么 好 可 值得 那样 这样 一点 也 都 因为 对 为 跟 和 那 曾"
)
_NEGATORS = "从来不 从来没 毫不 绝不 并不 从不 从没 没有 不是 无需 没 不 别 未"
_NEGATION = re.compile(f"(?:{_NEGATORS.replace(' ', '|')})(?:{_FILLERS.replace(' ', '|')}){{0,4}}$")
_RAISE = {
    "很": 1.05,
    "好": 1.1,
    "真": 1.1,
    "太": 1.2,
    "非常": 1.25,
    "特别": 1.2,
    "十分": 1.2,
    "极其": 1.35,
    "超级": 1.25,
}
_RAISE |= {"超": 1.2, "最": 1.2, "相当": 1.15, "实在": 1.15, "简直": 1.2, "这么": 1.1, "那么": 1.1, "好好": 1.1}
_LOWER = {"有点": 0.65, "有点儿": 0.65, "有一点": 0.65, "有些": 0.7, "稍微": 0.6, "略": 0.7, "不太": 0.8, "比较": 0.9}
_DEGREE_BEFORE = re.compile("(" + "|".join(sorted([*_RAISE, *_LOWER], key=len, reverse=True)) + ")(?:地|的|都|也)?$")
_DEGREE_AFTER = re.compile("(极了|死了|坏了|透了|得不行|得要命|得要死|得很|不已|万分|得不得了)")
_PRONOUN = re.compile("(?P<led>[为对跟和给把替像比帮])?(?P<who>我|咱|俺|你|您|他|她|它|人家|大家)")
_FIRST = frozenset("我咱俺")
_BUT = re.compile("但是|但|可是|不过|然而|却|结果")
_IF = re.compile("如果|要是|假如|假使|倘若|除非|是否")
_WISH = re.compile("希望|想要|但愿|要是能|愿")
_EXPECTED = re.compile("以为|本来想|原以为|还以为")
_ASKS = re.compile("[?？]|[吗么呢][。！!~～…\\s]*$")
_LOOK_BACK = 24


@dataclass(frozen=True)
class _Sentence:
    start: int
    end: int
    asks: bool
    calls: int
    but: int | None


def read_chinese(text: str) -> list[Mention]:
    """Return the mentions in *text*, in order."""
    found = []
    for sentence in _sentences(text):
        free = sentence.start  # where the characters begin that no match has used
        for start, end, entry in _hits(text, sentence.start, sentence.end):
            if entry.kind != "b":
                found.append(_read(text, entry, (start, end), sentence, free))
            free = end
    return found


def _sentences(text: str) -> Iterator[_Sentence]:
    for match in _SENTENCE.finditer(text):
        body = match.group()
        if body:
            buts = [but.start() for but in _BUT.finditer(body)]
            calls = min(3, body.count("！") + body.count("!"))
            but = match.start() + buts[-1] if buts else None
            yield _Sentence(match.start(), match.end(), bool(_ASKS.search(body[-8:])), calls, but)


@cache
def _longest() -> dict[str, int]:
    longest: dict[str, int] = {}
    for phrase in chinese():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


def _hits(text: str, start: int, end: int) -> Iterator[tuple[int, int, AffectEntry]]:
    table, longest = chinese(), _longest()
    here = start
    while here < end:
        for size in range(min(longest.get(text[here], 0), end - here), 0, -1):
            phrase = text[here : here + size]
            entry = table.get(phrase)
            # "什么？" is a cry of its own only where nothing stands before it
            if entry is not None and not (phrase[-1] in "?？" and here > start):
                yield here, here + size, entry
                here += size
                break
        else:
            here += 1


def _read(text: str, entry: AffectEntry, span: tuple[int, int], sentence: _Sentence, free: int) -> Mention:
    start, end = span
    clause = _clause_start(text, start, sentence.start)
    before = text[clause:start]
    negation = _NEGATION.search(text[max(clause, free, start - 12) : start])
    # 不是不高兴: two negations cancel out
    negated = negation is not None and not re.search("(不是|没有|并非|没什么)$", before[: -len(negation.group())])
    intensity = _intensity(before, text[end : end + 4]) * (1 + 0.05 * sentence.calls)
    context = _context(text, entry, span, sentence, before)
    quote_start = start - len(negation.group()) if negation and negated else start
    return mention(text, entry, (quote_start, end), negated=negated, intensity=intensity, context=context)


def _clause_start(text: str, here: int, floor: int) -> int:
    floor = max(floor, here - _LOOK_BACK)
    return max([floor, *(text.rfind(mark, floor, here) + 1 for mark in _CLAUSE_ENDS)])


def _intensity(before: str, after: str) -> float:
    product = 1.0
    if degree := _DEGREE_BEFORE.search(before[-6:]):
        product *= _RAISE.get(degree[1], _LOWER.get(degree[1], 1.0))
    if _DEGREE_AFTER.match(after):
        product *= 1.3
    return min(1.5, product)


def _context(text: str, entry: AffectEntry, span: tuple[int, int], sentence: _Sentence, before: str) -> float:
    """Product of the factors of subject, question, condition, wish and "but"."""
    factor = 1.0
    idiom = span[1] - span[0] >= 4
    subject = _subject(before, text[span[1] : span[1] + 1])
    if entry.kind == "f" and subject == "other":
        factor *= OTHER_PERSON
    if sentence.asks and entry.kind != "x" and not idiom:
        factor *= 0.9 if subject == "first" else QUESTION
    if entry.kind != "x":
        factor *= CONDITION if _IF.search(before) else 1.0
        factor *= WISH if _WISH.search(before) and entry.polarity > 0 else 1.0
        factor *= 0.5 if _EXPECTED.search(before) else 1.0
    if sentence.but is not None:
        factor *= BEFORE_BUT if span[0] < sentence.but else AFTER_BUT
    return factor


def _subject(before: str, after: str) -> str:
    """``first``, ``other`` or ``none``: the pronoun nearest before the word that is not led in by a preposition."""
    if after in _FIRST and after:
        return "first"
    for match in reversed(list(_PRONOUN.finditer(before))):
        if not match["led"]:
            return "first" if match["who"] in _FIRST else "other"
    return "none"
