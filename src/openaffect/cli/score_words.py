"""The words around the scores, in English and Chinese."""

from __future__ import annotations

WORDS = {
    "en": {
        "set": "data set",
        "metric": "metric",
        "best": "best on\ntest",
        "score": "score",
        "at": "at",
        "fixed": "fixed",
        "interval": "interval",
        "n": "n",
        "skipped": "left\nout",
        "blank": "empty",
        "honest": "all\nclips",
        "over_length": "over\nlength",
        "lost": "missing",
        "mean_lost": "{n:,} missing predictions counted as wrong",
        "mean": "Mean",
        "absent": "absent",
        "no_mean": "no Mean: not scored are {missing}. The mean of fewer sets is another number.",
        "own": "openaffect's own wheel: no score here is an official one (see --wheels).",
        "tables": "wheel tables: edition {edition}, sha256 {sha}",
        "best_note": "best on test: the checkpoint is chosen on the test set, set by set, as in the paper; "
        "fixed: checkpoint {checkpoint} for all.",
        "interval_note": "interval: {level} bootstrap over {unit}, {resamples} resamples, seed {seed}. "
        "empty: answers that map to nothing, which score 0. "
        "over length: a hit divided by the clusters that were named. all clips: no clip left out; wheel F with a "
        "cluster for every true label (HIT, EW), macro F1 of negative, neutral, positive (WAF).",
        "ceiling": "human ceiling ({kind}): {value}, {n} annotators, {samples} clips",
        "not_scored": "not scored",
        "ignored": "predictions without a label, ignored: {n:,} ({names})",
        "missing_note": "labelled clips without a prediction, counted as wrong: {n:,} ({names})",
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
        "over_length": "除以\n长度",
        "lost": "缺失",
        "mean_lost": "{n:,} 个缺失的预测按错误计",
        "mean": "平均",
        "absent": "缺",
        "no_mean": "不给出平均值：未评分的有 {missing}。数据集不全时的平均值是另一个数。",
        "own": "使用 openaffect 自己的情感轮：这里没有官方分数（见 --wheels）。",
        "tables": "情感轮表：{edition} 版，sha256 {sha}",
        "best_note": "测试集最优：按论文做法，逐个数据集在测试集上挑选检查点；"
        "固定：所有数据集都用检查点 {checkpoint}。",
        "interval_note": "区间：{level} 自助法，按{unit}重抽样 {resamples} 次，种子 {seed}。"
        "空答案：无法映射的答案，得 0 分。"
        "除以长度：命中除以所说的类别数。全部样本：不丢弃任何样本；HIT 和 EW 为每个真实标签都有类别的轮 F，"
        "WAF 为负、中、正三类的宏 F1。",
        "ceiling": "人类上限（{kind}）：{value}，{n} 位标注者，{samples} 个样本",
        "not_scored": "未评分",
        "ignored": "{n} 个预测没有标签，已忽略：{names}",
        "missing_note": "{n} 个有标签的样本没有预测，按错误计：{names}",
    },
}
UNITS = {"en": {"clip": "clips", "speaker": "speakers"}, "zh": {"clip": "样本", "speaker": "说话人"}}
