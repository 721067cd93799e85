"""The clean-up of a language model's reply, as the official scorers do it."""

from __future__ import annotations

_PREFIXES = ("输入", "输出", "翻译", "让我们来翻译一下：", "output", "Output", "input", "Input")


def clean_reply(text: str) -> str:
    """Return a language model's *text* without the prefixes that models repeat from the prompt.

    In this order, case-sensitive: strip; drop each of 输入, 输出, 翻译, 让我们来翻译一下：, output, Output, input,
    Input once if the text begins with it then; strip; drop one ``:``, then one ``：``; strip; delete line breaks;
    strip.

    >>> clean_reply("Output: [happy]")
    '[happy]'
    """
    text = text.strip()
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    text = text.strip().removeprefix(":").removeprefix("：").strip()
    return text.replace("\n", "").strip()
