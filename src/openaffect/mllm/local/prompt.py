"""Messages to what a network is given: the words of the chat template, and places for media among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import TemplateError
from numpy.typing import NDArray

from openaffect.errors import InputError, RemoteError
from openaffect.media.names import show
from openaffect.mllm.chat import Message, Options, Text
from openaffect.mllm.local.family import Family, Kind, Sensed
from openaffect.mllm.local.libraries import SAFE, library
from openaffect.mllm.local.parts import media_of
from openaffect.mllm.local.settings import reading
from openaffect.mllm.local.template import chat_template
from openaffect.mllm.wire import in_words

Media = dict[Kind, list[Any]]
Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Prompter:
    """Writes the prompts of one model."""

    family: Family
    tokenizer: Any
    template: str
    control: re.Pattern[str]
    """Finds in a text what the tokenizer would take for a control token."""
    acting: frozenset[int]
    """The numbers of control tokens."""
    places: Mapping[Kind, str]
    """Kind of medium → the token that stands in its place."""

    def tensors(self, messages: Sequence[Message], options: Options) -> Tensors:
        """Return the arguments of the network for *messages*, all as arrays with a batch of one.

        A JSON schema is said in words.  Raises `RemoteError` for what the model does not take or its chat template
        refuses, `openaffect.errors.MediaError` for media that cannot be decoded.
        """
        media: Media = {}
        chat = [self._entry(message, media) for message in with_schema(messages, options)]
        sensed = {kind: self.family.senses[kind](each) for kind, each in media.items()}
        text = self._written(chat)
        if self._acting(text) != self._acting(self._written([_blanked(entry) for entry in chat])):
            raise RemoteError(f"a text of the message gives control tokens of {self.family.title}; change the text.")
        ids = self._ids(self._expanded(text, sensed))
        found: Tensors = {"input_ids": np.array([ids], np.int64), "attention_mask": np.ones((1, len(ids)), np.int64)}
        if self.family.marks:
            found["mm_token_type_ids"] = self._marked(found["input_ids"])
        for each in sensed.values():
            found |= each.tensors
        return found

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _acting(self, text: str) -> list[int]:
        """Return the control tokens of the prompt *text* in order."""
        return [number for number in self._ids(text) if number in self.acting]

    def _entry(self, message: Message, media: Media) -> dict[str, Any]:
        """Return *message* for the chat template, and add its media to *media*."""
        content: list[dict[str, Any]] = []
        # Texts that stand side by side are one before they are cleaned: two halves of a control token are none.
        glue = "" if self.family.senses else "\n"
        for kind, run in groupby(media_of(message.parts, self.family), key=itemgetter(0)):
            values = [value for _, value in run]
            if kind is None:
                content.append({"type": "text", "text": self._as_text(glue.join(values))})
            else:
                media.setdefault(kind, []).extend(values)
                # Some templates look at the type, others whether there is a key of the kind.
                content += [{"type": kind, kind: ""} for _ in values]
        plain = not self.family.senses or [each["type"] for each in content] == ["text"]
        return {"role": message.role, "content": "".join(each["text"] for each in content) if plain else content}

    def _as_text(self, text: str) -> str:
        """Return *text* with a space inside each control token: it is from outside, and such a token would act."""
        text = self.control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _written(self, chat: list[dict[str, Any]]) -> str:
        try:
            text: str = self.tokenizer.apply_chat_template(
                chat, chat_template=self.template, tokenize=False, add_generation_prompt=True
            )
        except (TemplateError, TypeError, ValueError) as error:
            said = " ".join(str(error).split())[:200]
            raise RemoteError(f"the chat template of {self.family.title} refuses these messages: {said}") from error
        return text

    def _expanded(self, text: str, sensed: Mapping[Kind, Sensed]) -> str:
        """Return *text* with each place as often as its medium has tokens."""
        for kind, token in self.places.items():
            tokens = sensed[kind].tokens if kind in sensed else ()
            pieces = text.split(token)
            if len(pieces) - 1 != len(tokens):
                raise RemoteError(
                    f"the chat template of {self.family.title} has {len(pieces) - 1} places of the kind {kind!r} for "
                    f"{len(tokens)} that came; the template does not fit the model, so copy the model again."
                )
            text = pieces[0] + "".join(token * count + piece for count, piece in zip(tokens, pieces[1:], strict=True))
        return text

    def _marked(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        marks = np.zeros_like(ids)
        for kind, mark in self.family.marks.items():
            marks[ids == self.tokenizer.convert_tokens_to_ids(self.places[kind])] = mark
        return marks


def _blanked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return *entry* of a chat with a letter for each text that says something.

    >>> _blanked({"role": "user", "content": [{"type": "text", "text": "Who?"}, {"type": "image", "image": ""}]})
    {'role': 'user', 'content': [{'type': 'text', 'text': 'x'}, {'type': 'image', 'image': ''}]}
    """
    content = entry["content"]
    if isinstance(content, str):
        return {**entry, "content": _letter(content)}
    return {
        **entry,
        "content": [each | {"text": _letter(each["text"])} if "text" in each else each for each in content],
    }


