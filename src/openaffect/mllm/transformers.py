"""Local multimodal models through PyTorch and transformers, from a folder or the Hugging Face hub.

Qwen2.5-Omni (the thinker), Qwen2-Audio and Qwen2.5-VL take media; any other language model of transformers that has a
chat template takes text.  No code that comes with a model is run, pickled weights are not read, and torchvision is not
needed.  Both libraries are loaded when a backend is opened, weights when it is first asked.

What it is not: a server.  One reply is written at a time, and no JSON schema is enforced.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from openaffect.mllm.chat import Message, Options, Reply
from openaffect.mllm.local.family import open_family
from openaffect.mllm.local.generation import answer
from openaffect.mllm.local.libraries import quiet
from openaffect.mllm.local.prompt import open_prompter
from openaffect.mllm.local.settings import answering, model_type
from openaffect.mllm.local.source import check_unchanged, find_source
from openaffect.mllm.local.weights import chosen_device, chosen_dtype, load_network, read_config

_INPUTS = "inputs-2"
"""Version of how messages become tensors and replies; another version gives other replies to the same question."""


class AsyncLocalChat:
    """An `AsyncBackend` that answers with a model in this process.

    *place* is a folder or ``owner/name``, *revision* a commit, tag or branch of the hub.  *device* is by default a CUDA
    card where there is one, *dtype* ``bfloat16`` there and ``float32`` on a CPU.  `revision` holds the hub's commit or
    the digest of the folder's files, and the format of numbers: what decides replies.

    Raises `UsageError` for a place, device or kind of model that cannot be, `MissingPart` without the libraries,
    `InputError` for a folder that is broken, `RemoteError` when the hub does not give the model.
    """

    most_at_once = 1

    def __init__(self, place: str, *, revision: str = "", device: str | None = None, dtype: str | None = None) -> None:
        self.device = chosen_device(device)
        self.dtype = chosen_dtype(dtype, self.device)
        self._source = source = find_source(place, revision)
        self.model, self.host = source.name, ""
        self.revision = f"{source.revision}+{self.dtype}+{_INPUTS}"
        self._folder = source.folder
        with quiet():
            self._family = open_family(model_type(source.folder), source.folder)
            self._config = read_config(source.folder, self._family)
            self._prompter = open_prompter(self._family, self._config, source.folder)
        self._network: Any = None
        self._thread: ThreadPoolExecutor | None = None
        # A thread that was let go may still have a token to finish when the next begins.
        self._turn = threading.Lock()

    async def reply(self, messages: Sequence[Message], options: Options) -> Reply:
        """Answer *messages*; a call that is cancelled stops writing after the token at hand, and its reply is lost.

        Raises `RemoteError` for parts that the model does not take and for lack of memory, `MediaError` for media that
        cannot be decoded, `InputError` when weights are absent or broken, `UsageError` for options that cannot be.
        """
        start, stop = time.perf_counter(), threading.Event()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="openaffect-local-model")
        work = self._thread.submit(self._answer, messages, options, stop)
        try:
            found = await asyncio.wrap_future(work)
        finally:
            stop.set()
        return replace(found, latency_s=time.perf_counter() - start)

    def _answer(self, messages: Sequence[Message], options: Options, stop: threading.Event) -> Reply:
        """Answer in the one thread that touches the network."""
        with self._turn, quiet():
            if self._network is None:
                self._network = self._loaded()
            with answering(self._folder):
                tensors = self._prompter.tensors(messages, options)
                return answer(self._network, self._prompter.tokenizer, tensors, options, stop)

    def _loaded(self) -> Any:
        """Return the network, with weights that are those of `revision`."""
        network = load_network(self._family, self._config, self._folder, device=self.device, dtype=self.dtype)
        check_unchanged(self._source)
        return network

    async def aclose(self) -> None:
        """Let the thread end when it has nothing left to do; weights stay, and the next call begins a new one."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)
        self._thread = None


def open_spec(rest: str, *, base_url: str | None = None, revision: str = "") -> AsyncLocalChat:
    """Return the backend for ``transformers:FOLDER`` or ``transformers:OWNER/NAME[@REVISION]``; it needs no address."""
    return AsyncLocalChat(rest, revision=revision)
