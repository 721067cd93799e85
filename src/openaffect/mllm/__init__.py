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
    "fake": "openaffect.mllm.fake:open_spec",
    "replay": "openaffect.mllm.replay:open_spec",
}
"""Kind of backend → the function that opens it: ``open_spec(rest, *, base_url, revision)``."""


def open_backend(spec: str, *, base_url: str | None = None, revision: str = "") -> AsyncBackend:
    """Return the backend that *spec* names: ``openai:MODEL``, ``fake:TEXT``, ``replay:PATH``.

    *base_url* is the address of the server, for kinds that have one; *revision* says which weights stand behind the
    name.  Raises `UsageError` for an unknown kind, `RemoteError` for an unusable address.

    >>> open_backend("fake:calm").model
    'fake'
    """
    kind, _, rest = spec.partition(":")
    opened: AsyncBackend = resolve(BACKENDS, kind, kind="model backend")(rest, base_url=base_url, revision=revision)
    return opened
