"""Our own wheel: the word lists below were written before the table, from what models and annotators answer."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from openaffect.emotion import labels as labels_module
from openaffect.emotion.bundled import bundled, read_tables
from openaffect.emotion.label_sets import LABEL_SETS
from openaffect.emotion.labels import FAMILIES, FAMILY_CHINESE, VOCABULARY, Entry
from openaffect.emotion.wheel import bundled_wheel
from openaffect.errors import DataError

WORDS = "data/wheel.tsv"

ENGLISH = {
    "joy": "happy happiness happily joy joyful joyous glad cheerful delighted delight excited excitement thrilled "
    "enthusiastic enthusiasm amused amusement playful pleased pleasure content contentment satisfied satisfaction "
    "hopeful hope optimistic optimism relieved relief ecstatic elated blissful merry encouraged inspired euphoric",
    "love": "love loving affection affectionate grateful gratitude thankful admiration trust sympathy compassion "
    "empathetic caring warm friendly tenderness touched moved adoration esteem respectful nostalgia passion fondness",
    "pride": "proud pride confident confidence determined determination triumphant smug arrogant self-confident brave",
    "surprise": "surprised surprise surprising amazed amazement astonished astonishment shocked shock startled stunned "
    "speechless awe astounded disbelief",
    "interest": "interested interest curious curiosity fascinated attentive engaged engagement focused expectant "
    "anticipation eager thoughtful contemplative pensive confused confusion puzzled perplexed doubt doubtful skeptical "
    "hesitant uncertainty suspicious",
    "sadness": "sad sadness sadly saddened unhappy sorrow grief heartbroken despair hopeless depressed depression "
    "miserable gloomy melancholy disappointed disappointment dejected lonely loneliness regret hurt helpless "
    "helplessness resigned upset yearning suffering pain anguish wronged pessimistic distressed sensitivity",
    "fear": "fear afraid fearful scared frightened terrified terror panic anxious anxiety worried worry nervous "
    "nervousness tense tension uneasy apprehensive stressed concerned dread horrified insecure intimidated timid "
    "cautious disquietment overwhelmed",
    "anger": "anger angry angrily angered mad furious fury rage irritated irritation annoyed annoyance frustrated "
    "frustration outraged indignant resentful resentment bitter jealous jealousy envious impatient dissatisfied "
    "displeased hostile hostility hatred hate aggressive sarcastic sarcasm agitated exasperated",
    "disgust": "disgust disgusted disgusting repulsed contempt contemptuous scornful disdain disapproval disapproving "
    "aversion mocking revulsion loathing dislike",
    "shame": "shame ashamed guilt guilty embarrassed embarrassment humiliated remorse shy awkward shyness",
    "calm": "calm calmness relaxed peaceful peace serene composed tranquil patient comfortable soothing",
    "boredom": "bored boredom tired fatigue exhausted weary indifferent indifference apathetic sleepy disconnection",
    "neutral": "neutral serious seriousness matter-of-fact sober expressionless emotionless solemn",
    "mixed": "bittersweet ambivalent",
}
CHINESE = {
    "joy": "高兴 开心 快乐 愉快 愉悦 喜悦 幸福 欢喜 兴奋 激动 满意 满足 欣慰 欣喜 乐观 轻松愉快 充满希望 "
    "如释重负 调皮 狂喜",
    "love": "爱 喜爱 喜欢 感激 感谢 感动 同情 怜悯 信任 敬佩 尊重 温柔 温暖 关心 友好 怀念",
    "pride": "自豪 骄傲 自信 得意 坚定 勇敢 自负",
    "surprise": "惊讶 吃惊 惊喜 惊奇 意外 震惊 诧异 惊叹 难以置信 敬畏",
    "interest": "好奇 感兴趣 兴趣 期待 期望 专注 投入 困惑 疑惑 迷茫 怀疑 犹豫 质疑 不解 怀疑/困惑",
    "sadness": "悲伤 难过 伤心 悲痛 失望 沮丧 失落 绝望 无助 无奈 委屈 孤独 忧郁 抑郁 遗憾 后悔 痛苦 受伤 思念",
    "fear": "恐惧 害怕 担心 担忧 焦虑 紧张 不安 恐慌 忧虑 慌张 着急 压力 胆怯 惊恐 警惕",
    "anger": "愤怒 生气 恼怒 气愤 烦躁 不满 不耐烦 怨恨 仇恨 嫉妒 讽刺 挫败 敌意 抱怨 责备 不高兴",
    "disgust": "厌恶 反感 恶心 讨厌 轻蔑 鄙视 蔑视 不屑 嘲讽 嘲笑 不赞成",
    "shame": "羞愧 内疚 愧疚 尴尬 害羞 羞耻 自责 屈辱 歉意 不好意思",
    "calm": "平静 放松 轻松 安宁 镇定 平和 从容 耐心 安慰",
    "boredom": "无聊 疲惫 疲倦 疲劳 厌倦 冷漠 冷淡 漠不关心 困倦 麻木",
    "neutral": "中性 中立 严肃 认真 冷静 面无表情 理智",
    "mixed": "悲喜交加 百感交集",
}
UNMAPPED = {
    # valence words say a sign and no emotion; they are read by the sentiment step
    *("positive", "negative", "weak negative", "strong negative", "very strong negative", "weakly negative"),
    *("weak positive", "strong positive", "very strong positive", "weakly positive"),
    # speech acts (the intents of MC-EIU)
    *("questioning", "agreeing", "acknowledging", "suggesting", "wishing"),
    "other",
}

NO_EMOTIONS = (
    *("warning", "advice", "speech", "list", "help", "careless", "painless", "shameless", "remorseless", "ease"),
    *(
        "positive",
        "negative",
        "thinking",
        "listening",
        "emotional",
        "mixed",
        "not happy",
        "xyzzy",
        "",
        " happy",
        "Happy",
    ),
    *("积极", "消极", "正面", "负面", "思考", "建议", "警告", "说话", "不是高兴"),
)


@pytest.mark.parametrize("family", FAMILIES)
def test_common_english_words_fall_into_their_family(family: str) -> None:
    words = ENGLISH[family].split()
    assert {word: bundled_wheel().cluster(word) for word in words} == dict.fromkeys(words, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_common_chinese_words_fall_into_their_family(family: str) -> None:
    words = CHINESE[family].split()
    assert {word: bundled_wheel().cluster(word) for word in words} == dict.fromkeys(words, family)


@pytest.mark.parametrize("entry", VOCABULARY.values(), ids=lambda entry: entry.name)
def test_every_label_and_its_chinese_name_are_themselves(entry: Entry) -> None:
    wheel = bundled_wheel()
    for name in (entry.name, entry.chinese):
        assert wheel.form(name) == wheel.synonym(name) == wheel.cluster(name, level=2) == entry.name
        assert wheel.cluster(name) == entry.family


def test_families_name_themselves() -> None:
    # "mixed" says that there are several emotions, not which
    plain = {name: chinese for name, chinese in FAMILY_CHINESE.items() if name != "mixed"}
    assert {name: bundled_wheel().cluster(name) for name in plain} == {name: name for name in plain}
    assert {name: bundled_wheel().cluster(chinese) for name, chinese in plain.items()} == {name: name for name in plain}


def test_every_class_of_every_label_set_is_mapped_or_left_out_on_purpose() -> None:
    names = {name.lower() for each in LABEL_SETS.values() for name in each.names}
    assert {name for name in names if bundled_wheel().cluster(name) is None} == UNMAPPED


@pytest.mark.parametrize(
    ("chinese", "label"),
    [  # the classes of MER, MAFW, MELD and BoLD as Chinese papers call them
        ("开心", "happy"), ("生气", "angry"), ("难过", "sad"), ("担忧", "worried"), ("惊讶", "surprised"),
        ("中立", "neutral"), ("鄙视", "contemptuous"), ("无助", "helpless"), ("失望", "disappointed"),
        ("焦虑", "anxious"), ("快乐", "happy"), ("投入", "attentive"), ("预期", "expectant"), ("平和", "calm"),
        ("不赞成", "disapproving"), ("愉悦", "cheerful"), ("烦恼", "annoyed"), ("敬重", "admiring"),
        ("疏离", "indifferent"), ("敏感", "hurt"), ("受苦", "anguished"), ("疼痛", "anguished"), ("疲劳", "tired"),
        ("思念", "longing"), ("挫败", "frustrated"), ("讽刺", "sarcastic"),
    ],
)  # fmt: skip
def test_chinese_class_names_have_their_label(chinese: str, label: str) -> None:
    assert bundled_wheel().cluster(chinese, level=2) == label


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("fear", "fearless"), ("hope", "hopeless"), ("joy", "joyless"), ("cheer", "cheerless"), ("happy", "unhappy"),
        ("satisfied", "dissatisfied"), ("content", "discontent"), ("approval", "disapproval"), ("trust", "distrust"),
        ("secure", "insecure"), ("comfort", "discomfort"), ("interest", "disinterest"), ("encouraged", "discouraged"),
        ("friendly", "unfriendly"), ("patient", "impatient"), ("enthusiastic", "unenthusiastic"),
        ("appreciation", "annoyance"), ("confident", "unconfident"), ("ease", "unease"), ("respect", "contempt"),
        ("高兴", "不高兴"), ("开心", "不开心"), ("满意", "不满意"), ("信任", "不信任"), ("感兴趣", "不感兴趣"),
        ("自信", "不自信"), ("喜欢", "不喜欢"), ("赞许", "不赞成"), ("愉快", "不愉快"), ("安全感", "没有安全感"),
    ],
)  # fmt: skip
def test_a_word_and_its_opposite_do_not_collide(first: str, second: str) -> None:
    assert bundled_wheel().cluster(second) is not None
    assert bundled_wheel().cluster(first) != bundled_wheel().cluster(second)


def test_a_word_without_is_never_a_form_of_its_stem() -> None:
    """The fault of the tables of 2025: *fear* as a form of *fearless*."""
    wheel = bundled_wheel()
    for form in wheel.entries:
        for end in ("less", "lessly", "lessness"):
            stem = form.removesuffix(end)
            if stem != form and stem in wheel.entries:
                assert wheel.form(stem) != wheel.form(form), form
    for stem in ("help", "power", "speech", "list", "care", "use", "rest", "emotion", "expression", "defense"):
        assert wheel.cluster(stem) is None, stem


@pytest.mark.parametrize("word", NO_EMOTIONS)
def test_what_is_no_word_for_an_emotion_is_unknown(word: str) -> None:
    wheel = bundled_wheel()
    assert (wheel.form(word), wheel.synonym(word), wheel.cluster(word), wheel.cluster(word, 1, 2)) == (None,) * 4


def test_forms_synonyms_and_labels_are_told_apart() -> None:
    wheel = bundled_wheel()
    assert (wheel.form("depression"), wheel.synonym("depression")) == ("depressed", "dejected")
    assert (wheel.form("沮丧"), wheel.form("消沉"), wheel.synonym("消沉")) == ("dejected",) * 3
    assert wheel.names == ("M1", "M2", "M3-W1-L1", "M3-W1-L2")
    assert not wheel.official


def test_the_table_is_large_clean_and_once_only() -> None:
    forms = list(bundled().entries)
    chinese = [form for form in forms if any("\u4e00" <= letter <= "\u9fff" for letter in form)]
    assert len(forms) - len(chinese) >= 1500
    assert len(chinese) >= 700
    assert all(form == form.strip().lower() and "|" not in form and "\t" not in form for form in forms)
    english = set(forms) - set(chinese)
    assert all(all(letter.isascii() and (letter.isalpha() or letter in " -'/") for letter in form) for form in english)


def test_the_hash_is_that_of_both_tables_and_changes_with_each_byte() -> None:
    labels, words = ((Path(labels_module.__file__).parent / name).read_bytes() for name in ("labels.tsv", WORDS))
    whole = read_tables(labels, words)
    assert whole == bundled()
    assert whole.sha256 == hashlib.sha256(labels + words).hexdigest()
    assert read_tables(labels, words + b"#\n").sha256 != whole.sha256
    assert read_tables(labels.replace(b"0.88", b"0.87", 1), words).sha256 != whole.sha256


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sad\tblue\tsadly", "line 2: 'sadly' is already a form of 'sad'"),
        ("sad\tblue\tbluely|bluely", "line 2: 'bluely' is already a form of 'blue'"),
        ("sad\t-\t悲伤", "'悲伤' is already a form of 'sad'"),
        ("sed\tblue", "line 2: .* is no label"),
        ("sad", "line 2: .* is no label"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(row: str, message: str) -> None:
    labels = (
        "name\tchinese\tfamily\tuse\tarousal\tdominance\tvalence\tparts\nsad\t悲伤\tsadness\teveryday\t0\t0\t0\t-\n"
    )
    with pytest.raises(DataError, match=message):
        read_tables(labels.encode(), f"sad\tsad\tsadly\n{row}\n".encode())


def test_the_package_does_not_read_the_table_before_it_is_asked() -> None:
    code = "import sys, openaffect.analysis.batch; print('openaffect.emotion.bundled' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
