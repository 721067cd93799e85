"""The words around the scores of EMER and MME-Emotion, in English and Chinese."""

from __future__ import annotations

RUN_WORDS = {
    "en": {
        "clip": "{n:,} clip",
        "clips": "{n:,} clips",
        "score": "score",
        "value": "value",
        "interval": "interval",
        "failed": "failed",
        "lowest": "a failed rating counts as the lowest mark, unless nothing was rated; intervals: 95% over clips",
        "own": "prompts and judge are our own choice: no score here is an official one.",
        "title": "MME-Emotion, audio clues {clues}: recognition/reasoning/CoT, %, alpha {alpha:g}",
        "task": "task",
        "official": "official",
        "read": "read",
        "strict": "strict",
        "steps": "steps",
        "match": "match",
        "cot": "Strict CoT of all items: {value} {span}",
        "lost": "Lost: {causes}",
        "readings": "official: what the released scripts would print; items that they cannot read leave the mean. "
        "strict: all items, failures as 0; interval 95% over items. match: accuracy (several labels: F1) of the last "
        "step, without a judge.",
    },
    "zh": {
        "clip": "{n:,} 个片段",
        "clips": "{n:,} 个片段",
        "score": "指标",
        "value": "得分",
        "interval": "区间",
        "failed": "失败",
        "lowest": "失败的评分按最低分计（全部失败则无得分）；区间：对片段重采样的 95% 区间",
        "own": "提示词与评审模型为本工具自选：此处没有官方得分。",
        "title": "MME-Emotion，音频线索 {clues}：识别/推理/CoT，%，alpha {alpha:g}",
        "task": "任务",
        "official": "官方",
        "read": "可读",
        "strict": "严格",
        "steps": "步数",
        "match": "匹配",
        "cot": "全部条目的严格 CoT：{value} {span}",
        "lost": "未得分：{causes}",
        "readings": "官方：与公布的脚本一致，读不出评分的条目不进入均值。"
        "严格：全部条目，失败记 0；区间为对条目的 95% 区间。"
        "匹配：不经评审，最后一步的准确率（多标签为 F1）。",
    },
}
