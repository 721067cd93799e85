"""The training: batches, what it leaves behind, what it refuses, and that it learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openaffect.distill.augment import OFF
from openaffect.distill.checkpoint import load_student
from openaffect.distill.crops import Batches
from openaffect.distill.fit import fit
from openaffect.distill.label_rows import RATE
from openaffect.distill.labels import LabelCard, LabelWriter, read_labels
from openaffect.distill.options import FitOptions, options_of
from openaffect.distill.predict import predictions
from openaffect.distill.resume import optimiser
from openaffect.distill.schedule import learning_rate, rows_of_step
from openaffect.distill.sounds import load_sounds
from openaffect.distill.training import Told
from openaffect.errors import DataError, UsageError
from openaffect.media.audio import read_audio
from openaffect.metrics.regression import ccc
from openaffect.records import AudioPart, PseudoLabel
from openaffect.runtime.facts import StudentFacts
from tests.distill.river_files import CARD, TINY, tone, write_labels, write_wav

QUICK = FitOptions(
    steps=6, batch=4, crop_s=(0.3, 0.4), warmup=2, validate_every=3, checkpoint_every=2, threads=1, augment=OFF
)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_labels(tmp_path_factory.mktemp("labels"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("code") / "tiny.py"
    file.write_text(TINY)
    return f"{file}:Tiny"


def test_it_learns_what_the_labels_say(labels: Path, tmp_path: Path) -> None:
    options = replace(QUICK, steps=60, batch=8, learning_rate=0.01, warmup=5, validate_every=30)
    done = fit("wav2small-17k", labels, tmp_path, options)
    assert done.dev["arousal"] is not None and done.dev["arousal"] > 0.7
    assert set(done.dev) == {"arousal"}, "the other dimensions are absent from the labels"


def test_what_is_left_behind(labels: Path, tmp_path: Path) -> None:
    told: list[Told] = []
    done = fit("wav2small-17k", labels, tmp_path, QUICK, tell=told.append)
    assert [each.step for each in told] == [1, 2, 3, 4, 5, 6]
    assert [each.step for each in told if each.looked] == [3, 6]
    _, facts = load_student(tmp_path / "student")
    assert facts == StudentFacts(
        network="wav2small-17k",
        present=("arousal",),
        teacher="pitch",
        teacher_licence="Apache-2.0",
        audio=("tones (CC0-1.0)",),
        permissive=True,
        trained=True,
    )
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["id"] for line in log if line["id"].startswith("step")] == [f"step-{n:08d}" for n in range(1, 7)]
    assert [line["arousal"] for line in log if line["id"].startswith("dev")] == [
        each.dev["arousal"] for each in told if each.looked
    ]
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"
    card = json.loads((tmp_path / "card.json").read_text())
    assert card["options"]["batch"] == 4 and card["labels"]["licence"] == "Apache-2.0"
    assert card["labels"]["digest"] == read_labels(labels).digest and card["result"]["steps"] == 6
    assert (done.n_train, done.n_dev, done.n_unreadable, done.before) == (18, 6, 0, False)


def test_the_best_weights_are_those_of_the_best_look_and_its_figure_is_theirs(labels: Path, tmp_path: Path) -> None:
    told: list[Told] = []
    options = replace(QUICK, steps=24, learning_rate=0.02, validate_every=4)
    done = fit("wav2small-17k", labels, tmp_path, options, tell=told.append)
    looks = {each.step: each.dev["arousal"] or -1 for each in told if each.looked}
    assert done.best_step == max(looks, key=lambda step: looks[step])
    module, _ = load_student(tmp_path / "student")
    rows = read_labels(labels).split("dev")
    heard = [read_audio(labels / row.parts[0].file) for row in rows]
    with torch.inference_mode():
        said = [module(torch.from_numpy(sound)[None])[0, 0].item() for sound in heard]
    truth = [row.arousal for row in rows if row.arousal is not None]
    assert ccc(truth, said) == pytest.approx(looks[done.best_step], abs=1e-3)


def test_a_finished_run_is_told_and_not_touched(labels: Path, tiny: str, tmp_path: Path) -> None:
    first = fit(tiny, labels, tmp_path, QUICK)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    again = fit(tiny, labels, tmp_path, QUICK)
    assert again == replace(first, before=True)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")} == before


def test_another_run_in_the_folder_is_refused_by_what_differs(labels: Path, tiny: str, tmp_path: Path) -> None:
    fit(tiny, labels, tmp_path, QUICK)
    with pytest.raises(UsageError, match=r"options\.batch \(4 there, 8 now\), options\.augment\.noise \(0\.0 there"):
        fit(tiny, labels, tmp_path, replace(QUICK, batch=8, augment=replace(OFF, noise=0.5)))
    with pytest.raises(UsageError, match="student"):
        fit("wav2small-17k", labels, tmp_path, QUICK)
    other = write_labels(tmp_path / "labels", 8)
    with pytest.raises(UsageError, match=r"labels\.digest"):
        fit(tiny, other, tmp_path, QUICK)
    assert fit(tiny, labels, tmp_path, replace(QUICK, checkpoint_every=5)).before, "speed is not what is learnt"


def test_without_dev_the_last_weights_are_taken(tiny: str, tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels", 8, dev_every=100)
    only_train = [line for line in (labels / "labels.jsonl").read_text().splitlines() if '"dev"' not in line]
    (labels / "labels.jsonl").write_text("\n".join(only_train) + "\n")
    done = fit(tiny, labels, tmp_path / "out", QUICK)
    assert (done.dev, done.n_dev, done.best_step) == ({}, 0, 6)
    weights = [(tmp_path / "out" / name / "model.safetensors").read_bytes() for name in ("student", "last")]
    assert weights[0] == weights[1]


def test_the_split_test_is_never_read(labels: Path, tiny: str, tmp_path: Path) -> None:
    folder = write_labels(tmp_path / "labels", 12)
    absent = AudioPart(file="absent.wav", start=0, end=1)
    with LabelWriter(folder, CARD) as writer:
        writer.append(PseudoLabel(id="hidden", parts=(absent,), arousal=0.5, split="test"))
    assert len(read_labels(folder).split("test")) == 1
    assert fit(tiny, folder, tmp_path / "out", QUICK).n_unreadable == 0


def test_sound_that_cannot_be_read_is_left_out_and_counted(tiny: str, tmp_path: Path) -> None:
    folder = write_labels(tmp_path / "labels", 12)
    (folder / "1.wav").write_bytes(b"no sound")
    write_wav(folder / "2.wav", np.zeros(0, np.float32))
    done = fit(tiny, folder, tmp_path / "out", QUICK)
    assert (done.n_train, done.n_unreadable) == (7, 2)
    causes = json.loads((tmp_path / "out" / "card.json").read_text())["unreadable"]
    assert set(causes) == {"tone-1", "tone-2"}


def test_labels_without_two_train_rows_or_without_sound_are_refused(tiny: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0 labels of the split train"):
        fit(tiny, write_labels(tmp_path / "one", 1), tmp_path / "a", QUICK)
    folder = write_labels(tmp_path / "deaf", 4)
    for file in folder.glob("*.wav"):
        file.unlink()
    with pytest.raises(DataError, match="not one of 3 labels can be read"):
        fit(tiny, folder, tmp_path / "b", QUICK)


def test_a_loss_without_bound_ends_the_run(labels: Path, tiny: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a finite number"):
        fit(tiny, labels, tmp_path, replace(QUICK, learning_rate=1e30, warmup=0))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"batch": 1}, "batch"),
        ({"steps": 0}, "steps"),
        ({"crop_s": (2.0, 1.0)}, "crop_s"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"mixup": "both"}, "rows, teacher or off"),
        ({"augment": replace(OFF, noise=2.0)}, "noise"),
        ({"augment": replace(OFF, snr_db=(9.0, 1.0))}, "lowest first"),
        ({"mixup": "teacher"}, "need one another"),
    ],
)
def test_impossible_options_are_refused(
    labels: Path, tiny: str, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        fit(tiny, labels, tmp_path, replace(QUICK, **change))  # type: ignore[arg-type]
    assert not (tmp_path / "card.json").exists()


def test_options_of_a_recipe() -> None:
    assert options_of({"steps": 9, "crop_s": [1, 2], "learning_rate": 1, "augment": {"room": 0.0}}) == FitOptions(
        steps=9, crop_s=(1.0, 2.0), learning_rate=1.0, augment=replace(FitOptions().augment, room=0.0)
    )
    for table in (
        {"step": 9},
        {"steps": "9"},
        {"steps": 9.5},
        {"augment": {"loud": 1}},
        {"crop_s": [1]},
        {"steps": True},
    ):
        with pytest.raises(UsageError):
            options_of(table)


# ---------------------------------------------------------------- the parts


def test_sounds_are_the_file_to_sixteen_bits(labels: Path, tmp_path: Path) -> None:
    found = read_labels(labels)
    sounds = load_sounds(found, found.rows, cache=tmp_path / "cache")
    for row in (0, 5):
        wanted = read_audio(labels / found.rows[row].parts[0].file)
        assert np.abs(sounds.whole(row) - wanted).max() <= np.abs(wanted).max() / 32_767
    assert np.array_equal(sounds.crop(3, 100, 50), sounds.whole(3)[100:150])
    whole = sounds.whole(3)
    assert np.array_equal(sounds.crop(3, 0, 2 * len(whole)), np.concatenate([whole, whole]))


def test_a_mapped_file_holds_the_same_and_is_used_again(labels: Path, tmp_path: Path) -> None:
    found = read_labels(labels)
    kept = load_sounds(found, found.rows, cache=tmp_path / "unused")
    assert not (tmp_path / "unused").exists()
    cache = tmp_path / "cache.i16"
    mapped = load_sounds(found, found.rows, memory_mb=0, cache=cache)
    written = cache.stat().st_mtime_ns
    again = load_sounds(found, found.rows, memory_mb=0, cache=cache)
    assert cache.stat().st_mtime_ns == written
    for row in range(len(found.rows)):
        assert np.array_equal(kept.whole(row), mapped.whole(row))
        assert np.array_equal(kept.whole(row), again.whole(row))
    fewer = load_sounds(found, found.rows[3:], memory_mb=0, cache=cache)
    assert np.array_equal(fewer.whole(0), kept.whole(3)), "a cache of other rows is not used"


def test_pieces_of_one_file_and_mixtures(tmp_path: Path) -> None:
    sound = tone(0.4, 3.0)
    write_wav(tmp_path / "long.wav", sound)
    spans = [(0.5, 1.0), (0.0, 0.7), (2.5, 3.5), (3.2, 4.0)]
    parts = [AudioPart(file="long.wav", start=start, end=end) for start, end in spans]
    with LabelWriter(tmp_path, CARD) as writer:
        for number, part in enumerate(parts):
            writer.append(PseudoLabel(id=str(number), parts=(part,), arousal=0.5))
        mixed = (parts[0], parts[1].model_copy(update={"gain": -0.5}))
        writer.append(PseudoLabel(id="mixture", parts=mixed, arousal=0.5))
    found = read_labels(tmp_path)
    sounds = load_sounds(found, found.rows, cache=tmp_path / "cache")
    assert list(sounds.unreadable) == ["3"] and "ends before the piece at 3.2 s" in sounds.unreadable["3"]
    wanted = [sound[round(a * RATE) : round(b * RATE)] for a, b in spans]
    for row in range(3):
        assert np.abs(sounds.whole(row) - wanted[row]).max() < 1e-4
    whole = np.zeros(len(wanted[1]), np.float32)
    whole[: len(wanted[0])] += wanted[0]
    assert np.abs(sounds.whole(3) - (whole - 0.5 * wanted[1])).max() < 2e-4


def test_a_batch_is_made_of_crops_of_its_rows(labels: Path, tmp_path: Path) -> None:
    found = read_labels(labels)
    sounds = load_sounds(found, found.split("train"), cache=tmp_path / "cache")
    options = replace(QUICK, batch=6)
    sound, targets = Batches(sounds, options)(2)
    rows = rows_of_step(2, batch=6, n=len(sounds.rows), seed=0)
    assert sound.shape[0] == 6 and 0.3 * RATE <= sound.shape[1] <= 0.4 * RATE
    assert sound.dtype == targets.dtype == np.float32
    for place, row in enumerate(rows):
        assert targets[place, 0] == np.float32(sounds.rows[row].arousal)
        whole = sounds.whole(int(row))
        starts = np.flatnonzero(np.isclose(whole, sound[place, 0], atol=1e-7))
        assert any(np.allclose(whole[at : at + sound.shape[1]], sound[place], atol=1e-6) for at in starts)


def test_the_shares_of_two_processes_are_the_batch(labels: Path, tmp_path: Path) -> None:
    found = read_labels(labels)
    sounds = load_sounds(found, found.split("train"), cache=tmp_path / "cache")
    whole = Batches(sounds, QUICK)(5)
    shares = [Batches(sounds, QUICK, rank=rank, world=2)(5) for rank in (0, 1)]
    for part in (0, 1):
        assert np.array_equal(whole[part], np.concatenate([share[part] for share in shares]), equal_nan=True)


def test_mixtures_made_now_are_heard_by_the_teacher(labels: Path, tmp_path: Path) -> None:
    found = read_labels(labels)
    sounds = load_sounds(found, found.split("train"), cache=tmp_path / "cache")
    heard: list[np.ndarray] = []

    def teacher(signal: np.ndarray) -> np.ndarray:
        heard.append(signal)
        return np.array([9.0, np.nan, np.nan])

    plain, _ = Batches(sounds, replace(QUICK, batch=16))(0)
    sound, targets = Batches(sounds, replace(QUICK, batch=16, mixup="teacher", mix_share=0.5), teacher)(0)
    mixed = targets[:, 0] == 9.0
    assert 3 <= mixed.sum() <= 13 and len(heard) == mixed.sum()
    assert np.array_equal(sound[mixed], np.array(heard))
    assert np.array_equal(sound[~mixed], plain[~mixed])
    for one, other in zip(sound[mixed], plain[mixed], strict=True):
        rest = one - other  # another row at a gain of -10 to 10 dB
        match = [np.dot(rest, row) / np.sqrt(np.dot(rest, rest) * np.dot(row, row)) for row in plain]
        assert max(match) == pytest.approx(1.0, abs=1e-4)


def test_every_row_comes_once_a_round_in_a_new_order() -> None:
    steps = [rows_of_step(step, batch=5, n=15, seed=1) for step in range(6)]
    rounds = [np.concatenate(steps[:3]), np.concatenate(steps[3:])]
    assert all(sorted(each.tolist()) == list(range(15)) for each in rounds)
    assert not np.array_equal(rounds[0], rounds[1])
    assert len(rows_of_step(0, batch=8, n=3, seed=0)) == 8


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, steps=1000, warmup=100, peak=2.0) for step in range(1000)]
    assert rates[99] == 2.0 and np.all(np.diff(rates[:100]) > 0) and np.all(np.diff(rates[100:]) < 0)
    assert rates[549] == pytest.approx(1.01, abs=0.01) and rates[-1] == pytest.approx(0.02, abs=0.001)


def test_only_matrices_and_kernels_decay() -> None:
    module = torch.nn.Sequential(torch.nn.Conv1d(1, 2, 3), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))
    module[2].weight.requires_grad_(False)
    groups = optimiser(module, 1e-3, 0.01).param_groups
    assert [[tuple(weights.shape) for weights in group["params"]] for group in groups] == [
        [(2, 1, 3)],
        [(2,), (2,), (2,), (1,)],
    ]
    assert [group["weight_decay"] for group in groups] == [0.01, 0.0]


def test_predictions_do_not_depend_on_the_batch(labels: Path) -> None:
    torch.manual_seed(0)
    from openaffect.distill.students import build

    module = build("wav2small-17k").train()
    sounds = [tone(0.3, seconds) for seconds in (0.5, 0.31, 0.002, 1.2, 0.5)]
    said = predictions(module, lambda row: sounds[row], [len(sound) for sound in sounds])
    assert module.training
    module.eval()
    with torch.inference_mode():
        alone = [module(torch.from_numpy(np.resize(sound, max(64, len(sound))))[None])[0].numpy() for sound in sounds]
    assert np.allclose(said, alone, atol=1e-5)


def test_licences_of_labels_and_of_the_hearing_teacher_are_carried(tiny: str, tmp_path: Path) -> None:
    class Ear:
        name, identity, licence, permissive, present = "ear", "1", "CC-BY-NC-4.0", False, ("arousal",)

        def __call__(self, signal: np.ndarray, /) -> np.ndarray:
            return np.array([0.5, np.nan, np.nan])

    labels = write_labels(tmp_path / "labels", 8)
    fit(tiny, labels, tmp_path / "out", replace(QUICK, steps=2, mixup="teacher"), teacher=Ear())
    facts = StudentFacts.load(tmp_path / "out" / "student")
    assert not facts.permissive
    assert facts.teacher == "pitch; mixtures: ear" and facts.teacher_licence == "Apache-2.0; CC-BY-NC-4.0"


def test_off_leaves_rows_of_mixtures_out(tiny: str, tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels", 8)
    part = AudioPart(file="1.wav", start=0, end=0.5)
    with LabelWriter(labels, CARD) as writer:
        writer.append(PseudoLabel(id="mixture", parts=(part, part), arousal=0.5))
    assert fit(tiny, labels, tmp_path / "rows", QUICK).n_train == 7
    assert fit(tiny, labels, tmp_path / "off", replace(QUICK, mixup="off")).n_train == 6


def test_a_card_that_is_not_permissive_makes_a_student_that_is_not(tiny: str, tmp_path: Path) -> None:
    labels = write_labels(tmp_path / "labels", 8)
    card = LabelCard.model_validate({**CARD.model_dump(), "permissive": False})
    (labels / "card.json").write_text(card.model_dump_json())
    fit(tiny, labels, tmp_path / "out", QUICK)
    assert not StudentFacts.load(tmp_path / "out" / "student").permissive
