"""An OpenAI-shaped server on loopback that answers, or fails, as a test says."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6},
}
DROP, HALF, STALL = object(), object(), object()
Answer = Callable[[dict[str, Any]], tuple[Any, ...]]
"""Body → status and reply (JSON, bytes, `DROP`, `HALF` or `STALL`), and headers if there are any."""


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[dict[str, Any]], list[str]]]:
    """Give the address of a server, the bodies it saw and the keys it saw; it stops at the end."""
    bodies: list[dict[str, Any]] = []
    keys: list[str] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            keys.append(self.headers.get("Authorization", ""))
            status, reply, *more = answer(body)
            if reply is STALL:
                over.wait(10)
            if reply is STALL or reply is DROP:
                self.close_connection = True
                return
            raw = reply if isinstance(reply, bytes) else json.dumps(GOOD if reply is HALF else reply).encode()
            self.send_response(status)
            headers = {"Content-Type": "application/json"} | (more[0] if more else {})
            if status in (301, 302, 307):
                headers["Location"] = "http://127.0.0.1:9/elsewhere"
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.close_connection = reply is HALF
            self.wfile.write(raw[: len(raw) // 2] if reply is HALF else raw)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    httpd = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/v1", bodies, keys
    finally:
        over.set()
        with contextlib.suppress(OSError):
            httpd.shutdown()
        httpd.server_close()
        thread.join(5)