def _letter(text: str) -> str:
    return "x" if text.strip() else text


def with_schema(messages: Sequence[Message], options: Options) -> list[Message]:
    """Return *messages* with the JSON schema of *options*, if there is one, said in words at the end of the last.

    >>> found = with_schema([Message("user", (Text("Say."),))], Options(schema={"type": "object"}))
    >>> [part.text.splitlines()[-1] for part in found[0].parts]
    ['Say.', '{"type": "object"}']
    """
    if options.schema is None:
        return list(messages)
    body = {"messages": [], "response_format": {"json_schema": {"schema": dict(options.schema)}}}
    asked = Text(in_words(body)["messages"][0]["content"])
    if messages and messages[-1].role == "user":
        return [*messages[:-1], Message("user", (*messages[-1].parts, asked))]
    return [*messages, Message("user", (asked,))]


def open_prompter(family: Family, config: Any, folder: Path) -> Prompter:
    """Return the prompter of the model in *folder*, of which *config* is the network's configuration.

    Raises `InputError` when tokenizer or chat template are absent or do not fit.
    """
    with reading("tokenizer", folder):
        tokenizer = library("transformers").AutoTokenizer.from_pretrained(folder, **SAFE)
        places: dict[Kind, str] = {
            kind: tokenizer.convert_ids_to_tokens(getattr(config, f"{kind}_token_id")) for kind in family.senses
        }
    for kind, token in places.items():
        # A place that is written as several tokens, or as none, would never be found again.
        if token is None or tokenizer.encode(token, add_special_tokens=False) != [getattr(config, f"{kind}_token_id")]:
            raise InputError(f"the tokenizer in {show(folder)} has no token for a place of the kind {kind!r}.")
    control, acting = _control(tokenizer, places.values()), _acting_ids(tokenizer)
    return Prompter(family, tokenizer, chat_template(family, tokenizer, folder), control, acting, places)


def _control(tokenizer: Any, places: Iterable[str]) -> re.Pattern[str]:
    # Those that are not called special act as well: <tool_call>, </think>.
    added = (token.content for token in tokenizer.added_tokens_decoder.values())
    # A token of one character cannot be parted; longer ones first, where one begins with another.
    tokens = {token for token in (*added, *tokenizer.all_special_tokens, *places) if len(token) > 1 and token.strip()}
    longest = sorted(tokens, key=lambda token: (-len(token), token))
    return re.compile("|".join(map(re.escape, longest)) or r"(?!)")


def _acting_ids(tokenizer: Any) -> frozenset[int]:
    """Return the numbers of the tokens that `_control` finds and of those of one letter that are called special."""
    added = tokenizer.added_tokens_decoder.items()
    found = {n for n, token in added if token.content.strip() and (token.special or len(token.content) > 1)}
    return frozenset(found - {tokenizer.unk_token_id})  # letters that are unknown do not act
