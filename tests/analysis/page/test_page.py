"""The page as text: escaping, policy, size, language."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import reports

from openaffect.analysis.exports import html
from openaffect.analysis.page.curves import POINTS, SCALE, curve, thinned
from openaffect.analysis.page.page import FAMILIES, embedded, render_page
from openaffect.analysis.page.words import WORDS
from openaffect.emotion.labels import VOCABULARY


class Elements(HTMLParser):
    """Collects tags, attributes and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.open: str | None = None
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self.open = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.open = None if tag == self.open else self.open

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open][-1] += data
        else:
            self.text.append(data)


def made(report: object) -> Elements:
    return Elements(render_page(report, "./clip.mp4"))  # type: ignore[arg-type]


PLAIN = made(reports.with_text("plain"))


@given(text=st.text(st.characters(), max_size=60) | st.just(reports.HOSTILE))
def test_no_text_adds_an_element_or_an_attribute(text: str) -> None:
    found = made(reports.with_text(text))
    shape = [(tag, sorted(attributes)) for tag, attributes in found.tags]
    assert shape == [(tag, sorted(attributes)) for tag, attributes in PLAIN.tags]
    assert found.inside["script"][1] == PLAIN.inside["script"][1]
    json.loads(found.inside["script"][0])


@given(text=st.text(st.characters()))
def test_embedded_json_cannot_leave_its_element(text: str) -> None:
    found = embedded({"a": text})
    assert not set(found) & set("<>&\u2028\u2029")
    found.encode("utf-8")
    if not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text):
        assert json.loads(found) == {"a": text}


