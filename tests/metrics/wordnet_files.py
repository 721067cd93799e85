"""A very small WordNet of our own words, in the format of wndb(5WN), as other readers take it too."""

from __future__ import annotations

from pathlib import Path

MEANINGS = {
    "noun": [
        ["car", "automobile"],
        ["man"],
        ["cherry", "Red_Cherry"],
        ["mouse"],
        ["ox"],
        ["joy", "delight"],
        ["wolf"],
        ["sorrow", "grief"],
    ],
    "verb": [["grin", "smile"], ["weep", "cry"], ["go", "travel"], ["sob", "howl"]],
    "adj": [["glad", "happy"], ["sad(p)", "gloomy"], ["big", "large"]],
    "adv": [["gladly", "happily"]],
}
EXCEPTIONS = {"noun": "mice mouse\noxen ox\n", "verb": "wept weep\nwent go\n", "adj": "", "adv": ""}
HEAD = "  1 This small dictionary was made for a test. WordNet 0.1 Copyright nobody\n"


def write_wordnet(folder: Path) -> Path:
    """Write the files into *folder* and return it."""
    for number, (pos, meanings) in enumerate(MEANINGS.items()):
        letter = "nvar"[number]
        data, offsets = HEAD, {}
        for words in meanings:
            offset = len(data.encode())
            for word in words:
                offsets.setdefault(word.partition("(")[0].lower(), []).append(offset)
            listed = " ".join(f"{word} 0" for word in words)
            frames = " 00" if pos == "verb" else ""
            data += f"{offset:08d} 00 {letter} {len(words):02x} {listed} 000{frames} | a meaning  \n"
        index = HEAD
        for word in sorted(offsets):
            places = " ".join(f"{offset:08d}" for offset in offsets[word])
            index += f"{word} {letter} {len(offsets[word])} 0 {len(offsets[word])} 0 {places}  \n"
        (folder / f"data.{pos}").write_text(data, "utf-8")
        (folder / f"index.{pos}").write_text(index, "utf-8")
        (folder / f"{pos}.exc").write_text(EXCEPTIONS[pos], "utf-8")
    (folder / "lexnames").write_text("00\tadj.all\t3\n", "utf-8")
    return folder
