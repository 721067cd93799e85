"""Predictions on disk: official archives and plain tables, and the checkpoints of a run."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from tests.mer_unibench_files import MADE, RUN, write_npz, write_openset, write_predictions

from openaffect.datasets.checkpoints import find_checkpoints
from openaffect.datasets.predictions import find_predictions, read_predictions
from openaffect.errors import AbsentData, DataError

ITEMS = {"s1": "[calm, confident]", "s2": "[]", "s3": "['sad']"}


def complaint(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_predictions(path)
    assert path.name in str(caught.value)
    return str(caught.value)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


# --- one file ---------------------------------------------------------------------------------------------------------


def test_label_lists_are_kept_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint_000030_loss_0.602-openset.npz"
    write_openset(path, ITEMS)
    found = read_predictions(path)
    assert found.kind == "openset" and found.labels == ITEMS and found.reasons == {} and found.notes == ()
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() and found.path == path
    assert len(found) == 3


def test_sentiment_words_by_name_and_by_content(tmp_path: Path) -> None:
    words = {"s1": "positive", "s2": "mixed", "s3": "negative"}
    for name, notes in (("x-openset-sentiment.npz", 0), ("other.npz", 1)):
        write_openset(tmp_path / name, words)
        found = read_predictions(tmp_path / name)
        assert found.kind == "sentiment" and found.labels == words and len(found.notes) == notes
    write_openset(tmp_path / "lists.npz", ITEMS)
    assert read_predictions(tmp_path / "lists.npz").kind == "openset"


def test_what_to_do_where_sentiment_words_were_meant(tmp_path: Path) -> None:
    words = "name,{}\na,pos\nb,neg\n"
    assert (
        "call the column 'sentiment'" in read_predictions(written(tmp_path, "a.csv", words.format("prediction"))).hint
    )
    write_openset(tmp_path / "sims.npz", {"a": "pos", "b": "neg"})
    assert "ends in -openset-sentiment.npz" in read_predictions(tmp_path / "sims.npz").hint
    write_openset(tmp_path / "sims-openset.npz", {"a": "pos"})
    for sure in (tmp_path / "sims-openset.npz", written(tmp_path, "b.csv", words.format("openset"))):
        assert read_predictions(sure).hint == ""


def test_the_hash_is_of_the_bytes_that_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = written(tmp_path, "a.csv", "name,openset\na,x\n")
    write_openset(tmp_path / "a-openset.npz", ITEMS)
    opened: list[str] = []
    real = Path.open

    def counted(path: Path, *arguments: object, **options: object) -> object:
        opened.append(path.name)
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", counted)
    for path in (table, tmp_path / "a-openset.npz"):
        read_predictions(path)
    assert opened == ["a.csv", "a-openset.npz"]


def test_texts_are_no_labels_yet(tmp_path: Path) -> None:
    write_npz(tmp_path / "checkpoint_000030_loss_0.602.npz", name2reason={"s1": "She is calm.", "s2": float("nan")})
    found = read_predictions(tmp_path / "checkpoint_000030_loss_0.602.npz")
    assert found.kind == "reasons" and found.labels == {} and found.reasons == {"s1": "She is calm.", "s2": ""}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("column", "kind"),
    [("openset", "openset"), ("labels", "openset"), ("prediction", "openset"), ("sentiment", "sentiment")],
)
@pytest.mark.parametrize("name", ["name", "names", "id"])
def test_plain_tables(name: str, column: str, kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, "mine.csv", f'{name},{column}\ns1,"happy, sad"\ns2,\ns3,nan\n')
    found = read_predictions(path)
    assert found.kind == kind and found.labels == {"s1": "happy, sad", "s2": "", "s3": ""}


def test_texts_in_a_table(tmp_path: Path) -> None:
    found = read_predictions(written(tmp_path, "mine.csv", "names,chi_reasons\ns1,他在笑。\n"))
    assert found.kind == "reasons" and found.reasons == {"s1": "他在笑。"}


def test_json_lines_with_lists_and_strings(tmp_path: Path) -> None:
    path = written(
        tmp_path, "mine.jsonl", '{"id": "s1", "labels": ["happy", "at ease"]}\n{"id": "s2", "labels": "[sad]"}\n'
    )
    assert read_predictions(path).labels == {"s1": ["happy", "at ease"], "s2": "[sad]"}
    path = written(tmp_path, "mine.jsonl", '{"name": "s1", "openset": null}')
    assert read_predictions(path).labels == {"s1": ""}


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "name,openset\n", "has no rows"),
        ("a.csv", "name,answer\ns1,x\n", "line 1 lacks the column 'openset' or 'labels'"),
        ("a.csv", "name,openset,sentiment\ns1,x,y\n", "'openset' and 'sentiment' for one thing"),
        ("a.csv", "name,openset\ns1,x\ns2,y\ns1,z\n", "line 4: the name 's1' stands in line 2"),
        ("a.jsonl", '{"name": "s1", "labels": [1]}', "line 1: the labels must be text"),
        ("a.jsonl", '{"name": "s1", "labels": {"a": 1}}', "line 1: text was expected"),
        ("a.jsonl", '{"name": "s1", "sentiment": 1}', "line 1: text was expected"),
        ("a.jsonl", '{"name": "s1", "openset": "x"}\n{"name": "s2", "sentiment": "y"}', "line 2 has 'sentiment'"),
    ],
)
def test_what_is_wrong_with_a_table(name: str, text: str, part: str, tmp_path: Path) -> None:
    assert part in complaint(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"filenames": np.array(["a", "b"]), "fileitems": np.array(["[]"])}, "2 'filenames' and 1 'fileitems'"),
        ({"filenames": np.array(["a", "a"]), "fileitems": np.array(["[]", "[]"])}, "'a' is entry 0 and entry 1"),
        ({"filenames": np.array(["a", ""]), "fileitems": np.array(["[]", "[]"])}, "entry 1 is empty"),
        ({"filenames": np.array([]), "fileitems": np.array([])}, "key 'filenames': a list of text"),
        ({"filenames": np.array(["a"]), "fileitems": np.array([1])}, "key 'fileitems': a list of text"),
        ({"filenames": np.array(["a"]), "fileitems": np.array([["x"]])}, "key 'fileitems': a list of text"),
        ({"filenames": np.array("a"), "fileitems": np.array("x")}, "key 'filenames': a list of text"),
        ({"filenames": np.array(["a"])}, "holds filenames; predictions have 'filenames' and 'fileitems'"),
        ({"name2reason": [1]}, "key 'name2reason': a dict"),
        ({"name2reason": {}}, "key 'name2reason': a dict"),
        ({"name2reason": {"a": 3}}, "'a': text was expected, 3 came"),
        ({"name2reason": {"a": np.array([1, 2])}}, "'a': text was expected, array of shape (2,) came"),
    ],
)
def test_what_is_wrong_with_an_archive(content: dict[str, object], part: str, tmp_path: Path) -> None:
    write_npz(tmp_path / "a-openset.npz", **content)
    assert part in complaint(tmp_path / "a-openset.npz")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("point", [0xFFFFFFFF, 0x110000, 0xD800, 0xDFFF])
def test_characters_that_there_are_not(point: int, order: str, tmp_path: Path) -> None:
    broken = np.array([point], dtype=f"{order}u4").view(f"{order}U1")
    write_npz(tmp_path / "a.npz", filenames=broken, fileitems=np.array(["[]"]))
    assert "key 'filenames'" in complaint(tmp_path / "a.npz")


def test_lists_of_objects_are_read_as_well(tmp_path: Path) -> None:
    write_npz(tmp_path / "a-openset.npz", filenames=np.array(["a"], dtype=object), fileitems=["[x]"])
    assert read_predictions(tmp_path / "a-openset.npz").labels == {"a": "[x]"}


# --- checkpoints ------------------------------------------------------------------------------------------------------


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return write_predictions(tmp_path / "output", size=5, checkpoints=(35, 30, 100), keys=["meld", "sims"])


def test_checkpoints_by_epoch_with_their_stages(output: Path) -> None:
    for place in (output, output / "results-meld", output / "results-meld" / RUN):
        found = find_checkpoints(place, "meld")
        assert [each.epoch for each in found] == [30, 35, 100]
        assert found[0].name == "checkpoint_000030_loss_0.602"
        assert found[0].reasons and found[0].openset and found[0].sentiment is None
        assert read_predictions(found[0].reasons).kind == "reasons"
        assert len(read_predictions(found[0].openset)) == 5
    assert all(each.sentiment for each in find_checkpoints(output, "sims"))


def test_keys_and_folders_in_other_cases(output: Path) -> None:
    (output / "results-meld").rename(output / "results-MELD")
    assert len(find_checkpoints(output, "meld")) == 3


def test_several_runs_are_listed_until_one_is_chosen(output: Path) -> None:
    write_predictions(output, size=5, checkpoints=(40,), keys=["meld"], run="another_run")
    with pytest.raises(DataError, match=f"has 2 runs: another_run, {RUN}; choose one"):
        find_checkpoints(output, "meld")
    assert [each.epoch for each in find_checkpoints(output, "meld", run="another_run")] == [40]
    with pytest.raises(DataError, match=r"no run 'another' in .*, did you mean 'another_run'"):
        find_checkpoints(output, "meld", run="another")


def test_nothing_of_that_data_set(output: Path, tmp_path: Path) -> None:
    with pytest.raises(AbsentData, match=r"did you mean 'results-sims'\? It has results-meld, results-sims"):
        find_checkpoints(output, "simsv2")
    with pytest.raises(DataError, match="holds the predictions of sims, meld was asked for"):
        find_checkpoints(output / "results-sims" / RUN, "meld")
    with pytest.raises(AbsentData, match="no folder"):
        find_checkpoints(tmp_path / "absent", "meld")
    (tmp_path / "empty" / "results-meld" / "run").mkdir(parents=True)
    with pytest.raises(AbsentData, match="no prediction file"):
        find_checkpoints(tmp_path / "empty" / "results-meld" / "run", "meld")
    with pytest.raises(AbsentData, match="no run with a prediction file"):
        find_checkpoints(tmp_path / "empty", "meld")


def test_files_with_other_names_are_checkpoints_without_an_epoch(tmp_path: Path) -> None:
    for name in ("mine-openset.npz", "checkpoint_000030_loss_0.5-openset.npz"):
        write_openset(tmp_path / name, ITEMS)
    (tmp_path / "readme.txt").write_text("x")
    assert [(each.name, each.epoch) for each in find_checkpoints(tmp_path, "meld")] == [
        ("checkpoint_000030_loss_0.5", 30),
        ("mine", None),
    ]


def test_the_file_of_the_stage_that_is_scored(output: Path, tmp_path: Path) -> None:
    assert [each.path.name for each in find_predictions(output, "sims", sentiment=True).found] == [
        f"checkpoint_{epoch:06d}_loss_0.602-openset-sentiment.npz" for epoch in (30, 35, 100)
    ]
    assert find_predictions(output, "sims").found[0].path.name == "checkpoint_000030_loss_0.602-openset.npz"
    [found] = {each.run for each in find_predictions(output, "sims").found}
    assert found == RUN
    with pytest.raises(DataError, match=r"the 3 checkpoints of meld .* have no -openset-sentiment\.npz"):
        find_predictions(output, "meld", sentiment=True)
    mine = written(tmp_path, "meld.csv", "name,openset\na,x\n")
    assert [(each.name, each.epoch, each.path) for each in find_predictions(tmp_path, "meld").found] == [
        ("meld", None, mine)
    ]
    assert find_predictions(mine, "sims").found[0].path == mine
    assert {each.run for place in (tmp_path, mine) for each in find_predictions(place, "meld").found} == {None}
    written(tmp_path, "meld.jsonl", '{"name": "a", "openset": "x"}\n')
    with pytest.raises(DataError, match=r"meld\.csv and meld\.jsonl"):
        find_predictions(tmp_path, "meld")


def test_the_made_predictions_have_every_made_sample(tmp_path: Path) -> None:
    write_predictions(tmp_path, size=3, checkpoints=(30,))
    for key in MADE:
        [found] = find_predictions(tmp_path, key, sentiment=MADE[key].top > 0).found
        assert len(read_predictions(found.path)) == 3


# --- more than one thing, and things that are no files ----------------------------------------------------------------


def test_two_results_folders_of_one_data_set(output: Path) -> None:
    (output / "results-MELD").mkdir()
    for read in (find_checkpoints, find_predictions):
        with pytest.raises(DataError, match="has results-MELD and results-meld for meld; keep one or name it"):
            read(output, "meld")
    assert len(find_checkpoints(output / "results-meld", "meld")) == 3


def test_a_plain_file_beside_the_official_layout(output: Path) -> None:
    written(output, "meld.csv", "name,openset\na,x\n")
    with pytest.raises(DataError, match=r"has meld\.csv and results-meld for meld; keep one or name it"):
        find_predictions(output, "meld")
    assert len(find_predictions(output, "sims").found) == 3


def test_the_run_is_told_wherever_one_looks_from(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(output / "results-meld" / RUN)
    for place in (output, output / "results-meld", output / "results-meld" / RUN, Path()):
        assert {each.run for each in find_predictions(place, "meld").found} == {RUN}
    loose = output / "results-cmumosi"
    loose.mkdir()
    write_openset(loose / "mine-openset.npz", ITEMS)
    assert [each.run for each in find_predictions(output, "cmumosi").found] == [None]


def test_what_is_no_file_is_not_passed_over(tmp_path: Path) -> None:
    for epoch, name in enumerate(("nowhere", "folder", "pipe")):
        path = tmp_path / f"checkpoint_{epoch:06d}_{name}-openset.npz"
        if name == "nowhere":
            path.symlink_to(tmp_path / "absent")
        elif name == "folder":
            path.mkdir()
        else:
            os.mkfifo(path)
    found = find_predictions(tmp_path, "meld")
    assert [each.epoch for each in found.found] == [0, 1, 2] and found.unfinished == ()
    causes = ["no such file", "is a folder", "not a regular file"]
    assert all(cause in complaint(each.path) for cause, each in zip(causes, found.found, strict=True))
    (tmp_path / "sims.csv").symlink_to(tmp_path / "absent")
    assert "no such file" in complaint(find_predictions(tmp_path, "sims").found[0].path)


def test_endings_in_capitals_and_names_of_two_lines(tmp_path: Path) -> None:
    write_openset(tmp_path / "a.npz", ITEMS)
    (tmp_path / "a.npz").rename(tmp_path / "checkpoint_000060_x-Openset.NPZ")
    (tmp_path / "two\nlines-openset.npz").write_bytes(b"x")
    assert [each.name for each in find_predictions(tmp_path, "meld").found] == ["checkpoint_000060_x", "two\nlines"]
    (tmp_path / "checkpoint_000060_x-openset.npz").write_bytes(b"x")
    with pytest.raises(DataError, match="are one stage of one checkpoint; keep one"):
        find_checkpoints(tmp_path, "meld")


def test_names_that_are_no_utf_8_can_be_written_as_json(tmp_path: Path) -> None:
    room = tmp_path / "results-meld" / os.fsdecode(b"run_\xff")
    room.mkdir(parents=True)
    write_openset(room / os.fsdecode(b"mine_\xff-openset.npz"), ITEMS)
    [found] = find_predictions(tmp_path, "meld", run=os.fsdecode(b"run_\xff")).found
    assert (found.name, found.run) == ("mine_\\xff", "run_\\xff") and len(read_predictions(found.path)) == 3
    (tmp_path / "results-meld" / "other").mkdir()
    write_openset(tmp_path / "results-meld" / "other" / "x-openset.npz", ITEMS)
    with pytest.raises(DataError) as caught:
        find_predictions(tmp_path, "meld")
    with pytest.raises(DataError) as other:
        find_predictions(tmp_path, "meld", run="oter")
    with pytest.raises(DataError) as absent:
        find_predictions(room.rename(tmp_path / os.fsdecode(b"results-\xff")).parent, "sims")
    for error in (caught, other, absent):
        json.dumps(str(error.value), ensure_ascii=False).encode("utf-8")
    assert "did you mean 'other'" in str(other.value)


def test_a_path_that_is_neither_file_nor_folder_is_called_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for path, part in (
        (tmp_path / "pipe", "'.*pipe' is a pipe"),
        (Path("/dev/null"), "'/dev/null' is a device"),
        (tmp_path / "link", "'.*link' is a link that leads nowhere"),
        (tmp_path / "round", "cannot read .*round"),
    ):
        with pytest.raises(DataError, match=part) as caught:
            find_predictions(path, "meld")
        assert not isinstance(caught.value, AbsentData)
