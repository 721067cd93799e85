"""The words around the scores, in English and Chinese."""

from __future__ import annotations

WORDS = {
    "en": {
        "set": "data set",
        "metric": "metric",
        "best": "best on\ntest",
        "score": "score",
        "at": "of",
        "fixed": "fixed",
        "interval": "interval",
        "n": "n",
        "skipped": "left\nout",
        "blank": "empty",
        "honest": "all\nclips",
        "mean": "Mean",
        "absent": "absent",
        "no_mean": "no Mean: not scored are {missing}. The mean of fewer sets is another number.",
        "own": "openaffect's own wheel: no score here is an official one (see --wheels).",
        "tables": "wheel tables: edition {edition}, sha256 {sha}",
        "best_note": "best on test: the checkpoint is chosen on the test set, set by set, as in the paper; "
        "fixed: checkpoint {checkpoint} for all.",
        "interval_note": "interval: {level:.0%} bootstrap over {unit}, {resamples} resamples, seed {seed}. "
        "empty: answers that map to nothing, which score 0. all clips: F1 with neutral as a class, no clip left out.",
        "ceiling": "human ceiling ({kind}): {value}, {n} annotators, {samples} clips",
        "not_scored": "not scored",
        "ignored": "{n} predictions have no label and were ignored: {names}",
        "missing_note": "{n} labelled clips have no prediction and count as empty: {names}",
    },
    "zh": {
        "set": "数据集",
        "metric": "指标",
        "best": "测试集\n最优",
        "score": "得分",
        "at": "检查\n点",
        "fixed": "固定",
        "interval": "区间",
        "n": "样本\n数",
        "skipped": "跳过",
        "blank": "空\n答案",
        "honest": "全部\n样本",
        "mean": "平均",
        "absent": "缺",
        "no_mean": "不给出平均值：未评分的有 {missing}。数据集不全时的平均值是另一个数。",
        "own": "使用 openaffect 自己的情感轮：这里没有官方分数（见 --wheels）。",
        "tables": "情感轮表：{edition} 版，sha256 {sha}",
        "best_note": "测试集最优：按论文做法，逐个数据集在测试集上挑选检查点；"
        "固定：所有数据集都用检查点 {checkpoint}。",
        "interval_note": "区间：{level:.0%} 自助法，按{unit}重抽样 {resamples} 次，种子 {seed}。"
        "空答案：无法映射的答案，得 0 分。全部样本：把中性作为一类的 F1，不丢弃任何样本。",
        "ceiling": "人类上限（{kind}）：{value}，{n} 位标注者，{samples} 个样本",
        "not_scored": "未评分",
        "ignored": "{n} 个预测没有标签，已忽略：{names}",
        "missing_note": "{n} 个有标签的样本没有预测，按空答案计：{names}",
    },
}
UNITS = {"en": {"clip": "clips", "speaker": "speakers"}, "zh": {"clip": "样本", "speaker": "说话人"}}
