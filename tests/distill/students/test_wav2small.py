"""Both shapes of Wav2Small: counts, shapes, what they compute (against numpy and scipy), what they do not notice."""

import numpy as np
import pytest
import torch

from openaffect.distill.frontend import LogMel, Spectrogram, normalised
from openaffect.distill.students.wav2small import Wav2Small
from openaffect.errors import UsageError
from tests.distill.students.made import made, noise, unsettled
from tests.references import wav2small as reference

torch.set_num_threads(1)
BOTH = ("wav2small-72k", "wav2small-17k")


def count(module, *, trainable=False):
    return sum(each.numel() for each in module.parameters() if each.requires_grad or not trainable)


def test_the_published_shape_has_the_published_counts():
    student = Wav2Small("v2-17k")
    assert count(student, trainable=True) == 10_806
    assert count(student) == 15_030
    ear = student.vgg7.logmel_extractor
    with_ear = count(student) + ear.melW.numel() + ear.amin.numel()
    assert with_ear == 15_889
    statistics = sum(value.numel() for name, value in student.state_dict().items() if "running" in name)
    counters = sum(value.numel() for name, value in student.state_dict().items() if "num_batches" in name)
    assert with_ear + statistics + counters == 16_078 and len(student.state_dict()) == 52


@pytest.mark.parametrize(("extra", "numbers"), [(False, 72_477), (True, 72_659)])
def test_the_papers_shape_has_the_papers_count(extra, numbers):
    student = Wav2Small("paper-72k", extra_conv=extra)
    assert count(student) + student.vgg7.logmel_extractor.melW.numel() == numbers
    assert count(student, trainable=True) == numbers - 4_224 - 858