def test_the_policy_allows_our_script_and_style_only() -> None:
    found = made(reports.rich())
    policy = next(tag[1]["content"] for tag in found.tags if tag[1].get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none';") and "unsafe" not in policy
    for text in (found.inside["script"][1], found.inside["style"][0]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not any(
        "style" in attributes or any(name.startswith("on") for name in attributes) for _, attributes in found.tags
    )


@pytest.mark.parametrize("make", [reports.rich, reports.empty, reports.text_only, reports.refused])
def test_nothing_on_the_page_points_outside(make: object) -> None:
    found = made(make())  # type: ignore[operator]
    links = [
        value
        for _, attributes in found.tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "poster", "srcset", "data", "formaction")
    ]
    assert {link for link in links if link and not link.startswith("#")} <= {"./clip.mp4", "data:,"}
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|import\(",
        "".join(found.inside["style"] + [found.inside["script"][1]]),
    )


def test_what_must_be_shown_is_shown() -> None:
    text = " ".join(" ".join(made(reports.rich()).text).split())
    for wanted in (
        WORDS["en"]["banner"],
        reports.INTENDED,
        "composed: stock footage with synthesised speech",
        "The face smiles while the words are angry.",
        "One weak clue only; nothing stands out.",
        "relieved",
        "unsupported",
        "tied by audio-visual synchrony; synchrony score 0.41",
        "not tied; synchrony score 0.12",
        "No voice model for dimensions is installed.",
        "weak; trained on posed and web faces",
        "3 frames, 2.7 s of sound, 4 clues to made-model at localhost:8000",
        "Thank you! </script><script>window.pwned=1</script>",
    ):
        assert wanted in text
    text = " ".join(" ".join(made(reports.empty()).text).split())
    assert "No speech, no face and no words were found." in text
    assert "absent – the file has none" in text
    assert WORDS["en"]["nothing_sent"] in text
    assert "I cannot help with <b>that</b>." in " ".join(made(reports.refused()).text)


def test_words_outside_segments_are_kept() -> None:
    report = reports.rich(hostile="")
    cut = report.model_copy(update={"segments": report.segments[:1]})
    assert "-well, yes" in "".join(made(cut).text)


def test_every_citation_has_its_clue_and_every_segment_its_line() -> None:
    report = reports.rich()
    found = made(report)
    ids = {row[0] for row in json.loads(found.inside["script"][0])["clues"]}
    cited = {attributes["href"] for tag, attributes in found.tags if tag == "a" and attributes.get("class") == "cite"}
    assert cited and {str(link)[1:] for link in cited} <= ids == {clue.id for clue in report.clues}
    lines = {attributes.get("id") for tag, attributes in found.tags if tag == "li"}
    assert {segment.id for segment in report.segments} <= lines


def test_a_label_with_many_clues_names_six_and_counts_the_rest() -> None:
    report = reports.text_only()
    many = reports.label("happy", "joy", 0.5, *(f"C{number}" for number in range(1, 10)))
    found = made(report.model_copy(update={"overall": report.overall.model_copy(update={"labels": (many,)})}))
    assert any(attributes.get("title") == "C7 C8 C9" for _, attributes in found.tags)
    assert "+3" in found.text


def test_the_chinese_page_has_chinese_furniture() -> None:
    found = made(reports.rich("zh"))
    assert next(attributes for tag, attributes in found.tags if tag == "html")["lang"] == "zh-Hans"
    text = "".join(found.text)
    assert WORDS["zh"]["banner"] in text and "讽刺" in text and "Keyboard help" not in text
    assert set(WORDS["zh"]) == set(WORDS["en"])
    assert not [name for name, words in WORDS["zh"].items() if words == WORDS["en"][name]]


def test_a_blurred_report_does_not_link_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clip.mp4").write_bytes(b"")
    report = reports.rich()
    assert b'src="./clip.mp4"' in html.write(report, tmp_path, "open")[0].read_bytes()
    generator = report.generator.model_copy(update={"options": {"blur": "True"}})
    blurred = report.model_copy(update={"generator": generator})
    text = html.write(blurred, tmp_path, "blurred")[0].read_text(encoding="utf-8")
    assert 'src="./clip.mp4"' not in text and WORDS["en"]["blurred"] in text


def test_two_hours_stay_under_five_megabytes(tmp_path: Path) -> None:
    path = html.write(reports.long(2.0), tmp_path, "x")[0]
    assert path.stat().st_size < 5_000_000


def test_thinned_curves_keep_their_peaks() -> None:
    values: list[float | None] = [0.0] * 72_000
    values[31_234] = 0.97
    values[50_000] = -0.5
    kept, every = thinned(values)
    assert len(kept) <= POINTS + 2
    assert max(value for value in kept if value is not None) == 0.97
    assert min(value for value in kept if value is not None) == -0.5
    assert abs(kept.index(0.97) * every - 31_234) <= 2 * every


@given(values=st.lists(st.none() | st.floats(-5, 5), max_size=300), points=st.integers(2, 50))
def test_thinning_invents_no_value(values: list[float | None], points: int) -> None:
    kept, every = thinned(values, points)
    assert set(kept) <= set(values)
    assert len(kept) <= max(points, 2) + 2 and every >= 1


def test_curves_can_be_read_back_from_their_whole_numbers() -> None:
    track = reports.rich().tracks[3]
    found = curve(track)
    width = found["high"] - found["low"]
    for value, whole in zip(track.values, found["values"], strict=True):
        assert (value is None) == (whole is None)
        if value is not None:
            assert abs(found["low"] + whole / SCALE * width - value) < 0.001 * width + 1e-4


def test_an_empty_curve_is_no_problem() -> None:
    track = reports.rich().tracks[0].model_copy(update={"values": ()})
    assert curve(track)["values"] == []


def test_each_family_has_a_colour_in_both_schemes() -> None:
    assert {entry.family for entry in VOCABULARY.values()} <= FAMILIES
    style = made(reports.rich()).inside["style"][0]
    for family in FAMILIES:
        assert len(re.findall(rf"--{family}: #", style)) == 2, family
        assert f".fam-{family} {{ --fam: var(--{family})" in style
