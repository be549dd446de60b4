"""nginx as the front proxy of `deploy/nginx.conf`, and by itself with sendfile, as a yardstick of streaming."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import free_port, wait_until
from tests.servers import nginx_program

FRONT_PROXY = Path(__file__).parents[1] / "deploy" / "nginx.conf"

_OWN = """
server {
    listen 127.0.0.1:%(port)d;
    location / { root %(root)s; }
}
"""
_MAIN = """
daemon off;
worker_processes auto;
pid %(folder)s/nginx.pid;
error_log %(folder)s/error.log;
%(user)s
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    include %(folder)s/server.conf;
}
"""


@contextmanager
def serving(root: Path, folder: Path) -> Iterator[str]:
    """Serve the files of ``root`` with sendfile; yield the URL."""
    port = free_port()
    with _running(_OWN % {"port": port, "root": root}, folder, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def front_proxy(api_port: int, folder: Path, added: str = "") -> Iterator[str]:
    """Run what compose.yaml puts before the API, with what an installation adds; yield the URL."""
    port = free_port()
    conf = FRONT_PROXY.read_text()
    (folder.parent / "added.conf").write_text(added)
    for written, here in (
        ("/etc/nginx/dester/*.conf", f"{folder.parent}/added.conf"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("access_log /dev/stdout", f"access_log {folder}/access.log"),
        ("http://web:3001", f"http://127.0.0.1:{api_port}"),
    ):
        assert written in conf, f"{FRONT_PROXY} has no {written!r} any more"
        conf = conf.replace(written, here)
    with _running(conf, folder, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(server: str, folder: Path, port: int) -> Iterator[None]:
    folder.mkdir(parents=True)
    # Debian's has no user to change to unless root starts it.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "server.conf").write_text(server)
    (folder / "nginx.conf").write_text(_MAIN % {"folder": folder, "user": user})
    program = nginx_program()
    process = subprocess.Popen(
        [program, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"], start_new_session=True
    )
    try:
        wait_until(lambda: _listens(port), 10, f"nginx listens; {folder}/error.log says more")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
