"""The closed label sets of the field, and what a label of one set is called in another.

Names are spelled as the data files spell them and stand in the order of the files, which matters where a file holds
numbers (`LabelSet.first`).  The names are facts about the corpora; how they map is **our** judgement: it goes through
our own wheel (`openaffect.emotion.wheel.bundled_wheel`) by the rule that `label_map` states, and no corpus endorses it.
MER-UniBench is arXiv 2501.16566, MME-Emotion arXiv 2508.09210.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import UsageError
from openaffect.lookup import suggest

Kind = Literal["emotion", "sentiment", "intent"]


@dataclass(frozen=True)
class LabelSet:
    """One closed set of labels."""

    key: str
    title: str
    names: tuple[str, ...]
    """Spelled and ordered as in the data files; where the files give no order, as in the source."""
    source: str
    kind: Kind = "emotion"
    """Sets of different kinds have no labels in common, even where a name such as ``neutral`` stands in both."""
    separator: str | None = None
    """What parts several labels of one clip in the data files; None where a clip has one label."""
    first: int | None = None
    """The number of the first name where the data files hold numbers; None where they hold names."""


def _set(
    key: str,
    title: str,
    names: str,
    source: str,
    kind: Kind = "emotion",
    *,
    separator: str | None = None,
    first: int | None = None,
) -> LabelSet:
    return LabelSet(key, title, tuple(names.split(", ")), source, kind, separator, first)


_MME = "MME-Emotion"
_WILD = f"{_MME} ER-Wild"
_EKMAN = "anger, disgust, fear, happiness, sadness, surprise"
_MAFW = "anger, disgust, fear, happiness, {}sadness, surprise, contempt, anxiety, helplessness, disappointment"
_BOLD = (
    "Peace, Affection, Esteem, Anticipation, Engagement, Confidence, Happiness, Pleasure, Excitement, Surprise, "
    "Sympathy, Doubt/Confusion, Disconnection, Fatigue, Embarrassment, Yearning, Disapproval, Aversion, Annoyance, "
    "Anger, Sensitivity, Sadness, Disquietment, Fear, Pain, Suffering"
)
_INTENTS = "questioning, agreeing, acknowledging, encouraging, consoling, suggesting, wishing, neutral"
_MOSI = (
    "very strong negative, strong negative, negative, weak negative, neutral, "
    "weak positive, positive, strong positive, very strong positive"
)

_SETS = (
    _set("ekman-6", "Ekman's six", _EKMAN, "Ekman 1992"),
    _set("ekman-6+neutral", "Ekman's six and neutral", f"{_EKMAN}, neutral", "Ekman 1992; neutral as in most corpora"),
    _set(
        "plutchik-8",
        "Plutchik's eight",
        "joy, trust, fear, surprise, sadness, disgust, anger, anticipation",
        "Plutchik 1980",
    ),
    _set("mer-6", "MER2023 and on", "neutral, angry, happy, sad, worried, surprise", f"MER-UniBench; {_MME} Noise-ER"),
    _set("iemocap-4", "IEMOCAP, four", "happy, sad, neutral, anger", "MER-UniBench (happy holds excited too)", first=0),
    _set(
        "iemocap-9",
        "IEMOCAP, nine",
        "Anger, Happiness, Excited, Sadness, Frustration, Fear, Surprise, Other, Neutral",
        f"Busso et al. 2008; {_MME} ER-Lab",
    ),
    _set("meld-7", "MELD", "anger, joy, sadness, neutral, disgust, fear, surprise", f"MER-UniBench; {_WILD}", first=0),
    _set("caer-7", "CAER", "anger, disgust, fear, happy, neutral, sad, surprise", f"Lee et al. 2019; {_WILD}"),
    _set("mc-eiu-7", "MC-EIU", "happy, surprise, sad, disgust, anger, fear, neutral", f"Liu et al. 2024; {_WILD}"),
    _set("e3-8", "E3", "happy, surprised, angry, sarcastic, sad, scared, shy, disgusted", _WILD),
    _set(
        "dfew-7", "DFEW", "happy, sad, neutral, angry, surprise, disgust, fear", f"Jiang et al. 2020; {_WILD}", first=1
    ),
    _set("mafw-11", "MAFW", _MAFW.format("neutral, "), f"Liu et al. 2022; {_WILD}", first=1),
    _set("mafw-10", "MAFW, several labels", _MAFW.format(""), f"{_MME} ML-ER", separator=","),
    _set("mosei-6", "CMU-MOSEI", "happy, sad, anger, surprise, disgust, fear", f"{_MME} ML-ER", separator=","),
    _set("bold-26", "BoLD", _BOLD, f"EMOTIC (Kosti et al. 2017), Luo et al. 2020; {_MME} FG-ER", separator=";"),
    _set("fer-7", "FER2013", "angry, disgust, fear, happy, sad, surprise, neutral", "Goodfellow et al. 2013", first=0),
    _set(
        "ravdess-8",
        "RAVDESS",
        "neutral, calm, happy, sad, angry, fearful, disgust, surprised",
        "Livingstone and Russo 2018",
        first=1,
    ),
    _set("crema-d-6", "CREMA-D", "anger, disgust, fear, happy, neutral, sad", "Cao et al. 2014"),
    _set("sentiment-2", "Sign of the sentiment", "negative, positive", "MOSI, MOSEI, CH-SIMS", "sentiment"),
    _set("sentiment-3", "Sentiment", "negative, neutral, positive", f"{_MME} SA", "sentiment"),
    _set(
        "ch-sims-5",
        "CH-SIMS, five",
        "negative, weakly negative, neutral, weakly positive, positive",
        "Yu et al. 2020",
        "sentiment",
    ),
    _set("mosi-9", "CMU-MOSI, nine", _MOSI, f"{_MME} FG-SA", "sentiment"),
    _set("mc-eiu-intent-8", "MC-EIU, intents", _INTENTS, f"Liu et al. 2024; {_MME} IR", "intent"),
)

LABEL_SETS: Mapping[str, LabelSet] = MappingProxyType({each.key: each for each in _SETS})
"""Key → set.  Every label set of MME-Emotion is among them; its task stands in `LabelSet.source`."""

GENERAL = frozenset(
    (
        *("happy", "joyful", "loving", "proud", "surprised", "interested", "sad", "afraid", "fearful", "scared"),
        *("angry", "disgusted", "ashamed", "calm", "peaceful", "bored", "neutral"),
    )
)
"""Labels of the vocabulary that name their whole family, so that a narrower word of the family is one of them."""


def label_set(key: str) -> LabelSet:
    """Return the set called *key*; raises `UsageError` with the nearest key for an unknown one.

    >>> label_set("meld-7").names.index("neutral"), label_set("dfew-7").first
    (3, 1)
    """
    if key not in LABEL_SETS:
        raise UsageError(f"unknown label set '{key}'{suggest(key, LABEL_SETS) or '.'} Known: {', '.join(LABEL_SETS)}.")
    return LABEL_SETS[key]


def label_map(source: str, target: str) -> dict[str, str | None]:
    """Return, for each name of the set *source*, its counterpart in the set *target*, or None where there is none.

    Names of emotions map to (1) the same name, whatever its case; else (2) the only name of *target* with the same
    label of our wheel (*sadness* to *sad*); else (3) the only name of *target* that names the whole family of our wheel
    (*worried* to *fear*, never *fear* to *worried*).  Sentiments map by their sign, to the only name of that sign.
    Sets of different kinds have no counterparts.  Raises `UsageError` for an unknown set.

    >>> label_map("mer-6", "meld-7")["worried"], label_map("meld-7", "mer-6")["fear"]
    ('fear', None)
    """
    first, second = label_set(source), label_set(target)
    return {name: _counterpart(name, first, second) for name in first.names}


def map_label(label: str, source: str, target: str) -> str | None:
    """Return what *label* of the set *source* is called in the set *target*, by the rule of `label_map`.

    Case and outer blanks do not matter.  Raises `UsageError` for an unknown set and for a label that *source* lacks.

    >>> map_label("Excited", "iemocap-9", "ekman-6"), map_label("other", "iemocap-9", "ekman-6")
    ('happiness', None)
    """
    first, second = label_set(source), label_set(target)
    names = {name.lower(): name for name in first.names}
    key = label.strip().lower()
    if key not in names:
        known = f"{suggest(key, names) or '.'} Known: {', '.join(first.names)}."
        raise UsageError(f"unknown label '{label}' of the set '{source}'{known}")
    return _counterpart(names[key], first, second)


def _counterpart(name: str, source: LabelSet, target: LabelSet) -> str | None:
    if source.key == target.key:
        return name
    if source.kind != target.kind:
        return None
    if source.kind == "sentiment":
        return _only(other for other in target.names if other.split()[-1] == name.split()[-1])
    return _only(other for other in target.names if other.lower() == name.lower()) or _through_wheel(name, target)


def _through_wheel(name: str, target: LabelSet) -> str | None:
    label, family = _place(name)
    if label is None:
        return None
    places = {other: _place(other) for other in target.names}
    same = _only(other for other, place in places.items() if place[0] == label)
    return same or _only(other for other, place in places.items() if place[1] == family and place[0] in GENERAL)


def _place(name: str) -> tuple[str | None, str | None]:
    wheel = bundled_wheel()
    return wheel.cluster(name.lower(), level=2), wheel.cluster(name.lower())


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None
