"""METEOR: words matched as they are, by stem, and by synonym, with a price for their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from openaffect.errors import UsageError
from openaffect.metrics.text_pairs import References, Stage, TextScore, mean_score, part, token_rows, words_of
from openaffect.metrics.wordnet import Lemma, Synset, WordNet

_STAGES: tuple[tuple[Stage, ...], ...] = (("exact",), ("exact", "stem"), ("exact", "stem", "synonym"))


class _NoStemmer:
    """A stemmer that leaves words alone, so that the stem stage finds nothing new."""

    def stem(self, word: str) -> str:
        return word


class _Meanings:
    """What nltk asks of a WordNet: the meanings of the words of one hypothesis."""

    def __init__(self, by_stem: Mapping[str, list[Synset]]) -> None:
        self._by_stem = by_stem

    def synsets(self, stem: str) -> list[Synset]:
        return self._by_stem.get(stem, [])


def meteor(
    references: References,
    hypotheses: Sequence[str],
    *,
    stages: Sequence[Stage] = ("exact", "stem"),
    wordnet: str | Path | None = None,
) -> TextScore:
    r"""Return the mean METEOR of the samples (English), by nltk.

    .. math:: F = \frac{P R}{\alpha P + (1 - \alpha) R}, \quad
              M = F \left(1 - \gamma \left(\frac{c}{m}\right)^\beta\right)

    with m the words matched one to one, P and R their share of hypothesis and reference, and c the runs of them that
    stand alike in both; :math:`\alpha = 0.9, \beta = 3, \gamma = 0.5`.  Words match when equal (``exact``), then when
    their Porter stems are equal (``stem``), then when WordNet has them as synonyms (``synonym``).  The last stage runs
    where *wordnet* is a folder of WordNet files (Debian: ``/usr/share/wordnet``); **without it the value is lower than
    that of papers that used all stages**, so the result names its `stages`.  Nothing is downloaded.  nltk by itself
    looks up the stems of words and so misses most synonyms; here their words are looked up, which gives higher values.
    Equal texts score slightly below 1, for one run of m words still costs :math:`\gamma / m^3`.

    Tokens are those of `rouge_l`; of several references the best counts.  Raises as `rouge_l` does, `UsageError` also
    for stages that are not the first one, two or three in this order, or for ``synonym`` without a folder.
    Source: A. Lavie and A. Agarwal, "METEOR", WMT 2007.

    >>> score = meteor(["she is smiling"], ["she smiles"])
    >>> round(score.value, 4), score.stages
    (0.3448, ('exact', 'stem'))
    """
    chosen = _stages(tuple(stages), wordnet)
    rows = token_rows(references, hypotheses, words_of("en"))
    single = part("nltk.translate.meteor_score", "METEOR").single_meteor_score
    stemmer = part("nltk.stem.porter", "METEOR").PorterStemmer() if "stem" in chosen else _NoStemmer()
    known = None if wordnet is None else WordNet(wordnet)
    scores = []
    for row, tokens in rows:
        options = {"stemmer": stemmer, "wordnet": _meanings(known, tokens, stemmer.stem)}
        scores.append(max(float(single(reference, tokens, **options)) for reference in row))
    source = f", WordNet {known.version}" if known else ""
    made_with = f"nltk {version('nltk')}, {'+'.join(chosen)}{source}, alpha 0.9, beta 3, gamma 0.5"
    return mean_score("METEOR", scores, made_with, chosen)


def _meanings(wordnet: WordNet | None, tokens: Sequence[str], stem: Callable[[str], str]) -> _Meanings:
    """Return the meanings of *tokens* as nltk can find them.

    After its stem stage nltk has only stems left and looks those up (*automobil*, *happi*), which no WordNet knows.  So
    the meanings of a word stand under its stem, and hold stems.
    """
    by_stem: dict[str, list[Synset]] = {}
    if wordnet is None:
        return _Meanings(by_stem)
    for word in dict.fromkeys(tokens):
        for meaning in wordnet.synsets(word):
            by_stem.setdefault(stem(word), []).append(Synset(tuple(Lemma(stem(lemma.word)) for lemma in meaning.words)))
    return _Meanings(by_stem)


def _stages(wanted: tuple[Stage, ...], wordnet: str | Path | None) -> tuple[Stage, ...]:
    if wordnet is not None and wanted == ("exact", "stem"):
        return _STAGES[-1]
    if wanted not in _STAGES or ("synonym" in wanted) != (wordnet is not None):
        raise UsageError(
            "stages must be exact, or exact and stem, and with a folder of WordNet files as wordnet also synonym; "
            f"{', '.join(wanted) or 'none'} came {'without' if wordnet is None else 'with'} a folder."
        )
    return wanted
