"""Messages in, reply out: backends that answer from a multimodal language model.

`open_backend` turns a spec such as ``openai:MODEL`` into a backend; a module is loaded when its backend is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openaffect.lookup import resolve

if TYPE_CHECKING:
    from openaffect.mllm.chat import AsyncBackend

BACKENDS = {
    "openai": "openaffect.mllm.openai:open_spec",
    "transformers": "openaffect.mllm.transformers:open_spec",
    "fake": "openaffect.mllm.fake:open_spec",
    "replay": "openaffect.mllm.replay:open_spec",
}
"""Kind of backend → the function that opens it: ``open_spec(rest, *, base_url, revision)``."""


def open_backend(spec: str, *, base_url: str | None = None, revision: str = "") -> AsyncBackend:
    """Return the backend that *spec* names: ``openai:MODEL``, ``transformers:FOLDER``, ``fake:TEXT``, ``replay:PATH``.

    ``./FILE.py:NAME:REST`` opens a backend of your own: the function NAME in that file, which is called as those of
    `BACKENDS` are.
    *base_url* is the address of the server, for kinds that have one; *revision* says which weights stand behind the
    name.  Raises `UsageError` for an unknown kind, `RemoteError` for an unusable address.

    >>> open_backend("fake:calm").model
    'fake'
    """
    kind, rest = _parted(spec)
    opened: AsyncBackend = resolve(BACKENDS, kind, kind="model backend")(rest, base_url=base_url, revision=revision)
    return opened


def _parted(spec: str) -> tuple[str, str]:
    """Return the kind of backend and what is said of it.

    >>> _parted("openai:org/model:free"), _parted("./mine.py:open_spec:loud")
    (('openai', 'org/model:free'), ('./mine.py:open_spec', 'loud'))
    """
    file, own, rest = spec.partition(".py:")
    if own and ":" not in file:
        name, _, rest = rest.partition(":")
        return f"{file}.py:{name}", rest
    kind, _, rest = spec.partition(":")
    return kind, rest
