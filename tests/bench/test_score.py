"""A made MER-UniBench in the official layout, scored end to end against the scorer derived again."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from openaffect.bench.answers import Sampling
from openaffect.bench.benchmarks import BENCHMARKS
from openaffect.bench.intervals import take_intervals
from openaffect.bench.measures import Measure
from openaffect.bench.results import BenchmarkScores
from openaffect.bench.score import score
from openaffect.bench.truth import truth_of
from openaffect.datasets import load
from openaffect.emotion.wheel import Wheels, bundled_wheel, load_wheels
from openaffect.errors import DataError, UsageError
from openaffect.records import Sample
from tests import mer_unibench_files as made
from tests.references import mer_unibench as reference

ORDER = ("mer2023", "mer2024", "meld", "iemocapfour", "cmumosi", "cmumosei", "sims", "simsv2", "ovmerdplus")
SIZE = 60
FEW = Sampling(resamples=50)
tables = pytest.mark.skipif(reference.REFERENCE is None, reason="OPENAFFECT_REFERENCE_DIR is not set")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unibench")
    made.write_unibench(folder / "labels", size=SIZE)
    made.write_predictions(folder / "output", size=SIZE, checkpoints=(30, 35, 60))
    return folder


def scored(room: Path, wheels: Wheels | None = None, **options: object) -> BenchmarkScores:
    options.setdefault("sampling", FEW)
    return score("mer-unibench", room / "labels", room / "output", wheels or bundled_wheel(), **options)  # type: ignore[arg-type]


def files(room: Path, key: str, epoch: int, stage: str) -> dict[str, str]:
    (path,) = room.glob(f"output/results-{key}/*/checkpoint_{epoch:06d}_*{stage}.npz")
    with np.load(path) as archive:
        return dict(zip(archive["filenames"].tolist(), archive["fileitems"].tolist(), strict=True))


@pytest.mark.needs_reference_data
@tables
@pytest.mark.parametrize("edition", ["2025", "2026"])
def test_all_nine_primaries_and_the_mean_equal_the_reference(room: Path, edition: str) -> None:
    found = scored(room, load_wheels(reference.folder_of(edition)))
    official = reference.official(edition)
    best: list[float] = []
    for each in found.datasets:
        gold = {s.id: s for s in load(each.key, room / "labels")}
        wanted = {}
        for epoch in (30, 35, 60):
            if each.metric == "sentiment":
                words = files(room, each.key, epoch, "-openset-sentiment")
                value = reference.sentiment({n: s.ratings["sentiment"] for n, s in gold.items()}, words)[0]
            else:
                answers = files(room, each.key, epoch, "-openset")
                truth = {name: list(sample.labels) for name, sample in gold.items()}
                if each.metric == "hit":
                    value = reference.hit_rates(
                        official, {n: labels[0] for n, labels in truth.items()}, answers, zero=edition
                    )[1][0]
                else:
                    value = reference.wheel_metric(official, 1, truth, answers, edition)[0]
            wanted[f"checkpoint_{epoch:06d}_loss_{made.LOSS}"] = value
        assert each.by_checkpoint == pytest.approx(wanted, abs=1e-9)
        assert each.best.primary.value == pytest.approx(max(wanted.values()), abs=1e-9)
        assert each.fixed.epoch == 60
        best.append(max(wanted.values()))
    assert found.mean_best == pytest.approx(sum(best) / 9, abs=1e-9)
    assert found.official and found.edition == edition


def test_the_order_the_counts_and_the_intervals(room: Path) -> None:
    found = scored(room)
    assert tuple(each.key for each in found.datasets) == ORDER == BENCHMARKS["mer-unibench"].datasets
    assert [each.metric for each in found.datasets] == ["hit"] * 4 + ["sentiment"] * 4 + ["wheel"]
    for each in found.datasets:
        primary = each.fixed.primary
        assert primary.n + primary.n_skipped == each.n == SIZE
        assert primary.low is not None and primary.high is not None and primary.value is not None
        assert primary.low <= primary.value <= primary.high
        assert f"{SIZE} labelled clips here" in each.notes[0]
        assert any(one.name == "F1 of all clips, neutral included" for one in each.fixed.scores)
    assert not found.official and found.edition == "openaffect"
    assert found.tables_sha256 == bundled_wheel().sha256


def test_the_same_run_gives_the_same_bytes(room: Path) -> None:
    assert scored(room).model_dump_json() == scored(room).model_dump_json()


def test_without_one_data_set_there_is_no_mean(room: Path, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    for path in (room / "output").iterdir():
        if path.name != "results-meld":
            (tmp_path / "output" / path.name).symlink_to(path)
    (tmp_path / "labels").symlink_to(room / "labels")
    found = scored(tmp_path)
    assert found.mean_best is None and found.mean_fixed is None
    (lost,) = found.unscored
    assert lost.key == "meld" and lost.absent and "results-meld" in lost.cause
    assert len(found.datasets) == 8


def test_a_chosen_data_set_is_scored_alone(room: Path) -> None:
    found = scored(room, datasets=["meld"])
    assert [each.key for each in found.datasets] == ["meld"] and not found.unscored
    assert found.mean_best is None
    with pytest.raises(UsageError, match="did you mean 'meld'"):
        scored(room, datasets=["meldd"])


def test_a_named_checkpoint_is_the_fixed_one(room: Path) -> None:
    assert {each.fixed.epoch for each in scored(room, checkpoint="35").datasets} == {35}
    with pytest.raises(DataError, match="has no checkpoint '31'"):
        scored(room, checkpoint="31")


def test_the_last_shared_checkpoint_is_taken(room: Path, tmp_path: Path) -> None:
    made.write_unibench(tmp_path / "labels", size=20, keys=("meld", "mer2023"))
    made.write_predictions(tmp_path / "output", size=20, checkpoints=(30, 35, 60), keys=("meld",))
    made.write_predictions(tmp_path / "output", size=20, checkpoints=(35, 40), keys=("mer2023",))
    found = scored(tmp_path, datasets=["meld", "mer2023"])
    assert found.checkpoint == "35"
    made.write_predictions(tmp_path / "apart", size=20, checkpoints=(30,), keys=("meld",))
    made.write_predictions(tmp_path / "apart", size=20, checkpoints=(60,), keys=("mer2023",))
    single = score(
        "mer-unibench", tmp_path / "labels", tmp_path / "apart", bundled_wheel(), datasets=["meld", "mer2023"]
    )
    assert single.checkpoint is None and {each.fixed.epoch for each in single.datasets} == {30, 60}


def plain(folder: Path, rows: list[dict[str, object]], answers: dict[str, object], key: str = "ovmerdplus") -> Path:
    (folder / "labels").mkdir(parents=True)
    (folder / "answers").mkdir()
    (folder / "labels" / f"{key}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    lines = (json.dumps({"name": name, "labels": labels}) + "\n" for name, labels in answers.items())
    (folder / "answers" / f"{key}.jsonl").write_text("".join(lines), "utf-8")
    return folder


ROWS: list[dict[str, object]] = [
    {"name": "a", "openset": ["happy", "sad"]},
    {"name": "b", "openset": ["angry"]},
    {"name": "c", "openset": ["zzz"]},
]


def one(folder: Path, **options: object) -> BenchmarkScores:
    options.setdefault("sampling", FEW)
    return score(
        "mer-unibench", folder / "labels", folder / "answers", bundled_wheel(), datasets=["ovmerdplus"], **options
    )  # type: ignore[arg-type]


def test_plain_files_of_ones_own_are_scored_by_hand(tmp_path: Path) -> None:
    found = one(plain(tmp_path, ROWS, {"a": ["joyful"], "b": ["furious", "bored"], "c": ["happy"], "extra": ["sad"]}))
    (each,) = found.datasets
    names = {score.name: score.value for score in each.fixed.scores}
    assert names["EW precision"] == 0.75 and names["EW recall"] == 0.75 and names["EW F"] == 0.75
    assert each.fixed.primary.n == 2 and each.fixed.primary.n_skipped == 1
    assert each.fixed.ignored == ("extra",)
    assert each.skipped == "1 of 3 OV-MERD+ clips never count: zzz 1."


def test_a_missing_prediction_stops_the_data_set_or_counts_as_empty(tmp_path: Path) -> None:
    folder = plain(tmp_path, ROWS, {"a": ["happy", "sad"], "c": ["happy"]})
    with pytest.raises(DataError, match="1 of 3 labelled samples have no prediction \\('b'\\)"):
        one(folder)
    (each,) = one(folder, missing="count").datasets
    assert each.fixed.missing == ("b",) and each.fixed.primary.n_failed == 1
    assert each.fixed.primary.value == 0.5
    with pytest.raises(UsageError, match="missing must be"):
        one(folder, missing="ignore")


def test_sentences_are_not_labels_yet(tmp_path: Path) -> None:
    folder = plain(tmp_path, ROWS, {})
    (folder / "answers" / "ovmerdplus.jsonl").write_text(
        '{"name": "a", "reason": "The person seems happy."}\n', "utf-8"
    )
    with pytest.raises(DataError, match="holds descriptions"):
        one(folder)


def test_annotators_give_a_human_ceiling(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"name": name, "openset": labels, "annotator": who}
        for name, views in {"a": ["happy", "joyful", "sad"], "b": ["angry", "furious", "angry"]}.items()
        for who, labels in zip("xyz", ([label] for label in views), strict=True)
    ]
    (each,) = one(plain(tmp_path, rows, {"a": ["happy"], "b": ["angry"]})).datasets
    assert each.ceiling is not None and each.ceiling.kind == "wheel"
    assert each.ceiling.n_annotators == 3 and each.ceiling.n_samples == 2
    # x and y: right on both clips but the others of "a" also name sadness, R = (1/2 + 1) / 2; z misses "a" wholly.
    f_xy, f_z = 2 * 1 * 0.75 / 1.75, 0.5
    assert each.ceiling.value == pytest.approx((2 * f_xy + f_z) / 3)


def test_no_hit_at_all_has_the_score_that_the_edition_gives(tmp_path: Path) -> None:
    (each,) = one(plain(tmp_path, ROWS, {"a": ["bored"], "b": ["calm"], "c": []})).datasets
    assert each.fixed.primary.value == 0.0
    rows = [Sample(id="a", dataset="ovmerdplus", labels=("happy",))]
    truth = truth_of(rows, title="made", metric="wheel")
    nan = Measure("EW F", math.nan, truth.measures({"a": ["sad"]}, bundled_wheel(), None)[0].counted)
    (lost,) = take_intervals([nan], 1)
    assert lost.value is None and lost.low is None and "0/0" in lost.note


@pytest.mark.parametrize("metric", ["wheel", "hit", "mappings"])
def test_the_sums_give_the_value(metric: str) -> None:
    """What is resampled is the score itself: with every weight one the sums give the official value."""
    rows = [
        Sample(id=str(i), dataset="made", labels=labels)
        for i, labels in enumerate([("happy",), ("sad",), ("angry",), ("neutral",), ("afraid",), ("zzz",)])
    ]
    answers = dict(
        zip(map(str, range(6)), [["joyful", "sad"], ["sad"], ["calm"], [], ["scared"], ["sad"]], strict=True)
    )
    measures = truth_of(rows, title="made", metric=metric).measures(answers, bundled_wheel(), None)
    checked = 0
    for measure in measures:
        if measure.sums is not None:
            total = measure.sums.finish(measure.sums.columns.sum(axis=0, keepdims=True))
            assert total[0] == pytest.approx(measure.value, abs=1e-12), measure.name
            checked += 1
    assert checked >= 1


def test_the_sums_of_sentiment_give_the_value() -> None:
    rows = [
        Sample(id=str(i), dataset="made", ratings={"sentiment": v}) for i, v in enumerate([1.0, -1.0, 0.0, 2.0, -0.5])
    ]
    answers = dict(zip("01234", ["positive", "neutral", "neutral", "negative", "mixed"], strict=True))
    for measure in truth_of(rows, title="made", metric="sentiment").measures(answers, bundled_wheel(), None):
        assert measure.sums is not None
        assert measure.sums.finish(measure.sums.columns.sum(axis=0, keepdims=True))[0] == pytest.approx(measure.value)


def test_intervals_by_speaker_need_speakers(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"name": str(i), "openset": ["happy" if i % 2 else "sad"]} for i in range(12)]
    answers: dict[str, object] = {str(i): ["happy"] for i in range(12)}
    by = Sampling(resamples=50, by="speaker")
    with pytest.raises(DataError, match="name no speakers"):
        one(plain(tmp_path / "none", rows, answers), sampling=by)
    with pytest.raises(DataError, match="name 2 speakers"):
        one(
            plain(tmp_path / "two", [row | {"speaker": f"s{i % 2}"} for i, row in enumerate(rows)], answers),
            sampling=by,
        )
    (each,) = one(
        plain(tmp_path / "six", [row | {"speaker": f"s{i % 6}"} for i, row in enumerate(rows)], answers), sampling=by
    ).datasets
    assert each.fixed.primary.unit == "speaker"


@pytest.mark.parametrize(
    "odd", [{"by": "clips"}, {"resamples": -1}, {"resamples": 10**9}, {"level": 1.0}, {"seed": -1}]
)
def test_odd_sampling_is_refused(odd: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"came|not by"):
        Sampling(**odd)  # type: ignore[arg-type]


def test_ov_merd_prints_twelve_mappings_and_their_mean(tmp_path: Path) -> None:
    folder = plain(tmp_path, ROWS, {"a": ["happy"], "b": ["angry"], "c": ["sad"]}, key="ovmerd")
    found = score("ov-merd", folder / "labels", folder / "answers", bundled_wheel(), sampling=FEW)
    scores = {one.name: one.value for one in found.datasets[0].fixed.scores}
    singles = [value for name, value in scores.items() if name.startswith("F ")]
    assert len(singles) == len(bundled_wheel().names) == 4
    assert scores["M-avg"] == pytest.approx(np.mean([value for value in singles if value is not None]))
    assert found.mean_best == found.datasets[0].best.primary.value


def test_emer_with_groups(tmp_path: Path) -> None:
    folder = plain(tmp_path, ROWS, {"a": ["joyful"], "b": ["mad"], "c": ["zzz"]}, key="emer-ov")
    groups = {"a": [["happy", "joyful"], ["sad"]], "b": "[['angry', 'mad']]", "c": []}
    found = score("emer", folder / "labels", folder / "answers", bundled_wheel(), groups=groups, sampling=FEW)  # type: ignore[arg-type]
    scores = {one.name: one.value for one in found.datasets[0].fixed.scores}
    assert scores["grouped accuracy"] == 1.0
    assert scores["grouped recall"] == pytest.approx((0.5 + 1 + 1) / 3)
    assert scores["grouped average"] == pytest.approx((1 + 2.5 / 3) / 2)
    assert "EW F" in scores
    without = score("emer", folder / "labels", folder / "answers", bundled_wheel(), sampling=FEW)
    assert without.datasets[0].fixed.primary.name == "EW F"


def test_unknown_benchmark() -> None:
    with pytest.raises(UsageError, match="did you mean 'mer-unibench'"):
        score("mer-unibenc", "x", "y", bundled_wheel())


def test_nothing_at_all_names_every_cause(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    with pytest.raises(DataError, match=r"none of the 9 data sets of MER-UniBench can be scored\. MER2023"):
        score("mer-unibench", tmp_path / "labels", tmp_path / "nowhere", bundled_wheel())


@pytest.mark.parametrize("metric", ["hit", "wheel", "mappings"])
def test_a_missing_prediction_earns_nothing(metric: str) -> None:
    rows = [Sample(id=str(i), dataset="made", labels=(label,)) for i, label in enumerate(["happy", "neutral", "sad"])]
    truth = truth_of(rows, title="made", metric=metric)
    for measure in truth.measures({}, bundled_wheel(), None):
        assert measure.value == 0.0, measure.name
    assert truth.primary({}, bundled_wheel(), None) == 0.0


def test_a_missing_sentiment_earns_nothing() -> None:
    rows = [Sample(id=str(i), dataset="made", ratings={"sentiment": v}) for i, v in enumerate([-1.0, -2.0, 0.0, 1.0])]
    truth = truth_of(rows, title="made", metric="sentiment")
    assert [measure.value for measure in truth.measures({}, bundled_wheel(), None)] == [0.0, 0.0, 0.0]


def test_no_clip_is_left_out_of_all_clips() -> None:
    rows = [
        Sample(id=n, dataset="made", labels=labels) for n, labels in {"a": ("happy",), "b": ("zzz",), "c": ()}.items()
    ]
    truth = truth_of(rows, title="made", metric="wheel")
    right = truth.measures({"a": ["joyful"], "b": ["zzz"], "c": []}, bundled_wheel(), None)[-1]
    assert right.name == "F1 of all clips, neutral included"
    assert right.counted.n == 3 and right.value == 1.0
    wrong = truth.measures({"a": ["joyful"], "b": ["yyy"], "c": ["sad"]}, bundled_wheel(), None)[-1]
    assert wrong.value == pytest.approx(1 / 3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(5))
def test_resamples_in_which_nothing_counts_are_left_out_and_counted(seed: int) -> None:
    rows = [Sample(id=str(i), dataset="made", ratings={"sentiment": v}) for i, v in enumerate([1.0, 0.0, 0.0])]
    truth = truth_of(rows, title="made", metric="sentiment")
    measures = truth.measures({"0": "positive", "1": "neutral", "2": "neutral"}, bundled_wheel(), None)
    (waf, *_) = take_intervals(measures, 3, resamples=40, seed=seed)
    assert (waf.low, waf.high) == (1.0, 1.0) and "of 40 resamples have no score" in waf.note
    (single, *_) = take_intervals(measures, 3, resamples=1, seed=seed)
    assert single.value == 1.0 and single.low in (None, 1.0)
    labels = [Sample(id=str(i), dataset="made", labels=(label,)) for i, label in enumerate(["happy", "zzz", "zzz"])]
    answers = {name: ["joyful"] for name in "012"}
    hit = truth_of(labels, title="made", metric="hit").measures(answers, bundled_wheel(), None)
    (first, *_) = take_intervals(hit, 3, resamples=40, seed=seed)
    assert (first.low, first.value) == (1.0, 1.0)


def test_two_files_of_one_checkpoint_are_refused(tmp_path: Path) -> None:
    made.write_unibench(tmp_path / "labels", size=10, keys=("meld",))
    made.write_predictions(tmp_path / "output", size=10, checkpoints=(30,), keys=("meld",))
    (file,) = (tmp_path / "output").rglob("*-openset.npz")
    file.with_name("checkpoint_000030_loss_0.999-openset.npz").write_bytes(file.read_bytes())
    with pytest.raises(DataError, match="2 files of checkpoint 30"):
        score(
            "mer-unibench", tmp_path / "labels", tmp_path / "output", bundled_wheel(), datasets=["meld"], sampling=FEW
        )


def test_groups_are_for_emer_only(room: Path) -> None:
    with pytest.raises(UsageError, match="groups are for the benchmark emer"):
        scored(room, groups={})


@pytest.mark.needs_reference_data
@tables
def test_right_answers_are_right_on_wheels_without_their_cluster() -> None:
    """W3 has no cluster for disgust, W5 none for surprise and disgust; a right answer in other words is still right."""
    labels = {"a": ("disgust",), "b": ("surprise",), "c": ("joy",), "d": ("neutral",)}
    rows = [Sample(id=name, dataset="made", labels=label) for name, label in labels.items()]
    answers = {"a": ["disgusted"], "b": ["surprised"], "c": ["joyful"], "d": ["neutral"]}
    wheels = load_wheels(reference.folder_of("2026"))
    measures = truth_of(rows, title="made", metric="hit").measures(answers, wheels, None)
    assert {one.name: one.value for one in measures}["F1 of all clips, neutral included"] == 1.0


def test_mscore_looks_at_all_classes_of_the_set() -> None:
    labels = {"a": ("joy",), "b": ("anger",)}
    rows = [Sample(id=name, dataset="made", labels=label) for name, label in labels.items()]
    answers = {"a": ["sad", "joyful"], "b": ["furious"]}
    classes = ("anger", "joy", "sadness")
    some = truth_of(rows, title="made", metric="hit").measures(answers, bundled_wheel(), None)
    every = truth_of(rows, title="made", metric="hit", classes=classes).measures(answers, bundled_wheel(), None)
    value = [next(one.value for one in each if one.name == "mscore") for each in (some, every)]
    assert value == [1.0, 0.75]


def test_failed_are_only_those_that_count() -> None:
    rows = [Sample(id=n, dataset="made", labels=(x,)) for n, x in {"a": "happy", "b": "zzz", "c": "sad"}.items()]
    for metric in ("hit", "wheel"):
        first, *_, last = truth_of(rows, title="made", metric=metric).measures({"a": ["happy"]}, bundled_wheel(), None)
        assert (first.counted.n, first.counted.n_failed) == (2, 1)
        assert (last.counted.n, last.counted.n_failed) == (3, 2)


def test_one_file_is_for_one_data_set(room: Path) -> None:
    (file,) = room.glob("output/results-meld/*/checkpoint_000030*-openset.npz")
    with pytest.raises(UsageError, match="one file of predictions cannot be for 9 data sets"):
        score("mer-unibench", room / "labels", file, bundled_wheel())
    assert score("mer-unibench", room / "labels", file, bundled_wheel(), datasets=["MELD"], sampling=FEW).datasets


def nine(folder: Path, *, epoch: int = 30, run: str = made.RUN) -> BenchmarkScores:
    """Score the nine sets, of which MELD has another checkpoint or another run."""
    made.write_unibench(folder / "labels", size=12)
    made.write_predictions(folder / "output", size=12, checkpoints=(30,), keys=[k for k in ORDER if k != "meld"])
    made.write_predictions(folder / "output", size=12, checkpoints=(epoch,), keys=["meld"], run=run)
    return scored(folder, sampling=Sampling(resamples=0))


def test_no_mean_of_one_checkpoint_where_none_is_shared(tmp_path: Path) -> None:
    found = nine(tmp_path, epoch=60)
    assert found.mean_fixed is None and found.mean_best is not None
    assert "share no checkpoint" in found.notes[0]


def test_no_mean_over_the_runs_of_different_models(tmp_path: Path) -> None:
    found = nine(tmp_path, run="another_model")
    assert found.mean_fixed is None and found.mean_best is None
    assert "different runs" in found.notes[0] and "another_model" in found.notes[0]
    assert nine(tmp_path / "same").mean_fixed is not None


def test_labels_are_not_taken_for_templates(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"name": x, "openset": [x]} for x in ("never", "many", "0", "{k}", "happy")]
    answers: dict[str, object] = {str(row["name"]): ["happy"] for row in rows}
    (each,) = one(plain(tmp_path, rows, answers)).datasets
    assert each.skipped == "4 of 5 OV-MERD+ clips never count: 0 1, many 1, never 1, {k} 1."


def test_a_broken_subtitle_file_does_not_stop_the_scoring(room: Path, tmp_path: Path) -> None:
    labels = made.write_unibench(tmp_path / "labels", size=SIZE, keys=("meld",))
    for file in labels.rglob("*.csv"):
        file.write_bytes(b"\xff\xfe\x00broken")
    found = score("mer-unibench", labels, room / "output", bundled_wheel(), datasets=["meld"], sampling=FEW)
    assert found.datasets[0].fixed.primary.value is not None


def test_groups_for_other_clips_are_said(tmp_path: Path) -> None:
    folder = plain(tmp_path, ROWS, {"a": ["joyful"], "b": ["mad"], "c": ["zzz"]}, key="emer-ov")
    groups: dict[str, object] = {"a": [], "b": [], "c": [], "elsewhere": []}
    found = score("emer", folder / "labels", folder / "answers", bundled_wheel(), groups=groups, sampling=FEW)  # type: ignore[arg-type]
    assert any("1 groups are for clips that are not labelled here" in note for note in found.datasets[0].notes)
