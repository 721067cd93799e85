"""Overlap of a written description with a reference: BLEU, ROUGE-L and METEOR.

**Read these beside an emotion score, never instead of one.**  Overlap counts shared words.  "She is happy" and "she is
unhappy" share most of theirs, "she is glad" and "joy lights up her face" share none.  The authors of EMER released no
code for such figures, so there is no published number to compare with; tokens and versions differ between papers too.
Report `TextScore.made_with` with each figure.

BLEU and METEOR need the extra ``text`` (sacrebleu, nltk).  ROUGE-L needs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from openaffect.errors import UsageError
from openaffect.metrics.meteor import meteor
from openaffect.metrics.text_pairs import (
    Language,
    References,
    TextScore,
    mean_score,
    part,
    rows_of,
    token_rows,
    words_of,
)

__all__ = ["TextScore", "bleu", "meteor", "rouge_l"]


def bleu(references: References, hypotheses: Sequence[str], *, order: int = 4, language: Language = "en") -> TextScore:
    r"""Return BLEU-1 to BLEU-4 of all *hypotheses* together, by sacrebleu.

    .. math:: B \exp\left(\frac{1}{N} \sum_{n=1}^{N} \ln p_n\right), \quad B = \min(1, e^{1 - r / h})

    with N the *order*, :math:`p_n` the share of the n-grams of the hypotheses that stand in a reference (each as often
    as there, counted over the corpus), h and r the lengths of hypotheses and nearest references.  sacrebleu's defaults
    hold: case counts, and an order without any match is smoothed exponentially.  Tokens: ``13a`` for *language* ``en``,
    for ``zh`` each Chinese character is one.  The mean of the BLEU of single sentences would be another number.

    Raises `UsageError` for lists of different length or an order outside 1–4, `DataError` for a blank reference or what
    is no text, `NothingToScore` for no sample, `MissingPart` without sacrebleu.
    Source: K. Papineni et al., "BLEU: a method for automatic evaluation of machine translation", ACL 2002; M. Post,
    "A call for clarity in reporting BLEU scores", WMT 2018.

    >>> round(bleu(["she is very happy today"], ["she is very happy now"]).value, 4)
    0.6687
    """
    if order not in (1, 2, 3, 4):
        raise UsageError(f"order must be 1, 2, 3 or 4, but {order!r} came.")
    words_of(language)
    rows = rows_of(references, hypotheses)
    metrics = part("sacrebleu.metrics", "BLEU")
    scorer = metrics.BLEU(max_ngram_order=order, tokenize="13a" if language == "en" else "zh")
    # sacrebleu wants the first reference of every sample, then the second of every sample, None where there is none.
    widest = max(len(row) for row in rows)
    streams = [[row[i] if i < len(row) else None for row in rows] for i in range(widest)]
    value = scorer.corpus_score(list(hypotheses), streams).score / 100
    return TextScore(f"BLEU-{order}", value, len(rows), (), f"sacrebleu {scorer.get_signature()}")


def rouge_l(references: References, hypotheses: Sequence[str], *, language: Language = "en") -> TextScore:
    r"""Return the mean ROUGE-L F of the samples.

    .. math:: R = \frac{\operatorname{LCS}(x, y)}{|x|}, \quad P = \frac{\operatorname{LCS}(x, y)}{|y|}, \quad
              F = \frac{2 P R}{P + R}

    with LCS the length of the longest common subsequence of the tokens of reference x and hypothesis y, over the whole
    text and not by sentence.  Of several references the best counts; an empty hypothesis scores 0.  Tokens are
    lower-cased runs of letters a–z and digits, as in Google's rouge-score without stemming; for ``zh`` also each other
    letter, thus each Chinese character, by itself.  Punctuation does not count.

    Raises as `bleu` does, and `DataError` for a reference without any token.
    Source: C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", ACL workshop 2004; the LCS by bits:
    H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004.

    >>> round(rouge_l(["She is very happy."], ["she seems happy"]).value, 4)
    0.5714
    """
    words = words_of(language)
    scores = [
        max(_f_of_lcs(reference, tokens) for reference in row)
        for row, tokens in token_rows(references, hypotheses, words)
    ]
    return mean_score("ROUGE-L", scores, f"F1 of whole texts, tokens {words.pattern}")


def _f_of_lcs(reference: Sequence[str], hypothesis: Sequence[str]) -> float:
    shared = _lcs(reference, hypothesis)
    return 2 * shared / (len(reference) + len(hypothesis))


def _lcs(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, by one addition of long integers a token of *second*."""
    places: dict[str, int] = {}
    for bit, token in enumerate(first):
        places[token] = places.get(token, 0) | 1 << bit
    # A bit turns to 0 where a prefix of first gains a token that it shares with second so far.
    open_bits = every = (1 << len(first)) - 1
    for token in second:
        hits = open_bits & places.get(token, 0)
        open_bits = (open_bits + hits | open_bits - hits) & every
    return len(first) - open_bits.bit_count()
