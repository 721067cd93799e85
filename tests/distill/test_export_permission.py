"""No student is called permissive when what it learnt from is not."""

import pytest

from openaffect.distill.export import export_folder
from openaffect.distill.permission import check_permission, is_limited
from openaffect.errors import UsageError
from openaffect.runtime.facts import StudentFacts
from tests.distill.students.made import made

NC = "CC BY-NC-SA 4.0"


def facts(**given):
    free = {"teacher": "t", "teacher_licence": "MIT", "audio": ("voices (Apache-2.0)",), "licence": "Apache-2.0"}
    return StudentFacts(**{"network": "wav2small-17k", "permissive": True, **free, **given})


def test_free_teacher_and_free_audio_leave_the_student_free():
    check_permission(facts())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"teacher_licence": NC}, "the teacher's licence is 'CC BY-NC-SA 4.0'"),
        ({"teacher_licence": ""}, "the teacher's licence is not stated"),
        ({"audio": ("voices (MIT)", "packs (GFDL-1.3)")}, r"learnt from packs \(GFDL-1.3\)"),
        ({"permissive": False, "teacher_licence": NC}, "cannot be under 'Apache-2.0'"),
        ({"permissive": False, "licence": "MIT"}, "cannot be under 'MIT'"),
    ],
)
def test_freedom_that_is_not_there_is_refused(given, said, tmp_path):
    with pytest.raises(UsageError, match=said):
        export_folder(made("wav2small-17k"), tmp_path / "out", facts(**given))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("licence", ["", NC, "research use only"])
def test_a_limited_student_may_say_so(licence):
    check_permission(facts(permissive=False, teacher_licence=NC, licence=licence))


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "BSD-3-Clause", "ISC", "MIT and Apache-2.0"]
)
def test_free_licences_are_known(licence):
    assert not is_limited(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "CC-BY-NC-4.0",
        "cc by-nc-sa",
        "CC BY-ND 4.0",
        "CC-BY-SA-3.0",
        "GPL-2.0",
        "AGPL-3.0",
        "GFDL-1.3",
        "ODbL",
        "OpenRAIL-M",
        "unknown",
        "non-commercial",
        "noncommercial",
        "research purpose only",
        "academic licence",
        "MIT and CC BY-NC 4.0",
        " ",
    ],
)
def test_limited_licences_are_known(licence):
    assert is_limited(licence)
