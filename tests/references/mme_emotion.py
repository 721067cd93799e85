"""The metric scripts of MME-Emotion once more, for the tests: plain loops over characters, nothing clever.

Derived from the published description of the scripts (as section 3 of our specification words it), not from their code
and not from `openaffect`, of which it imports nothing.  No regular expressions: every rule is a sentence of the
specification written as a step of a loop.  Where the scripts raise, this raises the same built-in exception.
"""

from __future__ import annotations

from typing import Any

BINARY_TASKS = ("ER-Lab", "ER-Wild", "Noise-ER", "SA", "FG-SA", "IR")
FRACTION_TASKS = ("FG-ER", "ML-ER")
ALL_TASKS = BINARY_TASKS + FRACTION_TASKS
ORDER_OF_OVERALL = ("ER-Lab", "ER-Wild", "ML-ER", "FG-ER", "Noise-ER", "IR", "SA", "FG-SA")
MERGED_IN_ER_WILD = {
    "angry": "anger",
    "disgusted": "disgust",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}

# ---------------------------------------------------------------- one value of the score field


def first_block(text: str) -> str | None:
    """What stands between the first opening tag that has a closing tag on its line, and that closing tag."""
    start = 0
    while True:
        opening = text.find("<score>", start)
        if opening == -1:
            return None
        inside = ""
        at = opening + len("<score>")
        while at < len(text) and text[at] != "\n":
            if text[at : at + len("</score>")] == "</score>":
                return inside
            inside += text[at]
            at += 1
        start = opening + 1


def binary_finds(block: str) -> list[int]:
    """Colon, exactly one space, exactly one digit, then ``/1``, whatever follows."""
    found = []
    at = 0
    while at < len(block):
        piece = block[at : at + 5]
        if len(piece) == 5 and piece[0] == ":" and piece[1] == " " and piece[2].isdecimal() and piece[3:] == "/1":
            found.append(int(piece[2]))
            at += 5
        else:
            at += 1
    return found


def fraction_finds(block: str) -> list[float]:
    """Colon, any white space, digits, slash, digits; a denominator of zero gives zero."""
    found = []
    at = 0
    while at < len(block):
        end = at
        if block[at] == ":":
            here = at + 1
            while here < len(block) and block[here].isspace():
                here += 1
            numerator = ""
            while here < len(block) and block[here].isdecimal():
                numerator += block[here]
                here += 1
            if numerator != "" and block[here : here + 1] == "/":
                here += 1
                denominator = ""
                while here < len(block) and block[here].isdecimal():
                    denominator += block[here]
                    here += 1
                if denominator != "":
                    found.append(0.0 if int(denominator) == 0 else int(numerator) / int(denominator))
                    end = here
        at = end if end > at else at + 1
    return found


def parse(value: Any, parser: str) -> list[Any] | None:
    """None without a block; an empty list where the block holds nothing of the form."""
    block = first_block(str(value))
    if block is None:
        return None
    return binary_finds(block) if parser == "binary" else fraction_finds(block)


def parser_of(task: str) -> str:
    return "binary" if task in BINARY_TASKS else "fraction"


# ---------------------------------------------------------------- one entry


def recognition(scores: list[Any]) -> Any:
    return scores[-1]


def reasoning(scores: list[Any]) -> float:
    if len(scores) == 1:
        return 0.0
    total = 0
    for score in scores[:-1]:
        total += score
    return total / (len(scores) - 1)


# ---------------------------------------------------------------- one task


def summary(rows: list[tuple[Any, float, int]], alpha: float) -> dict[str, Any]:
    """Rows of recognition, reasoning, steps -> count, percentages, average steps."""
    count = len(rows)
    rec = rea = steps = 0
    for row in rows:
        rec += row[0]
        rea += row[1]
        steps += row[2]
    if count > 0:
        rec, rea, steps = rec / count, rea / count, steps / count
    cot = alpha * rec + (1 - alpha) * rea
    return {"count": count, "rec": rec * 100, "rea": rea * 100, "cot": cot * 100, "avg_step": steps}


def score(entries: list[Any], task: str, alpha: float = 0.5) -> dict[str, Any]:
    """What the script of *task* (or of ``Overall``, for one list) counts, with ``categories`` where it has them."""
    if not (alpha >= 0 and alpha <= 1):
        raise ValueError("Lambda must be between 0 and 1")
    rows = []
    groups: dict[Any, list[tuple[Any, float, int]]] = {}
    for entry in entries:
        value = entry["score"]
        scores = parse(value, parser_of(task))
        if scores is None or scores == []:
            continue
        truth = entry["ground_truth"]
        row = (recognition(scores), reasoning(scores), len(scores))
        rows.append(row)
        if task == "Overall":
            continue
        if task == "ER-Wild":
            truth = MERGED_IN_ER_WILD.get(truth, truth)
        if truth not in groups:
            groups[truth] = []
        groups[truth].append(row)
    total = summary(rows, alpha)
    total["categories"] = {}
    if task in BINARY_TASKS:
        for truth in sorted(groups):
            total["categories"][str(truth)] = summary(groups[truth], alpha)
    return total


def overall(entries_by_task: dict[str, list[Any]], alpha: float = 0.5) -> dict[str, Any]:
    entries = []
    for task in ORDER_OF_OVERALL:
        for entry in entries_by_task.get(task, []):
            entries.append(entry)
    return score(entries, "Overall", alpha)


# ---------------------------------------------------------------- what is printed


def printed(found: dict[str, Any], task: str, alpha: float, model: str = "synthetic") -> dict[str, Any]:
    steps = "Avg Step" if task in BINARY_TASKS else "Avg Steps"

    def fields(of: dict[str, Any]) -> dict[str, str]:
        return {
            "Recognition Score": format(of["rec"], ".1f"),
            "Reasoning Score": format(of["rea"], ".1f"),
            "CoT Score": format(of["cot"], ".1f"),
            steps: format(of["avg_step"], ".1f"),
        }

    return {
        "overall": {"Total Count": str(found["count"]), **fields(found)},
        "categories": {name: fields(of) for name, of in found["categories"].items()},
        "model": model,
        "alpha_printed": format(alpha, ".1f"),
    }
