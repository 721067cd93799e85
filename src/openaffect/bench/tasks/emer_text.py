"""Words that explanations share with reference texts: BLEU, METEOR, ROUGE-L, as secondary scores of EMER.

Overlap counts shared words and says little about emotion: "she is happy" and "she is unhappy" share most of theirs.
Every score carries that caveat, and what it was made with.  English texts are taken by the words of
`openaffect.metrics.text`, Chinese ones character by character.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from openaffect.bench.intervals import take_intervals
from openaffect.bench.measures import Counted, Measure, Sums
from openaffect.bench.task import Item, Step, Steps
from openaffect.bench.tasks.emer_answers import explained
from openaffect.errors import DataError, MissingPart, UsageError
from openaffect.metrics.text import TextScore, bleu, meteor, rouge_l
from openaffect.metrics.text_pairs import Language, words_of
from openaffect.records import Score

CAVEAT = "shared words, not shared meaning: read it beside the emotion scores"
WORDNET = "OPENAFFECT_WORDNET"
"""Environment variable that names a folder of WordNet files."""
_USUAL = Path("/usr/share/wordnet")
_ORDERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class _Pairs:
    """Explanations beside their references, of one language."""

    language: Language
    references: list[str]
    explanations: list[str]
    """"" where there is none."""
    n_skipped: int
    """Clips whose reference has no word."""

    @property
    def n_failed(self) -> int:
        return sum(not text for text in self.explanations)


def text_scores(items: Sequence[Item], steps: Steps) -> Iterator[Score]:
    """Yield BLEU-1 to BLEU-4, METEOR and ROUGE-L of the clips that have a reference text, by language.

    A clip without an explanation counts with an empty text and is counted as failed.  METEOR is called ``METEOR without
    synonyms`` where no WordNet files are found (`wordnet_folder`) or can be read, for it is lower then; its note says
    why.  What is not installed gives a score without a value and a note.
    """
    languages = dict.fromkeys(_language(item) for item in items if item.facts.get("reference"))
    for language in languages:
        pairs = _pairs([item for item in items if _language(item) == language], steps, language)
        named = f", {language}" if len(languages) > 1 else ""
        if pairs.references:
            for score in _scores(pairs):
                yield score.model_copy(update={"name": f"{score.name}{named}"})


def wordnet_folder() -> Path | None:
    """Return the folder of WordNet files: that in ``OPENAFFECT_WORDNET``, else Debian's, else None."""
    named = os.environ.get(WORDNET)
    if named:
        return Path(named)
    return _USUAL if (_USUAL / "index.noun").is_file() else None


def _language(item: Item) -> Language:
    return "zh" if item.facts.get("language") == "zh" else "en"


def _pairs(items: Sequence[Item], steps: Steps, language: Language) -> _Pairs:
    with_text = [item for item in items if item.facts.get("reference")]
    # A reference of other script or of signs alone has nothing to share.
    words = words_of(language)
    usable = [item for item in with_text if words.search(str(item.facts["reference"]).lower())]
    explain = steps.get("explain", {})
    texts = [explained({"explain": explain.get(item.id, Step(item.id))}) or "" for item in usable]
    return _Pairs(language, [str(item.facts["reference"]) for item in usable], texts, len(with_text) - len(usable))


def _scores(pairs: _Pairs) -> Iterator[Score]:
    texts, language = (pairs.references, pairs.explanations), pairs.language
    for order in _ORDERS:
        yield _score(f"BLEU-{order}", pairs, partial(bleu, *texts, order=order, language=language))
    if language == "en":
        yield _meteor(pairs)
    yield _score("ROUGE-L", pairs, partial(rouge_l, *texts, language=language))


def _meteor(pairs: _Pairs) -> Score:
    take, folder, why = partial(meteor, pairs.references, pairs.explanations), wordnet_folder(), ""
    if folder is not None:
        try:
            return _score("METEOR", pairs, partial(take, wordnet=folder))
        except (UsageError, DataError, OSError) as error:
            why = f": {str(error).rstrip('.')}"
    missing = f"no WordNet files ({WORDNET}{why}), so it is lower than one with them"
    return _score("METEOR without synonyms", pairs, take, missing)


def _score(name: str, pairs: _Pairs, take: Callable[[], TextScore], missing: str = "") -> Score:
    counted = Counted(len(pairs.references), pairs.n_skipped, n_failed=pairs.n_failed)
    try:
        found = take()
    except MissingPart as error:
        return Score(
            name=name, value=None, n=counted.n, n_skipped=counted.n_skipped, n_failed=counted.n_failed, note=str(error)
        )
    tokens = "by character" if pairs.language == "zh" else "by word"
    interval = "" if found.by_sample else "counted over all texts at once, so without an interval"
    note = "; ".join(filter(None, (CAVEAT, missing, interval, f"{tokens}, {found.made_with}")))
    (score,) = take_intervals([Measure(name, found.value, counted, _sums(found), note)], counted.n)
    return score


def _sums(found: TextScore) -> Sums | None:
    """Return the mean over samples as a function of weighted sums, None for a score that is no such mean."""
    if not found.by_sample:
        return None
    columns = np.array([found.by_sample, [1.0] * found.n]).T
    return Sums(columns, lambda sums: sums[:, 0] / sums[:, 1])
