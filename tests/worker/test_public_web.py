"""What somebody else's address may lead to."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from worker.public_web import PrivateAddressError, is_public, place_of, public_session


class Answers(BaseHTTPRequestHandler):
    """Answers a path that is an address by redirecting to it."""

    def do_GET(self) -> None:
        self.server.asked.append(self.headers["Host"])  # type: ignore[attr-defined]
        target = self.path[1:]
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.asked = []  # type: ignore[attr-defined]
        Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::6810:84e5", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.2.1", False),
        ("224.0.0.1", False),
        ("239.1.2.3", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("fec0::1", False),
        ("64:ff9b:1::a00:1", False),
        ("::10.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
    ],
)
def test_an_address_is_public_or_not_however_it_is_written(address: str, *, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0", "169.254.169.254"]
)
def test_a_private_address_is_not_even_connected_to(server: ThreadingHTTPServer, host: str) -> None:
    with pytest.raises(PrivateAddressError):
        public_session(1, set()).get(f"http://{host}:{server.server_port}/", timeout=5)

    assert server.asked == []  # type: ignore[attr-defined]


def test_a_place_that_the_settings_name_is_reached_wherever_it_is(server: ThreadingHTTPServer) -> None:
    url = f"http://LocalHost:{server.server_port}/"

    assert public_session(1, {place_of(url)}).get(url, timeout=5).status_code == 200


def test_the_same_host_at_another_port_is_not_trusted(server: ThreadingHTTPServer) -> None:
    with pytest.raises(PrivateAddressError):
        public_session(1, {("127.0.0.1", 1)}).get(f"http://127.0.0.1:{server.server_port}/", timeout=5)


def test_a_redirect_is_judged_again(server: ThreadingHTTPServer) -> None:
    trusted = f"http://127.0.0.1:{server.server_port}/"

    with pytest.raises(PrivateAddressError):
        public_session(1, {place_of(trusted)}).get(f"{trusted}http://localhost:{server.server_port}/", timeout=5)

    assert server.asked == [f"127.0.0.1:{server.server_port}"]  # type: ignore[attr-defined]


def test_a_name_that_resolves_otherwise_a_moment_later_changes_nothing(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answers = socket.getaddrinfo, iter(["203.0.113.9", "127.0.0.1"])
    looked_up: list[str] = []

    def rebound(host: str, port: int, *args: object, **more: object) -> object:
        if host == "rebound.example":
            looked_up.append(host)
            host = next(answers)
        return real(host, port, *args, **more)  # type: ignore[arg-type]

    connected: list[object] = []

    def connect(_: socket.socket, address: object) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr("worker.public_web.is_public", lambda address: address == "203.0.113.9")

    with pytest.raises(OSError):  # noqa: PT011 - which one is urllib3's business
        public_session(1, set()).get(f"http://rebound.example:{server.server_port}/", timeout=5)

    assert looked_up == ["rebound.example"]
    assert connected == [("203.0.113.9", server.server_port)]


def test_a_certificate_is_for_the_name_though_the_connection_goes_to_an_address(
    server: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(a_certificate(tmp_path, "localhost"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setattr("worker.public_web.is_public", lambda _: True)
    session = public_session(1, set())

    answer = session.get(f"https://localhost:{server.server_port}/", verify=str(tmp_path / "pem"), timeout=5)

    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        session.get(f"https://127.0.0.1:{server.server_port}/", verify=str(tmp_path / "pem"), timeout=5)


def a_certificate(folder: Path, name: str) -> Path:
    """Write a key and a certificate of its own for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pem").write_bytes(private + certificate.public_bytes(pem))
    return folder / "pem"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Image.TMDB.org", ("image.tmdb.org", 443)),
        ("http://nas.local/tmdb", ("nas.local", 80)),
        ("http://[::1]:8080", ("::1", 8080)),
    ],
)
def test_a_place_is_a_host_and_a_port(url: str, place: tuple[str, int]) -> None:
    assert place_of(url) == place


def test_the_environment_is_asked_for_proxies_once_a_host(
    server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = "127.0.0.1", server.server_address[1]
    session = public_session(2, {(host, port)})
    assert session.get(f"http://{host}:{port}/").status_code == 200
    # Whoever asked now would be sent where nobody listens.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert session.get(f"http://{host}:{port}/").status_code == 200
    with pytest.raises(requests.ConnectionError):
        session.get("http://elsewhere.invalid/")
