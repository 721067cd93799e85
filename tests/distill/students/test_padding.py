"""A batch of clips of different lengths: what pads them changes nothing."""

import pytest
import torch

from openaffect.distill.pooling import attended
from openaffect.distill.students import STUDENTS
from openaffect.errors import UsageError
from tests.distill.students.made import made, noise

torch.set_num_threads(1)
LENGTHS = (64, 97, 3_001, 7_777, 8_000)


@pytest.mark.parametrize("name", [name for name in STUDENTS if name not in ("mobilenetv4-large", "mobilenetv4-medium")])
def test_each_clip_of_a_padded_batch_reads_as_it_does_alone(name):
    student, clips = made(name), noise(8_000, clips=len(LENGTHS)) + 0.5
    for clip, length in zip(clips, LENGTHS, strict=True):
        # Padding that would be heard: loud, and in one clip not even a number.
        clip[length:] = float("nan") if length == 3_001 else 50.0
    with torch.no_grad():
        together = student.hidden(clips, torch.tensor(LENGTHS))
        alone = torch.cat([student.hidden(clip[None, :n]) for clip, n in zip(clips, LENGTHS, strict=True)])
    scale = alone.abs().max()
    assert (together - alone).abs().max() < 1e-5 * scale
    # Without lengths the same batch reads differently, or the test would prove nothing.
    with torch.no_grad():
        blind = student.hidden(torch.nan_to_num(clips))
    assert (blind[:3] - alone[:3]).abs().max() > 1e-3 * scale


@pytest.mark.parametrize("name", ["wav2small-72k", "mobilenetv3-small"])
def test_a_clip_below_64_samples_is_refused(name):
    with pytest.raises(UsageError, match="one has 63"):
        made(name)(noise(100, clips=2), torch.tensor([100, 63]))


def test_pooling_is_a_softmax_over_time_for_each_feature():
    values = torch.tensor([[[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]])
    scores = torch.log(torch.tensor([[[1.0, 1.0], [1.0, 0.5], [2.0, 0.5]]]))
    assert torch.allclose(attended(values, scores), torch.tensor([[(1 + 2 + 8) / 4, (10 + 10 + 20) / 2]]))
    assert torch.allclose(attended(values, scores, torch.tensor([2])), torch.tensor([[1.5, 20 / 1.5]]))
