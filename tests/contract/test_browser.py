"""Who may call the API from a web page, as a real browser sees it."""

import http.server
import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation
from tests.servers import chromium_program

_PAGE = """<!doctype html><title>A client</title><script>
const ask = async (path, options) => {
  try {
    const answer = await fetch("SERVER" + path, {credentials: "include", ...options});
    const seen = {status: answer.status, type: answer.type, version: answer.headers.get("X-API-Version")};
    return answer.type === "opaque" ? seen : {...seen, body: await answer.json()};
  } catch (error) {
    return {refused: error.name};
  }
};
const send = {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({path: "/nowhere"})};
(async () => {
  const said = {
    read: await ask("/api/v1/movies", {headers: {"X-Client-Version": "0.2.3"}}),
    write: await ask("/api/v1/scan/path", send),
    blind: await ask("/health", {mode: "no-cors"}),
    socket: await new Promise((resolve) => {
      const socket = new WebSocket("SERVER/ws".replace("http", "ws"));
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("refused");
    }),
  };
  await fetch("/said", {method: "POST", body: JSON.stringify(said)});
})();
</script>"""

_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Only this name is anybody's; it leads here.
    "--host-resolver-rules=MAP films.example 127.0.0.1",
]


class Page(http.server.ThreadingHTTPServer):
    """Serves a page that calls the API, and hears what it was answered."""

    def __init__(self, text: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = text.encode()
        self.said: queue.Queue[dict[str, Any]] = queue.Queue()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Page

    def do_GET(self) -> None:
        self._answer(self.server.text)

    def do_POST(self) -> None:
        self.server.said.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def page(server: Installation) -> Iterator[Page]:
    with Page(_PAGE.replace("SERVER", server.url.replace("127.0.0.1", "localhost"))) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        yield page
        page.shutdown()


def what_a_page_sees(page: Page, host: str, profile: Path) -> dict[str, Any]:
    """Open the page in the browser under a name, and return what it was answered."""
    address = f"http://{host}:{page.server_port}/"
    command = [chromium_program(), *_OPTIONS, f"--user-data-dir={profile}", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            return page.said.get(timeout=60)
        finally:
            browser.terminate()


def test_a_page_from_another_port_of_localhost_may_call(page: Page, tmp_path: Path) -> None:
    seen = what_a_page_sees(page, "localhost", tmp_path)

    assert seen["read"]["status"] == 200
    assert seen["read"]["version"].startswith("0.2.")
    assert seen["read"]["body"]["success"] is True
    assert seen["write"]["status"] == 400
    assert seen["write"]["body"]["error"] == "Validation failed"
    assert seen["socket"] == "open"


def test_a_page_from_a_foreign_origin_may_not(page: Page, tmp_path: Path) -> None:
    seen = what_a_page_sees(page, "films.example", tmp_path)

    assert seen["read"] == {"refused": "TypeError"}
    assert seen["write"] == {"refused": "TypeError"}
    # It reached the server: what refuses is the browser, for want of a header.
    assert seen["blind"]["type"] == "opaque"
    assert seen["socket"] == "refused"
