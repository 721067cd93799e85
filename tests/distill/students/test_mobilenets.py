"""The MobileNets: their counts to the last parameter, and where their strides lead."""

import pytest
import torch

from openaffect.distill.students import STUDENTS, build
from openaffect.errors import UsageError
from tests.distill.students.made import made, noise

torch.set_num_threads(1)
EAR = 33 * 64 * 2 + 33 * 26
# Parameters of the trunk (one input channel, without head) as timm 1.0.31 counts them, and the width at its end.
TRUNKS = {
    "mobilenetv4-small": (1_261_088, 960),
    "mobilenetv4-medium": (7_202_576, 960),
    "mobilenetv4-large": (30_078_072, 960),
    "mobilenetv3-large": (2_971_664, 960),
    "mobilenetv3-small": (926_720, 576),
}
# Mean, standard deviation and two values of what timm 1.0.31's trunks (`blocks(bn1(conv_stem(x)))`, one input channel,
# eval mode, float64) give for the weights of `filled` and the input of `waves`.
SEEN = {
    "mobilenetv4-small": (4.158570685460201, 5.708140546654711, 0.0, 0.0),
    "mobilenetv4-medium": (7.080433411442949, 9.540206353337844, 19.991403296372177, 0.0),
    "mobilenetv4-large": (1.631112753528452, 2.1475614862751473, 5.263528064224787, 7.340796670674766),
    "mobilenetv3-large": (0.7212198342624576, 1.292078133982734, -0.324412909359407, -0.3747769281976637),
    "mobilenetv3-small": (0.4660785850261879, 0.9949913020147365, 0.02432735822837993, 0.001261005447151044),
}


def filled(trunk):
    """Give each tensor, in the order of the state, a sine of its own; counters are left."""
    tensors = [(name, value) for name, value in trunk.state_dict().items() if "num_batches" not in name]
    for number, (name, value) in enumerate(tensors):
        wave = torch.sin(0.37 * torch.arange(value.numel(), dtype=torch.float64) + number).reshape(value.shape)
        if value.dim() > 1:
            value.copy_(wave * 1.5 / value[0].numel() ** 0.5)
        else:
            value.copy_(1 + 0.3 * wave if name.endswith(("running_var", "weight")) else 0.1 * wave)


def waves():
    return torch.sin(0.01 * torch.arange(70 * 26, dtype=torch.float64) ** 1.5).reshape(1, 1, 70, 26)


def numbers(module):
    return sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize("name", TRUNKS)
def test_counts_to_the_last_parameter(name):
    trunk, width = TRUNKS[name]
    # Counting needs no memory for the weights.
    with torch.device("meta"):
        student = build(name)
    assert numbers(student.trunk) == trunk
    ends = 2 * (width * width + width) + 3 * width + 3
    assert numbers(student) + student.logmel_extractor.melW.numel() == trunk + ends + EAR


def test_the_paper_says_3_12_million():
    student = build("mobilenetv4-small")
    assert numbers(student) - 2 * 33 * 64 == 3_109_091
    assert numbers(student) + 33 * 26 == 3_114_173


@pytest.mark.parametrize("name", [name for name in TRUNKS if name != "mobilenetv4-large"])
def test_trunks_compute_what_timms_compute(name):
    compared(name)


@pytest.mark.slow
def test_the_largest_trunk_computes_what_timms_computes():
    compared("mobilenetv4-large")


def compared(name):
    trunk, x = build(name).double().eval().trunk, waves()
    with torch.no_grad():
        filled(trunk)
        for block in trunk:
            x, _ = block(x)
    maps = x[0, :, :, 0]
    found = [float(value) for value in (maps.mean(), maps.std(), maps[7, 0], maps[-1, 2])]
    assert found == pytest.approx(SEEN[name], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["mobilenetv4-small", "mobilenetv3-large", "mobilenetv3-small"])
@pytest.mark.parametrize("samples", [64, 1_088, 12_345])
def test_one_token_for_32_frames(name, samples):
    student, frames = made(name), (samples - 64) // 32 + 1
    x, rows = torch.randn(1, 1, frames, 26), torch.tensor([frames])
    for block in student.trunk:
        x, rows = block(x, rows)
    assert x.shape == (1, TRUNKS[name][1], -(-frames // 32), 1)
    assert rows.tolist() == [x.shape[2]]
    assert student(noise(samples)).shape == (1, 3) and student.hidden(noise(samples)).shape == (1, TRUNKS[name][1])


@pytest.mark.parametrize("name", ["mobilenetv4-small", "mobilenetv3-large"])
def test_level_does_not_matter(name):
    student = made(name)
    with torch.no_grad():
        wanted, louder = student(noise(16_000) * 0.1), student(noise(16_000))
    assert (louder - wanted).abs().max() < 0.01


def test_an_unknown_student_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="did you mean 'mobilenetv4-small'") as refusal:
        build("mobilenet4-small")
    assert all(name in str(refusal.value) for name in STUDENTS)