@pytest.mark.parametrize("samples", [64, 95, 96, 127, 128, 12_345, 80_000])
def test_rows_follow_the_formulas(samples):
    frames = (samples - 64) // 32 + 1
    assert Spectrogram()(noise(samples)).shape == (1, frames, 33)
    assert LogMel()(Spectrogram()(noise(samples))).shape == (1, 1, frames, 26)
    maps, _ = Wav2Small().eval().vgg7(noise(samples))
    assert maps.shape == (1, 13, (frames - 1) // 2 + 1, 13)


def test_five_seconds_are_1250_tokens():
    values, scores, _ = Wav2Small().eval().tokens(noise(80_000))
    assert values.shape == scores.shape == (1, 1250, 169)


@pytest.mark.parametrize(("name", "hidden"), [("wav2small-72k", 169), ("wav2small-17k", 338)])
def test_shapes_of_what_comes_out(name, hidden):
    student = made(name)
    assert student(noise(4000, clips=5)).shape == (5, 3)
    assert student.hidden(noise(4000, clips=5)).shape == (5, hidden)


@pytest.mark.parametrize("samples", [64, 200, 5_003])
@pytest.mark.parametrize(
    ("name", "formula"), [("wav2small-72k", reference.paper_72k), ("wav2small-17k", reference.v2_17k)]
)
def test_networks_compute_what_their_description_says(name, formula, samples):
    student = made(name)
    weights = {key: value.numpy() for key, value in student.state_dict().items()}
    sound = noise(samples, seed=samples)
    logits, hidden = formula(sound[0].numpy(), weights)
    with torch.no_grad():
        assert np.abs(student(sound)[0].numpy() - logits).max() < 2e-5
        assert np.abs(student.hidden(sound)[0].numpy() - hidden).max() < 2e-5


def test_the_extra_convolution_works_on_the_maps_before_the_tokens():
    torch.manual_seed(1)
    student = unsettled(Wav2Small("paper-72k", extra_conv=True))
    plain = unsettled(Wav2Small("paper-72k"))
    plain.load_state_dict({k: v for k, v in student.state_dict().items() if ".l8." not in k})
    maps, _ = plain.vgg7(noise(3000))
    extra = student.vgg7.l8
    wanted = torch.einsum("oi,bitm->botm", extra.weight[:, :, 0, 0], maps) + extra.bias[:, None, None]
    assert torch.allclose(student.vgg7(noise(3000))[0], wanted, atol=1e-6)


def test_log_mel_is_librosas():
    # librosa 0.11.0: power_to_db(melspectrogram(y, sr=16000, n_fft=64, hop_length=32, n_mels=26, center=False),
    # ref=1, amin=1e-10, top_db=None) of this chirp; (frame, band) -> dB.
    t = np.arange(2000) / 16000
    chirp = np.sin(2 * np.pi * (200 * t + 20000 * t * t)).astype(np.float32)
    levels = LogMel()(Spectrogram()(torch.from_numpy(chirp[None])))[0, 0]
    assert levels.shape == (61, 26)
    seen = {(0, 0): -100.0, (0, 1): 2.486483466280103, (10, 5): -12.901398557290955, (30, 14): -34.51886508806848}
    for place, value in seen.items():
        assert float(levels[place]) == pytest.approx(value, abs=1e-3)


def test_hidden_vector_of_the_published_shape_is_rows_then_products():
    # Channel c holds c in its first mel row and 1 in its last: products with channel k are c * k + 1.
    grid = torch.zeros(1, 13, 13)
    grid[0, :, 0], grid[0, :, 12] = torch.arange(13.0), 1.0
    hidden = Wav2Small("v2-17k").read_out(grid.flatten(1))[0]
    for channel in range(13):
        values, products = hidden[26 * channel : 26 * channel + 13], hidden[26 * channel + 13 : 26 * channel + 26]
        assert values.tolist() == [channel, *[0.0] * 11, 1.0]
        assert products.tolist() == [channel * other + 1 for other in range(13)]


@pytest.mark.parametrize("name", BOTH)
def test_a_token_sees_832_samples(name):
    # In double precision and from random statistics, so that no gradient is zero by chance.
    student = made(name).double()
    student.vgg7.logmel_extractor.amin.fill_(1e-30)
    sound = noise(16_000).double().requires_grad_()
    token = 120
    values, scores, _ = student.tokens(sound)
    (values[0, token] + scores[0, token]).sum().backward()
    touched = torch.nonzero(sound.grad[0]).flatten()
    first, last = 32 * (2 * token - 12), 32 * (2 * token + 12) + 63
    # The window is zero at its first sample, so the outermost one has no weight.
    assert (int(touched.min()), int(touched.max())) == (first + 1, last)
    assert last - first + 1 == 832


@pytest.mark.parametrize("name", BOTH)
def test_level_does_not_matter(name):
    student, sound = made(name), noise(16_000) * 0.1
    with torch.no_grad():
        wanted = student(sound)
        for decibels in (-20, -6, 6, 20):
            assert (student(sound * 10 ** (decibels / 20)) - wanted).abs().max() < 0.01


@pytest.mark.parametrize("name", BOTH)
def test_far_too_soft_it_drifts_but_stays_finite(name):
    # At 1e-6 of full scale the variance is far below the 1e-7 that is added to it: no longer normalised.
    soft = normalised(noise(16_000) * 1e-6)
    assert 0.002 < float(soft.std()) < 0.004
    with torch.no_grad():
        assert torch.isfinite(made(name)(noise(16_000) * 1e-6)).all()


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("value", [0.0, 0.7])
def test_silence_and_a_constant_give_finite_numbers(name, value):
    with torch.no_grad():
        assert torch.isfinite(made(name)(torch.full((1, 8_000), value))).all()


@pytest.mark.parametrize("name", BOTH)
def test_the_callers_sound_is_left_alone(name):
    sound = noise(8_000) + 3
    kept = sound.clone()
    made(name)(sound)
    made(name)(sound, torch.tensor([5_000]))
    assert torch.equal(sound, kept)


@pytest.mark.parametrize("bad", [torch.zeros(1, 63), torch.zeros(64), torch.zeros(1, 1, 64), torch.zeros(1, 64).long()])
@pytest.mark.parametrize("name", BOTH)
def test_what_is_no_batch_of_clips_is_refused(name, bad):
    with pytest.raises(UsageError, match="64 samples or more"):
        made(name)(bad)


@pytest.mark.parametrize("given", [("paper-17k", False), ("v2-17k", True), ("", False)])
def test_unknown_shapes_are_refused(given):
    with pytest.raises(UsageError, match="Wav2Small is"):
        Wav2Small(*given)


def test_training_moves_the_weights_and_not_the_ear():
    student = Wav2Small("paper-72k")
    student(noise(4_000, clips=4)).pow(2).sum().backward()
    moved = {name for name, each in student.named_parameters() if each.grad is not None and each.grad.any()}
    still = {name for name, _ in student.named_parameters()} - moved
    assert still == {f"vgg7.spectrogram_extractor.conv_{part}.weight" for part in ("real", "imag")}
