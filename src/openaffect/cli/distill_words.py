"""What the commands of ``openaffect distill`` say, in the languages of their tables."""

from __future__ import annotations

from openaffect.errors import UsageError

WORDS = {
    "en": {
        "arousal": "arousal",
        "dominance": "dominance",
        "valence": "valence",
        "labelled": "{folder}: {n_pieces} pieces and {n_mixtures} mixtures of {n_files} files ({splits}); "
        "{n_silent} files without speech, {n_failed} failures",
        "dev_empty": "no speaker fell into the split dev: with few speakers, try --speakers file, a table, or --seed",
        "permissive": "a student of these labels may be permissive: neither teacher nor sound forbids it",
        "not_permissive": "a student of these labels is not permissive: the teacher's terms or those of the sound are "
        "limited or not stated (--audio-licence)",
        "fitted": "trained for {steps} steps on {n_train} clips; the weights of step {best_step} are in {student}",
        "again": "it was finished before: nothing was done",
        "dev": "CCC over the split dev ({n_dev} clips)",
        "no_dev": "the labels have no split dev: the last weights were taken, and nobody knows how good they are",
        "unreadable": "{n} labels were left out, because their sound cannot be read (see {card})",
        "next": "next: openaffect distill evaluate --student {student} --labels {labels} --split test",
        "exported": "exported to {out}: {size} bytes of model.onnx, licence: {licence}",
        "no_licence": "none stated",
    },
    "zh": {
        "arousal": "唤醒度",
        "dominance": "支配度",
        "valence": "效价",
        "labelled": "{folder}：{n_files} 个文件中有 {n_pieces} 个片段和 {n_mixtures} 个混合（{splits}）；"
        "{n_silent} 个文件没有语音，{n_failed} 处失败",
        "dev_empty": "没有说话人落入 dev 划分：说话人较少时可用 --speakers file、说话人表或其他 --seed",
        "permissive": "由这些标签得到的学生模型可采用宽松许可：教师与声音均无限制",
        "not_permissive": "由这些标签得到的学生模型不能采用宽松许可：教师或声音的许可有限制或未声明（--audio-licence）",
        "fitted": "已在 {n_train} 个片段上训练 {steps} 步；第 {best_step} 步的权重位于 {student}",
        "again": "此前已完成，未做任何事",
        "dev": "dev 划分上的 CCC（{n_dev} 个片段）",
        "no_dev": "标签没有 dev 划分：采用最后一步的权重，其好坏未知",
        "unreadable": "{n} 条标签因声音无法读取而未使用（见 {card}）",
        "next": "下一步：openaffect distill evaluate --student {student} --labels {labels} --split test",
        "exported": "已导出到 {out}：model.onnx 共 {size} 字节，许可：{licence}",
        "no_licence": "未声明",
    },
}


def words_in(language: str) -> dict[str, str]:
    """Return the words of *language*; raises `UsageError` for one that tables are not printed in."""
    if language not in WORDS:
        raise UsageError(f"unknown language '{language}'. Known: {', '.join(WORDS)}.")
    return WORDS[language]
