"""An evaluation as Markdown: for a model card, and for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openaffect.distill.evaluation import Agreement, Evaluation
from openaffect.errors import UsageError

_EN = {
    "title": "{subject} on {data}{split}",
    "truth": "Truth: {truth}. {n} clips, {n_failed} of them failed.",
    "dimension": "dimension", "interval": "95 % interval", "over": "over", "published": "published",
    "clip": "{n} clips", "speaker": "{n} speakers", "mean": "mean", "failed": "failed",
    "arousal": "arousal", "dominance": "dominance", "valence": "valence",
    "groups": "By group", "gain": "Change of level (largest change)", "noise": "Pink noise (CCC)",
    "clean": "the same clips, clean", "nothing": "No voice", "sound": "sound", "gate": "gate", "open": "NOT refused",
    "causes": "Why there is no prediction", "refused": "refused: {why}", "raw": "raw {name}",
    "people": "people", "teacher": "the teacher {name}",
    "a teacher": "The truth is what a teacher said, not what people said.",
    "release": "Published: the Wav2Small paper's teacher on v1.7; later releases cut their splits anew.",
    "skipped": "{n} clips have no ratings and were left out.",
}  # fmt: skip
_ZH = {
    "title": "{subject}，数据 {data}{split}",
    "truth": "参照：{truth}。共 {n} 个片段，其中 {n_failed} 个失败。",
    "dimension": "维度", "interval": "95% 区间", "over": "抽样单位", "published": "已发表",
    "clip": "{n} 个片段", "speaker": "{n} 位说话人", "mean": "平均", "failed": "失败",
    "arousal": "唤醒度", "dominance": "支配度", "valence": "效价",
    "groups": "按组", "gain": "音量变化（最大变化）", "noise": "粉红噪声（CCC）",
    "clean": "相同片段，无噪声", "nothing": "没有语音", "sound": "声音", "gate": "门控", "open": "未被拒绝",
    "causes": "无预测的原因", "refused": "已拒绝：{why}", "raw": "原始{name}",
    "people": "人工标注", "teacher": "教师 {name}",
    "a teacher": "参照是教师的输出，而不是人的标注。",
    "release": "已发表：Wav2Small 论文的教师在 v1.7 上的结果；后续版本重新划分了数据。",
    "skipped": "{n} 个片段没有标注，未计入。",
}  # fmt: skip
WORDS = {"en": _EN, "zh": _ZH}
_Rows = list[list[str]]


def known(language: str) -> None:
    """Raise `UsageError` for a language that tables are not printed in."""
    if language not in WORDS:
        raise UsageError(f"unknown language '{language}'. Known: {', '.join(WORDS)}.")


def markdown(found: Evaluation, language: str = "en") -> str:
    """Return *found* as Markdown in *language*; raises `UsageError` for one that is not known."""
    known(language)
    words = WORDS[language]
    split = f", {found.split}" if found.split else ""
    parts = [
        "# " + _cell(words["title"].format(subject=found.subject, data=found.data, split=split)),
        _cell(words["truth"].format(truth=_whose(found, words), n=found.n, n_failed=found.n_failed)),
        _table(_agreement_rows(found, words)),
        *_groups(found, words),
        *_gain(found, words),
        *_noise(found, words),
        *_nothing(found, words),
        *_causes(found, words),
    ]
    notes = _notes(found, words)
    parts += ["\n".join(f"- {note}" for note in notes)] if notes else []
    return "\n\n".join(parts) + "\n"


def _whose(found: Evaluation, words: dict[str, str]) -> str:
    return words["people"] if found.truth == "people" else words["teacher"].format(name=found.truth)


def _notes(found: Evaluation, words: dict[str, str]) -> list[str]:
    notes = [] if found.truth == "people" else [words["a teacher"]]
    notes += [words["release"]] if any(each.published is not None for each in found.agreement) else []
    return notes + ([words["skipped"].format(n=found.n_skipped)] if found.n_skipped else [])


def _agreement_rows(found: Evaluation, words: dict[str, str]) -> _Rows:
    published = any(each.published is not None for each in found.agreement)
    head = [words["dimension"], "CCC", words["interval"], words["over"], "Pearson", "RMSE", "n", words["failed"]]
    rows = [[*head, *([words["published"]] if published else [])]]
    for each in found.agreement:
        row = [words[each.dimension], _number(each.ccc), _interval(each), words[each.unit].format(n=each.n_units)]
        row += [_number(each.pearson), _number(each.rmse), str(each.n), str(each.n_failed)]
        rows.append([*row, *([_number(each.published)] if published else [])])
    if len(found.agreement) > 1:
        rows.append([words["mean"], _number(found.mean_ccc), *[""] * (len(rows[0]) - 2)])
    return rows


def _groups(found: Evaluation, words: dict[str, str]) -> Iterable[str]:
    if found.groups:
        names = [each.dimension for each in found.agreement]
        rows = [["", "", "n", *(f"CCC {words[name]}" for name in names)]]
        for group in found.groups:
            inside = {each.dimension: each for each in group.agreement}
            cells = [
                f"{_number(inside[name].ccc)} ({_interval(inside[name])})" if name in inside else "–" for name in names
            ]
            most = max((each.n for each in group.agreement), default=0)
            rows.append([group.group, group.value, str(most), *cells])
        yield f"## {words['groups']}"
        yield _table(rows)


def _gain(found: Evaluation, words: dict[str, str]) -> Iterable[str]:
    if found.gain:
        names = list(found.gain[0].largest)
        rows = [["dB", "n", *(words[name] for name in names)]]
        rows += [
            [f"{each.decibels:+g}", str(each.n), *(_number(each.largest[name], 4) for name in names)]
            for each in found.gain
        ]
        yield f"## {words['gain']}"
        yield _table(rows)


def _noise(found: Evaluation, words: dict[str, str]) -> Iterable[str]:
    if found.noise:
        names = list(found.noise[0].ccc)
        rows = [["SNR dB", "n", *(words[name] for name in names)]]
        first = found.noise[0]
        rows.append([words["clean"], str(first.n), *(_number(first.clean[name]) for name in names)])
        rows += [
            [f"{each.snr_db:g}", str(each.n), *(_number(each.ccc[name]) for name in names)] for each in found.noise
        ]
        yield f"## {words['noise']}"
        yield _table(rows)


def _nothing(found: Evaluation, words: dict[str, str]) -> Iterable[str]:
    if found.nothing:
        names = list(found.nothing[0].raw)
        rows = [[words["sound"], words["gate"], *(words["raw"].format(name=words[name]) for name in names)]]
        for each in found.nothing:
            gate = words["refused"].format(why=each.refused) if each.refused else words["open"]
            rows.append([each.sound, gate, *(_number(each.raw[name]) for name in names)])
        yield f"## {words['nothing']}"
        yield _table(rows)


def _causes(found: Evaluation, words: dict[str, str]) -> Iterable[str]:
    if found.causes:
        yield f"## {words['causes']}"
        yield "\n".join(f"- {count} × {_cell(cause)}" for cause, count in list(found.causes.items())[:10])


def _interval(each: Agreement) -> str:
    return "" if each.low is None or each.high is None else f"{each.low:.3f} … {each.high:.3f}"


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _cell(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).replace("|", "\\|")
