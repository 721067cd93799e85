"""Evaluation: figures against audmetric, failures counted, corpora on one scale, robustness, what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import audmetric
import numpy as np
import pytest

from openaffect.distill.agreements import agreements, ccc_of
from openaffect.distill.cases import Case, Cases, cases_of_corpus, cases_of_labels
from openaffect.distill.evaluate import Trying, evaluate
from openaffect.distill.evaluation_text import WORDS, markdown
from openaffect.distill.robustness import gain_effects, noise_effects, nothing_there
from openaffect.distill.subjects import Subject, student_in, teacher_named
from openaffect.errors import DataError, InputError, UsageError
from tests.distill import ears
from tests.distill.river_files import CARD, tone, write_labels, write_wav

ALL = ("arousal", "dominance", "valence")
QUIET = Trying(resamples=50, gain_clips=3, noise_clips=4, nothing=False)


def subject(hear: Callable[[np.ndarray], object], present: tuple[str, ...] = ALL, identity: str = "1") -> Subject:
    return Subject("ear", "CC0-1.0", present, hear, identity)  # type: ignore[arg-type]


def level(sound: np.ndarray) -> list[float]:
    return [float(np.sqrt(np.mean(sound.astype(float) ** 2))), float(np.abs(sound).max()), float(sound[0])]


def cases(n: int = 30, *, groups: bool = False) -> Cases:
    rng = np.random.default_rng(3)

    def case(k: int) -> Case:
        sound = (rng.uniform(0.05, 0.5) * tone(0.3, 0.3, k)).astype(np.float32)
        truth = level(sound) + rng.normal(0, 0.02, 3)
        group = {"sex": "f" if k % 2 else "m"} if groups else {}
        return Case(f"clip-{k}", (truth[0], truth[1], truth[2]), lambda: sound, f"voice-{k % 5}", group)

    return Cases("made", "test", "people", tuple(case(k) for k in range(n)))


def table(clips: Cases) -> tuple[np.ndarray, np.ndarray]:
    return np.array([clip.truth for clip in clips.clips]), np.array([level(clip.sound()) for clip in clips.clips])


def test_the_figures_are_audmetrics() -> None:
    clips = cases()
    truth, said = table(clips)
    found = evaluate(subject(level), clips, trying=QUIET)
    for place, one in enumerate(found.agreement):
        assert one.ccc == pytest.approx(audmetric.concordance_cc(truth[:, place], said[:, place]), rel=1e-9)
        assert one.pearson == pytest.approx(audmetric.pearson_cc(truth[:, place], said[:, place]), rel=1e-9)
        assert one.rmse == pytest.approx(np.sqrt(audmetric.mean_squared_error(truth[:, place], said[:, place])))
        assert (one.n, one.n_failed, one.unit, one.n_units) == (30, 0, "speaker", 5)
        assert one.low is not None and one.ccc is not None and one.high is not None and one.low <= one.ccc <= one.high
    assert found.mean_ccc == pytest.approx(np.mean([one.ccc for one in found.agreement]))


def test_an_interval_over_speakers_is_wider_than_one_over_clips() -> None:
    rng = np.random.default_rng(0)
    voices = np.repeat(rng.normal(0, 1, 12), 40)  # all that varies is the speaker
    truth = np.column_stack([voices] * 3)
    said = truth + np.repeat(rng.normal(0, 0.5, 12), 40)[:, None]
    names = [str(k // 40) for k in range(480)]
    (by_speaker, *_), (by_clip, *_) = (agreements(truth, said, ALL, each) for each in (names, [""] * 480))
    assert (by_speaker.unit, by_speaker.n_units, by_clip.unit, by_clip.n_units) == ("speaker", 12, "clip", 480)
    assert by_speaker.high - by_speaker.low > 2 * (by_clip.high - by_clip.low)  # type: ignore[operator]


def test_a_constant_and_too_few_clips_have_no_ccc() -> None:
    assert ccc_of(np.array([0.5]), np.array([0.4])) is None
    assert ccc_of(np.array([0.5, 0.5]), np.array([0.5, 0.5])) is None
    assert ccc_of(np.array([0.1, 0.9, np.nan]), np.array([0.1, 0.9, 0.3])) == 1.0


def test_clips_that_fail_are_counted_by_cause_and_in_no_figure() -> None:
    clips = cases(12)

    def broken() -> np.ndarray:
        raise InputError("the file is gone.")

    some = tuple(
        Case(each.id, each.truth, broken if place < 2 else each.sound, each.speaker)
        for place, each in enumerate(clips.clips)
    )
    found = evaluate(subject(level), Cases("made", "", "people", some), trying=QUIET)
    assert (found.n, found.n_failed, found.causes) == (12, 2, {"the file is gone.": 2})
    truth, said = table(Cases("made", "", "people", clips.clips[2:]))
    assert found.agreement[0].ccc == pytest.approx(audmetric.concordance_cc(truth[:, 0], said[:, 0]))
    assert (found.agreement[0].n, found.agreement[0].n_failed) == (10, 2)
    with pytest.raises(DataError, match="not one of 2 clips"):
        evaluate(subject(level), Cases("made", "", "people", some[:2]), trying=QUIET)


def test_absent_dimensions_have_no_row_and_a_missing_number_is_a_failure() -> None:
    found = evaluate(subject(lambda sound: [level(sound)[0], np.nan, 7.0], ("arousal",)), cases(12), trying=QUIET)
    assert [one.dimension for one in found.agreement] == ["arousal"]
    bad = evaluate(
        subject(lambda sound: [0.1, np.nan if level(sound)[0] > 0.05 else 0.2, 0.3]), cases(12), trying=QUIET
    )
    assert 0 < bad.n_failed < 12 and "no number for dominance" in next(iter(bad.causes))


def test_groups_are_clips_apart() -> None:
    clips = cases(30, groups=True)
    truth, said = table(clips)
    found = evaluate(subject(level), clips, trying=QUIET)
    assert [(group.group, group.value) for group in found.groups] == [("sex", "f"), ("sex", "m")]
    female = np.arange(30) % 2 == 1
    wanted = audmetric.concordance_cc(truth[female, 0], said[female, 0])
    assert found.groups[0].agreement[0].ccc == pytest.approx(wanted)


# ---------------------------------------------------------------- robustness


def test_gain_moves_what_follows_the_level_and_nothing_else() -> None:
    sounds = [tone(0.2, 0.2, 1), 0.5 * tone(0.4, 0.2, 2)]
    softer, louder = gain_effects(subject(level), sounds)
    most = max(level(sound)[0] for sound in sounds)
    assert (softer.decibels, softer.largest["arousal"]) == (-20, pytest.approx(0.9 * most, rel=1e-3))
    assert (louder.decibels, louder.largest["arousal"]) == (20, pytest.approx(9 * most, rel=1e-3))
    steady = gain_effects(subject(lambda sound: [len(sound) / 1e4, 0.0, 0.0]), sounds)
    assert all(value == 0 for effect in steady for value in effect.largest.values())


def test_a_change_that_cannot_be_heard_costs_that_clip_alone() -> None:
    def choosy(sound: np.ndarray) -> list[float]:
        if level(sound)[0] > 1:
            raise InputError("too loud for me.")
        return level(sound)

    softer, louder = gain_effects(subject(choosy), [tone(0.2, 0.2, 1), 0.1 * tone(0.4, 0.2, 2)])
    assert (softer.n, louder.n) == (2, 1)
    assert louder.largest["arousal"] == pytest.approx(9 * level(0.1 * tone(0.4, 0.2, 2))[0], rel=1e-3)


def test_noise_costs_what_the_noise_does() -> None:
    clips = cases(12)
    truth, said = table(clips)
    found = noise_effects(subject(level), [clip.sound() for clip in clips.clips], truth)
    assert [each.snr_db for each in found] == [20, 10, 0]
    clean = audmetric.concordance_cc(truth[:, 0], said[:, 0])
    for each in found:  # the level of voice and noise together is the voice's times a known factor
        assert each.clean["arousal"] == pytest.approx(clean)
        louder = said[:, 0] * np.sqrt(1 + 10 ** (-each.snr_db / 10))
        assert each.ccc["arousal"] == pytest.approx(audmetric.concordance_cc(truth[:, 0], louder), abs=0.02)


def test_without_a_voice_the_gate_refuses_and_the_raw_value_is_shown() -> None:
    found = nothing_there(subject(lambda sound: [0.8, 0.7, 0.6]))
    assert len(found) >= 5 and {each.sound for each in found} >= {"digital silence", "white noise, -20 dB"}
    assert all(each.refused for each in found)
    assert all(each.raw == {"arousal": 0.8, "dominance": 0.7, "valence": 0.6} for each in found)


# ---------------------------------------------------------------- what is compared with what


def test_msp_podcast_runs_from_zero_to_one_and_stands_beside_the_published(tmp_path: Path) -> None:
    header = "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set"
    rows = [f"MSP-PODCAST_0001_{k:04d}.wav,N,{1 + k % 7},4.0,7.0,{k},Female,Test1" for k in range(12)]
    (tmp_path / "Labels").mkdir()
    (tmp_path / "Labels" / "labels_consensus.csv").write_text("\n".join([header, *rows]) + "\n")
    for k in range(11):  # the twelfth is absent
        write_wav(tmp_path / "Audios" / f"MSP-PODCAST_0001_{k:04d}.wav", 0.05 * (1 + k % 7) * tone(0.1, 0.2))
    clips = cases_of_corpus(f"msp-podcast:{tmp_path}", "test-1")
    assert [clip.truth for clip in clips.clips[:2]] == [(0.0, 1.0, 0.5), (1 / 6, 1.0, 0.5)]
    found = evaluate(subject(level), clips, trying=QUIET)
    assert (found.n, found.n_failed) == (12, 1) and "is not there" in next(iter(found.causes))
    assert [one.published for one in found.agreement] == [0.762, 0.684, 0.676]
    text = markdown(found)
    assert "0.762" in text and "0.684" in text and "0.676" in text and "v1.7" in text
    with pytest.raises(DataError, match=r"no split 'test-9'; it has test-1"):
        cases_of_corpus(f"msp-podcast:{tmp_path}", "test-9")


@pytest.mark.parametrize("spec", ["msp-podcast", "msp-podcast:", ":x"])
def test_a_corpus_needs_key_and_folder(spec: str) -> None:
    with pytest.raises(UsageError):
        cases_of_corpus(spec)


def test_labels_are_the_words_of_a_teacher(tmp_path: Path) -> None:
    folder = write_labels(tmp_path, 8)
    clips = cases_of_labels(folder, "dev")
    assert clips.truth == "pitch" and len(clips.clips) == 2 and np.isnan(clips.clips[0].truth[1])
    assert len(cases_of_labels(folder, "").clips) == 8
    with pytest.raises(DataError, match="no label in the split 'test'"):
        cases_of_labels(folder)
    with pytest.raises(UsageError, match="unknown split"):
        cases_of_labels(folder, "test-1")
    text = markdown(evaluate(subject(level, ("arousal",)), clips, trying=QUIET))
    assert "what a teacher said, not what people said" in text
    assert CARD.teacher in text


# ---------------------------------------------------------------- what is kept


def test_predictions_are_kept_and_not_made_again(tmp_path: Path) -> None:
    heard: list[int] = []

    def counting(sound: np.ndarray) -> list[float]:
        heard.append(1)
        return level(sound)

    only = Trying(resamples=0, gain_clips=0, noise_clips=0, nothing=False)
    first = evaluate(subject(counting), cases(6), tmp_path, only)
    assert len(heard) == 6
    assert evaluate(subject(counting), cases(6), tmp_path, only) == first and len(heard) == 6
    assert json.loads((tmp_path / "evaluation.json").read_text())["n"] == 6
    assert (tmp_path / "evaluation.md").read_text() == markdown(first)
    with pytest.raises(UsageError, match="choose another --out"):
        evaluate(subject(counting, identity="2"), cases(6), tmp_path, only)


def test_a_teacher_and_no_student(tmp_path: Path) -> None:
    heard = teacher_named(ears.loudness)  # type: ignore[arg-type]  # a test's own
    assert heard.present == ("arousal", "valence") and np.isnan(heard(tone(0.1, 0.5))[1])
    with pytest.raises(InputError, match="empty"):
        heard(np.zeros(0, np.float32))
    with pytest.raises(DataError):
        student_in(tmp_path)


def test_both_languages_have_the_same_words_and_a_cell_cannot_break_the_table() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    found = evaluate(subject(level), cases(12), trying=QUIET)
    hostile = found.model_copy(update={"subject": "a|b\n\x1b[2J"})
    assert "\x1b" not in markdown(hostile) and "a\\|b " in markdown(hostile)
    with pytest.raises(UsageError, match="unknown language"):
        markdown(found, "xx")
