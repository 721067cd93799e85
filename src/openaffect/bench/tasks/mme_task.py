"""MME-Emotion as a task: question, step extractor, audio clue, judge with frames, scores in two readings.

`MME_EMOTION` gives the judge the released audio clues, as the published scores did; they know the label (the scores say
so).  `MME_EMOTION_HEARD` has the judge's model listen first and describe the sound, told nothing else.
Scores of judged entries alone: `openaffect.bench.tasks.mme_emotion`.  Page: docs/reference/mme-emotion-run.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openaffect.bench.task import Item, Source, Stage, Steps, Task
from openaffect.bench.tasks.mme.answer import answer_stage
from openaffect.bench.tasks.mme.audio_clue import audio_stage
from openaffect.bench.tasks.mme.entries import entries_of
from openaffect.bench.tasks.mme.extractor import steps_stage
from openaffect.bench.tasks.mme.guesses import JudgeFree
from openaffect.bench.tasks.mme.judge import again_stage, judge_stage
from openaffect.bench.tasks.mme.questions import Clues, read_items
from openaffect.bench.tasks.mme.report import Figures, MmeScores, TaskReport, mme_scores
from openaffect.bench.tasks.mme.tasks import TASKS

__all__ = [
    "MME_EMOTION",
    "MME_EMOTION_HEARD",
    "Clues",
    "Figures",
    "JudgeFree",
    "MmeScores",
    "TaskReport",
    "entries_of",
    "mme_scores",
    "mme_task",
]

_TITLE = "MME-Emotion"
_ABOUT = "eight tasks of emotion, sentiment and intent in 6,500 clips; every reasoning step is rated by a judge"
_LICENCE = "code MIT; the data set names no licence; clips by the terms of twelve corpora, most non-commercial"
_OBTAIN = "the question and clue files and one archive of clips a task: Hugging Face Karl28/MME-Emotion (about 6.3 GB)"


def mme_task(clues: Clues = "released", *, alpha: float = 0.5) -> Task:
    """Return MME-Emotion with the audio *clues* that the judge is to get and *alpha*, the weight of recognition in CoT.

    >>> from pathlib import Path
    >>> [stage.name for stage in mme_task("heard").stages(Source(Path()))]
    ['answer', 'steps', 'audio', 'judge', 'judge-again']
    """

    def items(source: Source) -> Iterable[Item]:
        return read_items(source, clues)

    def stages(source: Source) -> tuple[Stage, ...]:
        heard = (audio_stage(source),) if clues == "heard" else ()
        return (answer_stage(source), steps_stage(), *heard, judge_stage(source), again_stage(source))

    def score(items: Sequence[Item], steps: Steps, _: Source) -> MmeScores:
        return mme_scores(items, steps, alpha=alpha)

    key, title = ("mme-emotion", _TITLE) if clues == "released" else ("mme-emotion-heard", f"{_TITLE}, clues heard")
    sizes = {each.key: each.n for each in TASKS.values()}
    return Task(key, title, _ABOUT, items, stages, score, _LICENCE, _OBTAIN, sizes)


MME_EMOTION = mme_task()
MME_EMOTION_HEARD = mme_task("heard")
