"""A prompt to a reply: one generation, with the options of a call, that can be stopped."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from openaffect.errors import RemoteError, UsageError
from openaffect.mllm.chat import Options, Reply
from openaffect.mllm.local.libraries import lacks_memory, library

_COLDEST = 1e-4
"""Scores that are divided by less may be too large for a number."""


def answer(
    network: Any, tokenizer: Any, tensors: Mapping[str, NDArray[Any]], options: Options, stop: threading.Event
) -> Reply:
    """Return what *network* says to the prompt in *tensors*; when *stop* is set, what it has said by then.

    Output tokens count the one that ends the reply.  The reply ends with ``length`` where `Options.max_tokens` or the
    model's own limit cut it.  Raises `RemoteError` for a prompt beyond that limit and for a lack of memory,
    `UsageError` for options that cannot be.
    """
    torch = library("torch")
    read = int(tensors["input_ids"].shape[1])
    rows = network.get_input_embeddings().num_embeddings
    if int(tensors["input_ids"].max()) >= rows:  # a CUDA card would be of no use to this process after it
        raise RemoteError(f"a token of the message is not among the {rows} of the model; its tokenizer is another's.")
    config = generation_config(network, tokenizer, options, room=_room(network, read))
    given = {name: _on(network, torch.from_numpy(value)) for name, value in tensors.items()}
    transformers = library("transformers")
    stopping = transformers.StoppingCriteriaList([_stopper(torch, stop)])
    numbers = transformers.LogitsProcessorList([_numbers])
    # The generator of random numbers belongs to the whole process, so it is put back.
    cards = [network.device] if network.device.type == "cuda" else []
    try:
        with torch.inference_mode(), torch.random.fork_rng(cards):
            torch.seed() if options.seed is None else torch.manual_seed(options.seed % 2**63)
            found = network.generate(
                **given, generation_config=config, stopping_criteria=stopping, logits_processor=numbers
            )
    except (RuntimeError, MemoryError) as error:
        if not lacks_memory(error):
            raise
        raise RemoteError(
            f"memory is too small for the model with {read} tokens; send less or use a smaller model."
        ) from error
    said = found[0, read:].tolist()
    ended = bool(said) and said[-1] in config.eos_token_id
    text = tokenizer.decode(said, skip_special_tokens=True)
    return Reply(text, "stop" if ended else "length", input_tokens=read, output_tokens=len(said))


def generation_config(network: Any, tokenizer: Any, options: Options, *, room: int) -> Any:
    """Return transformers' own settings for a call: *options* over those that came with the model.

    As with a server, what is None is as the model has it (`openaffect.mllm.local.habits`).  *room* is how many tokens
    may still be written.  Temperature 0 is the likeliest token each time.
    """
    if options.top_p is not None and not 0 < options.top_p <= 1:
        raise UsageError(f"top_p must lie above 0 and at most at 1; {options.top_p} came.")
    if 0 < options.temperature < _COLDEST:
        raise UsageError(f"the temperature must be 0 or at least {_COLDEST}; {options.temperature} came.")
    if options.repetition_penalty is not None and not options.repetition_penalty > 0:
        raise UsageError(f"the repetition penalty must be above 0; {options.repetition_penalty} came.")
    config = copy.deepcopy(network.generation_config)
    config.max_length, config.max_new_tokens = None, min(options.max_tokens, room)
    config.do_sample, config.num_beams, config.num_return_sequences = options.temperature > 0, 1, 1
    config.return_dict_in_generate = False
    if options.repetition_penalty is not None:
        config.repetition_penalty = options.repetition_penalty
    if config.do_sample:
        config.temperature = options.temperature
        config.top_p = config.top_p if options.top_p is None else options.top_p
        # None would mean 50 to transformers; servers mean all tokens by it.
        config.top_k = 0 if config.top_k is None else config.top_k
    else:
        config.temperature = config.top_p = config.top_k = None
    config.eos_token_id = _ends(config, network, tokenizer)
    if config.pad_token_id is None:
        config.pad_token_id = config.eos_token_id[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    return config


def _ends(config: Any, network: Any, tokenizer: Any) -> list[int]:
    """Return the tokens that end a reply: the model's and the tokenizer's."""
    known = config.eos_token_id
    if known is None:
        known = getattr(network.config.get_text_config(), "eos_token_id", None)
    ends = [known] if isinstance(known, int) else list(known or ())
    ends += [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    if not ends:
        raise RemoteError("neither the model nor its tokenizer names a token that ends a reply; use a chat model.")
    return list(dict.fromkeys(ends))


def _room(network: Any, read: int) -> int:
    """Return how many tokens fit after a prompt of *read*; raises `RemoteError` where none does."""
    most = getattr(network.config.get_text_config(), "max_position_embeddings", None)
    room = int(most or 2**31) - read
    if room < 1:
        raise RemoteError(f"the message has {read} tokens and the model takes {most}; send fewer or smaller parts.")
    return room


def _on(network: Any, tensor: Any) -> Any:
    """Return *tensor* where the network is, media in the network's format; times of films keep their precision."""
    medium = tensor.is_floating_point() and tensor.dim() > 1
    return tensor.to(network.device, network.dtype if medium else tensor.dtype)


def _numbers(ids: Any, scores: Any) -> Any:
    """Return *scores* as they are; the likeliest of scores that are no numbers would be any token."""
    if scores.isnan().any():
        raise RemoteError(
            "the model computes what is no number (NaN); use another format of numbers, or copy it again."
        )
    return scores


def _stopper(torch: Any, stop: threading.Event) -> Any:
    def stopped(ids: Any, scores: Any, **_: Any) -> Any:
        return torch.full((ids.shape[0],), stop.is_set(), device=ids.device, dtype=torch.bool)

    return stopped
