"""EMER from made files to scores: the whole river with fakes, references or none, clips or none, faults."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.mer_unibench_files import write_csv
from tests.reports import HOSTILE

from openaffect.bench.river import Run, run
from openaffect.bench.river import score as score_again
from openaffect.bench.task import Item, Source, Step
from openaffect.bench.tasks.emer import EMER, EMER_ZH, emer, items
from openaffect.bench.tasks.emer_records import overlap_in
from openaffect.bench.tasks.emer_scores import EmerScores, PartScores
from openaffect.brief import brief
from openaffect.errors import DataError, RemoteError, UsageError
from openaffect.mllm.caller import Caller
from openaffect.mllm.chat import Message, Part, Picture, Reply, Text
from openaffect.mllm.fake import Fake
from openaffect.records import Clue, Generator, Media, Report, Score

NAMES = ("00000001", "00000002", "00000003")
EXPLAINED = "The face smiles. The voice is higher than usual. So the person seems happy."
UNREADABLE = "She smiles and waves at him as he comes in, and then she turns away. " * 3
GOOD = '{"reason": "r", "support": 5, "grounded": 1, "alternative": 0, "other": ""}'
EN = (
    "In the video, a woman smiles and waves. In the audio, her voice is high. "
    "In the text, the subtitle says: “At last!” So she is happy."
)
ZH = "视频中,女士在微笑；音频中,声音很高；文本中,字幕说“终于!”,可见她很高兴"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = [(name, "happy", "At last!" if name != NAMES[2] else "", "In the video, he laughs.") for name in NAMES]
    write_csv(tmp_path / "gt-eng.csv", ["names", "emotions", "subtitles", "reasons"], rows)
    write_csv(tmp_path / "final-EMER-reason.csv", ["name", "chinese", "english"], [(name, ZH, EN) for name in NAMES])
    labels = [(name, "['happy', 'joyful']") for name in NAMES]
    write_csv(tmp_path / "check-openset.csv", ["name", "openset"], labels)
    (tmp_path / "video").mkdir()
    for name in NAMES[:2]:
        (tmp_path / "video" / f"{name}.mp4").write_bytes(b"no real clip")

    def parts(item: Item, source: Source) -> list[Part]:
        return [Picture(b"frame")] if item.media is not None and "video" in source.modalities else []

    monkeypatch.setattr("openaffect.bench.clips.parts", parts)
    return tmp_path


def words(sent: Sequence[Message]) -> str:
    return "\n".join(part.text for message in sent for part in message.parts if isinstance(part, Text))


def judge(sent: Sequence[Message]) -> str:
    text = words(sent)
    for mark, reply in (
        ("You judge whether", GOOD),
        ("Sort the following words", '[["happy", "joyful", "glad"]]'),
        ("as one word or a few words", "happy"),
        ("three sources", '{"visual": 1, "acoustic": 1, "lexical": 0}'),
        ("Two people named", "9, nearly the same"),
        ("The first text lists", "6, some"),
        ("Work in three steps", "From 1-10 I give 8"),
    ):
        if mark in text:
            return reply
    raise AssertionError(text)


def go(
    source: Source,
    out: Path,
    *,
    model: str | Callable[[Sequence[Message]], Any] = EXPLAINED,
    extractor: str = "[glad]",
    judged: Callable[[Sequence[Message]], Any] = judge,
    overlap: bool = True,
) -> tuple[Run, dict[str, PartScores]]:
    callers = {"model": Caller(Fake(model)), "extractor": Caller(Fake(extractor)), "judge": Caller(Fake(judged))}
    done = run(emer(overlap=overlap), source, callers, out)  # type: ignore[arg-type]
    assert isinstance(done.scores, EmerScores)
    return done, {part.part: part for part in done.scores.parts}


def score(part: PartScores, name: str) -> Score:
    found = part.score(name)
    assert found is not None, [each.name for each in part.scores]
    return found


def test_the_whole_river_on_both_parts(folder: Path, tmp_path: Path) -> None:
    done, parts = go(Source(folder), tmp_path / "run")
    assert list(parts) == ["emer-v1", "emer-v2"]
    two = parts["emer-v2"]
    # The third clip of V2 was not found, and V2 has no subtitles: its explanation is missing and counts as the lowest.
    assert (two.n, two.explained.value) == (3, pytest.approx(2 / 3))
    assert score(two, "plausibility, passing").value == pytest.approx(2 / 3)
    assert score(two, "plausibility, passing").n_failed == 1
    assert score(two, "plausibility, support 1-5").value == pytest.approx((5 + 5 + 1) / 3)
    assert score(two, "clue overlap").value == pytest.approx((8 + 8 + 1) / 3)
    assert score(two, "clue overlap, legacy reading").value == 1.0
    assert score(two, "label overlap").value == pytest.approx((9 + 9 + 1) / 3)
    assert score(two, "clue overlap, acoustic").value == pytest.approx((6 + 6 + 1) / 3)
    assert score(two, "modality completeness").value == pytest.approx(2 / 3 * 2 / 3)
    assert score(two, "EW recall").value == pytest.approx(2 / 3)
    assert (score(two, "EW F").n, score(two, "EW F").n_failed) == (3, 1)
    assert score(two, "grouped average").value == pytest.approx(2 / 3)
    for each in two.scores:
        if each.name.startswith("BLEU"):  # counted over all texts at once
            continue
        assert each.value is None or (each.low is not None and each.high is not None), each
    one = parts["emer-v1"]
    assert one.score("clue overlap, acoustic") is None  # V1 is not split by modality
    assert done.steps["acoustic_overlap"]["emer-v1/00000001"].outcome == "skipped"


def test_withheld_modalities_are_withheld_from_the_model_and_not_from_the_judge(folder: Path, tmp_path: Path) -> None:
    seen: dict[str, list[Sequence[Message]]] = {"model": [], "judge": []}

    def model(sent: Sequence[Message]) -> str:
        seen["model"].append(sent)
        return EXPLAINED

    def judged(sent: Sequence[Message]) -> str:
        seen["judge"].append(sent)
        return judge(sent)

    go(Source(folder, modalities=("text",), parts=("emer-v1",)), tmp_path / "run", model=model, judged=judged)
    assert len(seen["model"]) == 2  # the third has neither a clip nor words
    assert not any(isinstance(part, Picture) for sent in seen["model"] for message in sent for part in message.parts)
    assert any(isinstance(part, Picture) for sent in seen["judge"] for message in sent for part in message.parts)
    silent, _ = go(Source(folder, modalities=("video",), parts=("emer-v1",)), tmp_path / "other", model=model)
    assert all("At last!" not in words(sent) for sent in seen["model"][2:])
    assert silent.items[0].transcript == "" and silent.items[0].facts["said"] == "At last!"


def test_refusals_and_unreadable_replies_are_counted_by_cause(folder: Path, tmp_path: Path) -> None:
    replies = iter([EXPLAINED, EXPLAINED, Reply("", refusal="no")])
    marks = iter([GOOD, "I like it."])

    def judged(sent: Sequence[Message]) -> Any:
        return next(marks) if "You judge whether" in words(sent) else judge(sent)

    source = Source(folder, parts=("emer-v1",), modalities=("video", "text"))
    (folder / "video" / "00000003.avi").write_bytes(b"")
    _, parts = go(source, tmp_path / "run", model=lambda sent: next(replies), judged=judged, overlap=False)
    found = score(parts["emer-v1"], "plausibility, support 1-5")
    assert (found.value, found.n, found.n_failed) == (pytest.approx((5 + 1 + 1) / 3), 3, 2)
    assert "1 unreadable" in found.note and "1 skipped" in found.note


def report(folder: Path, name: str, value: float) -> None:
    clues = [
        ("c1", "visual", "expression_happy", 0.8, 0.3, "probability"),
        ("c2", "acoustic", "f0_level", value, 30.0, "semitone"),
    ]
    made = Report(
        generator=Generator(version="0", reasoner="none", language="en"),
        media=Media(path="a.mp4", kind="video", sha256="0" * 64, size=1, duration=2),
        modalities={},
        clues=tuple(
            Clue(
                id=i,
                modality=m,
                person="P1",
                name=n,
                value=v,
                baseline=b,
                unit=u,
                sentence="",
                confidence=0.7,
                start=0,
                end=2,
            )  # type: ignore[arg-type]
            for i, m, n, v, b, u in clues
        ),
    )
    (folder / "reports").mkdir(exist_ok=True)
    (folder / "reports" / f"{name}.json").write_text(made.model_dump_json(), "utf-8")


def test_measured_clues_go_to_the_judge_and_to_the_checker(folder: Path, tmp_path: Path) -> None:
    report(folder, NAMES[0], 33)
    report(folder, NAMES[1], 27)  # the voice is lower here, and the explanation says higher
    texts: list[str] = []

    def judged(sent: Sequence[Message]) -> str:
        texts.append(words(sent))
        return judge(sent)

    _, parts = go(Source(folder, parts=("emer-v1",)), tmp_path / "run", judged=judged, overlap=False)
    found = score(parts["emer-v1"], "sound by the checker")
    assert (found.value, found.n) == (0.5, 2)
    assert sum('"name": "f0_level"' in text for text in texts) == 2


def test_a_report_that_is_none_is_named_before_anything_is_asked(folder: Path) -> None:
    (folder / "reports").mkdir()
    (folder / "reports" / f"{NAMES[0]}.json").write_text("{}", "utf-8")
    with pytest.raises(DataError, match=r"00000001\.json"):
        [*items(Source(folder))]


def test_labels_without_descriptions_are_a_part_of_their_own(folder: Path, tmp_path: Path) -> None:
    for name in ("gt-eng.csv", "final-EMER-reason.csv"):
        (folder / name).unlink()
    done, parts = go(Source(folder), tmp_path / "run")
    assert list(parts) == ["emer-ov"]
    assert parts["emer-ov"].score("clue overlap") is None
    assert score(parts["emer-ov"], "EW F").value is not None
    assert {step.outcome for step in done.steps["clue_overlap"].values()} == {"skipped"}


def test_parts_limits_and_languages(folder: Path) -> None:
    assert [item.id for item in items(Source(folder, limit=1))] == ["emer-v1/00000001", "emer-v2/00000001"]
    [item] = items(Source(folder, parts=("emer-v2",), limit=1), "zh")
    assert item.facts["parts"]["acoustic"].startswith("音频中") and item.facts["labels"] == ["happy", "joyful"]
    with pytest.raises(UsageError, match="emer-v2"):
        [*items(Source(folder, parts=("emer-v3",)))]
    assert [*items(Source(folder / "video"))] == []
    with pytest.raises(DataError):
        [*items(Source(folder / "video", parts=("emer-v1",)))]


def test_names_of_prompts_and_stages(folder: Path) -> None:
    names = [stage.name for stage in EMER.stages(Source(folder))]
    assert names[:4] == ["explain", "labels", "plausibility", "groups"] and len(set(names)) == len(names) == 12
    assert [stage.name for stage in EMER_ZH.stages(Source(folder))] == names
    for task in (EMER, EMER_ZH):
        assert all(len(digest) == 64 for s in task.stages(Source(folder)) for digest in s.prompts.values())
    assert {EMER.key, EMER_ZH.key} == {"emer", "emer-zh"}


def test_whatever_the_models_say_there_is_a_score(folder: Path, tmp_path: Path) -> None:
    _, parts = go(Source(folder), tmp_path / "run", model=HOSTILE, extractor=HOSTILE, judged=lambda sent: HOSTILE)
    for part in parts.values():
        assert score(part, "plausibility, passing").value is None
        assert score(part, "plausibility, passing").n_failed == 3


def test_an_item_that_no_stage_has_seen_counts_as_unasked(folder: Path) -> None:
    given = [*items(Source(folder, parts=("emer-v1",)))]
    found = EMER.score(given, {"explain": {given[0].id: Step(given[0].id, "x", "x")}}, Source(folder))
    assert isinstance(found, EmerScores)
    passing = score(found.parts[0], "plausibility, passing")
    assert (passing.value, passing.n, passing.n_failed, passing.note) == (None, 3, 3, "failed: 3 unasked")


def test_what_shows_labels_waits_for_an_extractor_that_was_down(folder: Path, tmp_path: Path) -> None:
    source, out = Source(folder, parts=("emer-v1",)), tmp_path / "run"
    shown: list[str] = []

    def judged(sent: Sequence[Message]) -> str:
        shown.append(words(sent))
        return judge(sent)

    down: Any = lambda sent: RemoteError("nobody is there.")  # noqa: E731
    done, parts = go(source, out, extractor=down, judged=judged, overlap=False)
    first = "emer-v1/00000001"
    assert done.steps["labels"][first].outcome == "failed" and not shown
    for stage in ("plausibility", "groups"):
        step = done.steps[stage][first]
        assert (step.outcome, step.cause) == ("skipped", "no labels yet: failed")
    assert score(parts["emer-v1"], "plausibility, passing").n_failed == 3
    done, parts = go(source, out, judged=judged, overlap=False)
    assert done.steps["plausibility"][first].outcome == "answered"
    assert sum(text.endswith("Label: glad") for text in shown) == 2
    assert score(parts["emer-v1"], "plausibility, passing").value == pytest.approx(2 / 3)


def test_labels_that_cannot_be_read_keep_nobody_waiting(folder: Path, tmp_path: Path) -> None:
    done, _ = go(Source(folder, parts=("emer-v1",)), tmp_path / "run", extractor=UNREADABLE, overlap=False)
    assert done.steps["labels"]["emer-v1/00000001"].outcome == "unreadable"
    assert done.steps["plausibility"]["emer-v1/00000001"].outcome == "answered"
    assert done.steps["groups"]["emer-v1/00000001"].cause == "no labels were predicted"


def edit(out: Path, stage: str, name: str, **fields: Any) -> None:
    """Put a record with *fields* in the place of that of the item *name*."""
    lines = [json.loads(line) for line in (out / f"{stage}.jsonl").read_text("utf-8").splitlines()]
    rows = [{**line, **fields} if line["id"] == name else line for line in lines]
    # 1e999 is how a number that is too large is written.
    text = "".join(json.dumps(row) + "\n" for row in rows).replace("Infinity", "1e999")
    (out / f"{stage}.jsonl").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one clip that all stages have been asked about."""
    room = tmp_path_factory.mktemp("scored")
    write_csv(room / "gt-eng.csv", ["names", "emotions", "subtitles", "reasons"], [(NAMES[0], "happy", "Oh!", "He")])
    write_csv(room / "final-EMER-reason.csv", ["name", "chinese", "english"], [(NAMES[0], ZH, EN)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openaffect.bench.clips.parts", lambda item, source: [Picture(b"frame")])
        go(Source(room), room / "run")
    return room


@pytest.mark.parametrize(
    ("stage", "value"),
    [
        *[("plausibility", value) for value in ("x", [1, 2], 5, {}, {"support": [5]}, {"support": 5})],
        ("plausibility", {"support": 9, "grounded": 1, "alternative": 0}),
        ("plausibility", {"support": 5, "grounded": True, "alternative": 0}),
        ("plausibility", {"support": 5, "grounded": 1, "alternative": 0, "reason": 3}),
        *[("clue_overlap", value) for value in (float("nan"), float("inf"), 10**400, 11, True, "8", [8])],
        *[("acoustic_overlap", value) for value in (float("nan"), 0)],
        *[("completeness", value) for value in (float("-inf"), 1.5)],
        *[("labels", value) for value in ("happy", 5, [1], {"happy": 1}, [["happy"]])],
        *[("groups", value) for value in ("happy", 5, ["happy"], [[1]], {"a": 1})],
    ],
    ids=lambda each: each if isinstance(each, str) else brief(each),
)
def test_a_damaged_value_is_named_with_its_stage_and_item(scored: Path, tmp_path: Path, stage: str, value: Any) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored / "run", out)
    # The labels are those of EMER-V1, the parts of the reference those of EMER-V2.
    name = f"emer-v{1 if stage in ('labels', 'groups') else 2}/00000001"
    edit(out, stage, name, value=value, outcome="answered")
    with pytest.raises(DataError, match=f"'{name}' in .*{stage}.* holds .*; repair or remove the line"):
        score_again(EMER, Source(scored), out)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_without_end_is_named_before_it_reaches_a_mean(folder: Path, value: float) -> None:
    given = [*items(Source(folder, parts=("emer-v1",)))]
    for stage in ("clue_overlap", "completeness"):
        with pytest.raises(DataError, match=f"'x' in the stage '{stage}' holds {value}, not a number from"):
            overlap_in(Step("x", value=value), stage, 0, 10)
    steps = {"clue_overlap": {item.id: Step(item.id, "8", value) for item in given}}
    with pytest.raises(DataError, match="'emer-v1/00000001' in the stage 'clue_overlap'"):
        EMER.score(given, steps, Source(folder))


def test_a_damaged_first_step_of_label_overlap_is_named(scored: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored / "run", out)
    edit(out, "feeling", "emer-v2/00000001", value=5)
    (out / "label_overlap.jsonl").unlink()
    with pytest.raises(DataError, match="in the stage 'feeling' holds 5, not a text"):
        go(Source(scored), out)


def test_a_reply_without_end_is_no_rating_and_stops_no_score(folder: Path, tmp_path: Path) -> None:
    def judged(sent: Sequence[Message]) -> str:
        text = words(sent)
        endless = "Work in three steps" in text or "Two people named" in text
        return f'{{"reason": "r", "support": {"9" * 400}}}' if endless else judge(sent)

    _, parts = go(Source(folder, parts=("emer-v2",)), tmp_path / "run", judged=judged)
    for name in ("clue overlap", "label overlap"):
        found = score(parts["emer-v2"], f"{name}, legacy reading")
        assert (found.value, found.n_failed) == (None, 3) and "2 unreadable" in found.note
