"""MME-Emotion from made clips to scores: all stages of all tasks, and each fault as a recorded outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from tests.mme_files import FIRST, clip, write_mme, write_task

from openaffect.bench.river import run
from openaffect.bench.task import Source, Task, Who
from openaffect.bench.tasks.mme_emotion import score_entries
from openaffect.bench.tasks.mme_task import (
    MME_EMOTION,
    MME_EMOTION_HEARD,
    MmeScores,
    TaskReport,
    entries_of,
    mme_scores,
    mme_task,
)
from openaffect.errors import NothingToScore
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Picture, Reply, Sound, Text
from openaffect.mllm.fake import Fake, Scripted

Say = Callable[[str], str | Reply]


def text_of(messages: Sequence[Message]) -> str:
    return "\n".join(part.text for message in messages for part in message.parts if isinstance(part, Text))


def right(question: str) -> str:
    """The labels of the first item of the task whose candidates stand on the last line."""
    offered = question.rstrip().splitlines()[-1]
    return next(label for _, label, labels in FIRST.values() if ", ".join(labels) == offered)


def replies(
    answer: Say | None = None,
    steps: Say | None = None,
    judge: Say | None = None,
    again: str = "<score>Step 1: 1/1, Step 2: 0/1</score>",
) -> Callable[[Sequence[Message]], str | Reply]:
    """All three models in one: who is asked shows in the question."""

    def give(messages: Sequence[Message]) -> str | Reply:
        text = text_of(messages)
        if "Rate again" in text:
            return again
        if text.startswith("You work") and "<steps>" in text.partition("Rate a model")[2]:
            last = text.rpartition("Step ")[2].partition(":")[0]
            below = text.partition("<score>")[2].partition("</score>")[0].rpartition("/")[2]
            return judge(text) if judge else f"<score>Step 1: 1/1, Step {last}: {below}/{below}</score>"
        if "Take the few key steps" in text:
            said = text.rpartition("<answer>\n")[2].removesuffix("\n</answer>")
            return steps(said) if steps else f"<step>Step 1: a low voice, Step 2: {said}</step>"
        if "Listen to this recording" in text:
            return "A steady low tone without words."
        return answer(text) if answer else right(text).replace(";", ", ")

    return give


def scored(task: Task, room: Path, give: Callable[[Sequence[Message]], str | Reply], **source: object) -> MmeScores:
    caller = Caller(Fake(give))
    callers: dict[Who, Caller] = {"model": caller, "extractor": caller, "judge": caller}
    out = room.parent / "out"
    found = run(task, Source(room, **source), callers, out).scores  # type: ignore[arg-type]
    assert isinstance(found, MmeScores)
    return found


def one(task: str, tmp_path: Path, give: Callable[[Sequence[Message]], str | Reply]) -> TaskReport:
    return scored(MME_EMOTION, write_mme(tmp_path / "data", [task]), give).tasks[0]


def test_all_eight_tasks_from_clip_to_score(tmp_path: Path) -> None:
    found = scored(MME_EMOTION, write_mme(tmp_path / "data"), replies())
    assert [each.task for each in found.tasks] == list(FIRST)
    for each in (*found.tasks, found.overall):
        assert each.official is not None
        for figures in (each.official, each.strict):
            assert (figures.recognition.value, figures.reasoning.value, figures.cot.value) == (100, 100, 100), each.task
            assert (figures.steps, figures.n, figures.n_failed) == (2.0, each.n, 0)
        assert (each.causes, each.n_refused, each.notes) == ({}, 0, ())
    free = {each.task: each.judge_free for each in found.tasks}
    assert all(free[key].f1 == free[key].jaccard == 1 for key in ("FG-ER", "ML-ER"))  # type: ignore[union-attr]
    assert all(free[key].accuracy == 1 for key in FIRST if key not in ("FG-ER", "ML-ER"))  # type: ignore[union-attr]
    assert free["FG-SA"].mean_distance == 0  # type: ignore[union-attr]
    assert "label" in found.notes[0] and found.clues == "released"
    assert found.overall.n == 8 and found.overall.judge_free is None


def test_the_heard_clue_takes_the_place_of_the_released_one(tmp_path: Path) -> None:
    room = write_mme(tmp_path / "data", ["SA", "IR"])
    for path in room.glob("*clues.json"):
        path.unlink()
    seen: list[Sequence[Message]] = []

    def give(messages: Sequence[Message]) -> str | Reply:
        seen.append(messages)
        return replies()(messages)

    found = scored(MME_EMOTION_HEARD, room, give)
    assert found.clues == "heard" and not any("given the label" in note for note in found.notes)
    assert found.overall.strict.recognition.value == 100
    judged = [text_of(messages) for messages in seen if "Rate a model" in text_of(messages)]
    assert len(judged) == 2 and all("A steady low tone without words." in text for text in judged)
    assert not any("A loud voice." in text for text in judged)


def test_the_model_gets_the_clip_and_the_judge_ten_frames_at_most(tmp_path: Path) -> None:
    seen: dict[str, list[type]] = {}

    def give(messages: Sequence[Message]) -> str | Reply:
        who = (
            "judge" if "Rate a model" in text_of(messages) else "other" if "<answer>" in text_of(messages) else "model"
        )
        seen[who] = [type(part) for message in messages for part in message.parts]
        return replies()(messages)

    one("IR", tmp_path, give)
    assert set(seen["model"]) == {Picture, Sound, Text} and set(seen["other"]) == {Text}
    assert seen["judge"].count(Picture) == 2 and Sound not in seen["judge"]  # 1.2 s at 25 frames a second


def test_what_is_withheld_is_not_sent(tmp_path: Path) -> None:
    kinds: set[type] = set()

    def give(messages: Sequence[Message]) -> str | Reply:
        if len(messages) == 1:
            kinds.update(type(part) for part in messages[0].parts)
        return replies()(messages)

    scored(MME_EMOTION, write_mme(tmp_path / "data", ["SA"]), give, modalities=("audio",))
    assert kinds == {Sound, Text}


@pytest.mark.parametrize(
    ("give", "cause"),
    [
        (replies(answer=lambda _: ""), "answer: empty"),
        (replies(steps=lambda _: "<step>Step 1: a smi"), "steps: unreadable"),
        (replies(steps=lambda _: "Nothing numbered here."), "steps: unreadable"),
        (replies(steps=lambda _: Reply("", refusal="no")), "steps: extractor refused"),
        (replies(judge=lambda _: "I would say it is fine."), "judge: no rating"),
        (replies(judge=lambda _: "<score>Step 1: 1/1, Step 2: 3/1</score>"), "judge: out of range"),
        (replies(judge=lambda _: "<score>Step 1: 1/1"), "judge: cut off"),
        (replies(judge=lambda _: ""), "judge: empty"),
        (replies(judge=lambda _: Reply("", refusal="no")), "judge: refused"),
        (
            replies(judge=lambda _: "<score>Step 1: 1/1</score>", again="<score>Step 1: 1/1</score>"),
            "judge: step count",
        ),
    ],
)
def test_each_fault_is_counted_with_its_cause(
    tmp_path: Path, give: Callable[[Sequence[Message]], str | Reply], cause: str
) -> None:
    found = one("SA", tmp_path, give)
    assert found.causes == {cause: 1}
    assert (found.strict.n, found.strict.n_failed, found.strict.recognition.value) == (1, 1, 0)


def test_too_few_ratings_are_asked_for_once_more(tmp_path: Path) -> None:
    give = replies(judge=lambda _: "<score>Step 1: 1/1</score>", again="<score>Step 1: 0/1, Step 2: 1/1</score>")
    found = one("SA", tmp_path, give)
    assert found.official is not None
    # The scripts ask once and take what came: one step, and so no reasoning.
    assert (found.official.recognition.value, found.official.steps) == (100, 1)
    assert (found.strict.recognition.value, found.strict.reasoning.value, found.strict.steps) == (100, 0, 2)
    assert found.causes == {} and found.strict.n_failed == 0


def test_only_a_wrong_count_is_asked_again(tmp_path: Path) -> None:
    room = write_mme(tmp_path / "data", ["SA"])
    caller = Caller(Fake(replies(judge=lambda _: "no rating")))
    callers: dict[Who, Caller] = {"model": caller, "extractor": caller, "judge": caller}
    steps = run(MME_EMOTION, Source(room), callers, tmp_path / "out").steps
    (step,) = steps["judge-again"].values()
    assert step.outcome == "skipped" and "no rating" in step.cause


@pytest.mark.parametrize("task", ["ER-Lab", "ML-ER"])
@pytest.mark.parametrize("how", ["words", "server"])
def test_a_refusal_is_wrong_in_both_readings_and_asks_no_judge(tmp_path: Path, task: str, how: str) -> None:
    asked: list[str] = []

    def judge(text: str) -> str:
        asked.append(text)
        return ""

    if how == "words":
        give = replies(answer=lambda _: "I cannot help with that.", steps=lambda _: "<step>None</step>", judge=judge)
    else:
        give = replies(answer=lambda _: Reply("", refusal="No."), judge=judge)
    found = one(task, tmp_path, give)
    assert found.official is not None and not asked
    for figures in (found.official, found.strict):
        assert (figures.recognition.value, figures.reasoning.value, figures.n, figures.n_failed) == (0, 0, 1, 0)
    assert found.n_refused == 1 and found.causes == {}


def test_a_missing_clip_a_missing_clue_and_a_broken_clip_are_recorded(tmp_path: Path) -> None:
    room = tmp_path / "data"
    rows = [(f"MELD/video/{name}.mp4", "negative", ["negative", "positive"]) for name in ("gone", "mute", "bad")]
    write_task(room, "SA", rows)
    clip(room / "MELD/video/mute.mp4")
    (room / "MELD/video/bad.mp4").write_bytes(b"no video")
    clues = json.loads((room / "SA_qwen2_audio_clues.json").read_text())
    (room / "SA_qwen2_audio_clues.json").write_text(json.dumps([clues[0], clues[2]]))
    found = scored(MME_EMOTION, room, replies(answer=lambda _: "negative")).tasks[0]
    assert found.causes == {"answer: there is no clip": 1, "judge: there is no audio clue": 1, "answer: failed": 1}
    assert set(found.notes) == {"the clip was not found", "there is no audio clue"}
    assert found.official is not None and found.official.n == 0 and found.official.recognition.value is None
    assert (found.strict.n, found.strict.n_failed, found.strict.recognition.value) == (3, 3, 0)


def test_a_clip_without_frames_for_the_judge_is_a_failure(tmp_path: Path) -> None:
    room = tmp_path / "data"
    write_task(room, "SA", [("MELD/video/slow.mp4", "negative", ["negative", "positive"])])
    clip(room / "MELD/video/slow.mp4", 4, Fraction(1, 2))
    found = scored(MME_EMOTION, room, replies(answer=lambda _: "negative"))
    assert found.overall.causes == {"judge: failed": 1} and found.overall.strict.n_failed == 1


def test_a_clip_without_sound_is_told_to_the_judge(tmp_path: Path) -> None:
    room = tmp_path / "data"
    write_task(room, "SA", [("MELD/video/mute.mp4", "negative", ["negative", "positive"])], clues=False)
    clip(room / "MELD/video/mute.mp4")
    asked: list[str] = []

    def judge(text: str) -> str:
        asked.append(text)
        return "<score>Step 1: 1/1, Step 2: 1/1</score>"

    found = scored(MME_EMOTION_HEARD, room, replies(answer=lambda _: "negative", judge=judge))
    assert "the clip has no sound." in asked[0] and found.overall.causes == {}


def test_scores_equal_those_of_the_entries_and_have_intervals(tmp_path: Path) -> None:
    room = tmp_path / "data"
    rows = [(f"MELD/video/{number}.mp4", "negative", ["negative", "positive"]) for number in range(6)]
    write_task(room, "SA", rows)
    for name, _, _ in rows:
        clip(room / name)
    given = iter(["0/1", "1/1", "2/1", "1/1", "x", "0/1"])
    caller = Caller(
        Fake(replies(answer=lambda _: "negative", judge=lambda _: f"<score>Step 1: 1/1, Step 2: {next(given)}</score>"))
    )
    callers: dict[Who, Caller] = {"model": caller, "extractor": caller, "judge": caller}
    found = run(mme_task(alpha=0.25), Source(room), callers, tmp_path / "out")
    assert isinstance(found.scores, MmeScores)
    report, entries = found.scores.tasks[0], entries_of(found.items, found.steps, "official")["SA"]
    wanted = score_entries(entries, "SA", 0.25)
    assert report.official is not None
    assert (report.official.recognition.value, report.official.cot.value) == (wanted.recognition, wanted.cot)
    low, high = report.strict.recognition.low, report.strict.recognition.high
    assert low is not None and high is not None and low <= report.strict.recognition.value < high  # type: ignore[operator]
    assert report.strict.n_failed == 2 and set(entries[0]) == {
        "video_id",
        "ground_truth",
        "model_response",
        "step",
        "score",
    }


def test_what_would_stop_the_scripts_is_noted(tmp_path: Path) -> None:
    huge = f"<score>Step 1: 1/1, Step 2: {'9' * 5000}/1</score>"
    found = one("ML-ER", tmp_path, replies(judge=lambda _: huge))
    assert found.official is None and "would stop" in found.notes[0] and found.strict.n_failed == 1


def test_a_run_that_was_never_asked_is_scored_too(tmp_path: Path) -> None:
    items = list(MME_EMOTION.items(Source(write_mme(tmp_path / "data", ["SA"]))))
    found = mme_scores(items, {})
    assert found.tasks[0].causes == {"answer: not asked": 1}
    with pytest.raises(NothingToScore):
        mme_scores([], {})


def test_prompts_are_named_with_their_hashes() -> None:
    for task in (MME_EMOTION, MME_EMOTION_HEARD):
        for stage in task.stages(Source(Path())):
            assert stage.prompts and all(len(digest) == 64 for digest in stage.prompts.values())
            assert stage.options.temperature == 0 and stage.options.seed == 0


def test_a_scripted_extractor_sees_no_label_and_no_candidates(tmp_path: Path) -> None:
    room = write_mme(tmp_path / "data", ["IR"])
    (item,) = MME_EMOTION.items(Source(room))
    stage = MME_EMOTION.stages(Source(room))[1]
    from openaffect.bench.task import Step

    messages = stage.messages(item, {"answer": Step(item.id, "a nod", "a nod")})
    assert not isinstance(messages, str)
    backend = Scripted(["<step>Step 1: a nod</step>"])
    backend.reply(messages)
    text = text_of(backend.seen[0])
    assert "wishing" not in text and "agreeing" not in text and "emotion" not in text
