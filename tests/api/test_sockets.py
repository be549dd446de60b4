"""The thread of all sockets, on real connections: what each client reads, and what becomes of those that don't."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from websocket import ABNF, WebSocket
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request

from api.frames import Frame, encoded
from api.interest import Interest
from api.open_socket import LONGEST_QUEUE, OpenSocket
from api.sockets import Sockets
from tests.installation import wait_until

_HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    everything = Sockets()
    yield everything
    everything.end()
    everything.wait_until_closed(10)


def a_pair(ping_every: float = 60, types: frozenset[str] = frozenset()) -> tuple[OpenSocket, WebSocket]:
    """Return both ends of a connection after the handshake: the server's, and the client's."""
    ours, theirs = socket.socketpair()
    protocol = WSConnection(ConnectionType.SERVER)
    protocol.receive_data(_HANDSHAKE)
    assert isinstance(next(protocol.events()), Request)
    protocol.send(AcceptConnection())
    client = WebSocket()
    client.sock = theirs
    client.connected = True
    client.settimeout(20)
    return OpenSocket(ours, protocol, Interest(types), ping_every), client


def a_client(sockets: Sockets, ping_every: float = 60) -> tuple[OpenSocket, WebSocket]:
    ours, client = a_pair(ping_every)
    sockets.add(ours)
    sockets.do(ours, lambda: ours.begin(encoded("hello"), (), ""))
    assert client.recv() == "hello"
    return ours, client


def an_event(number: int, padding: int = 0) -> Frame:
    return Frame.of(json.dumps({"type": "media:updated", "eventId": f"1-{number}", "padding": "x" * padding}))


def numbers_up_to(client: WebSocket, last: int) -> list[int]:
    found: list[int] = []
    while not found or found[-1] != last:
        found.append(int(json.loads(client.recv())["eventId"].partition("-")[2]))
    return found


def _wait(goes_on: threading.Event) -> None:
    assert goes_on.wait(20)


def code_of_the_close(client: WebSocket) -> int:
    """Read all that there is, and return the code with which the server closed the connection."""
    while True:
        frame = client.recv_frame()
        if frame.opcode == ABNF.OPCODE_CLOSE:
            return int.from_bytes(frame.data[:2], "big")


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_frame_is_what_its_reader_reads(sockets: Sockets, length: int) -> None:
    ours, client = a_client(sockets)
    text = "é" + "x" * (length - 2) if length > 1 else "x" * length
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(client.recv()))
    reader.start()

    sockets.do(ours, lambda: ours.begin(encoded(text), (), ""))

    reader.join(20)
    assert len(text.encode()) == length
    assert heard == [text]


def test_what_happens_while_a_client_is_told_what_it_missed_comes_after_it_and_once(sockets: Sockets) -> None:
    ours, client = a_pair()
    sockets.add(ours)

    for number in range(3, 6):
        sockets.tell(an_event(number))
    sockets.do(ours, lambda: ours.begin(encoded('{"eventId": "1-0"}'), map(an_event, range(1, 5)), ""))
    sockets.tell(an_event(6))

    assert numbers_up_to(client, 6) == [0, 1, 2, 3, 4, 5, 6]


def test_who_waits_for_what_it_missed_is_told_of_more_than_the_longest_queue(sockets: Sockets) -> None:
    ours, client = a_pair()
    sockets.add(ours)

    for number in range(1, 3 * LONGEST_QUEUE):
        sockets.tell(an_event(number))
    sockets.do(ours, lambda: ours.begin(encoded('{"eventId": "1-0"}'), (), ""))

    assert numbers_up_to(client, 3 * LONGEST_QUEUE - 1) == list(range(3 * LONGEST_QUEUE))


def test_who_comes_is_not_told_what_happened_before(sockets: Sockets) -> None:
    before, first = a_client(sockets)
    ours, client = a_pair()
    goes_on = threading.Event()

    # All of this is asked for before anybody is sent anything.
    sockets.do(before, lambda: _wait(goes_on))
    sockets.tell(an_event(1))
    sockets.add(ours)
    sockets.tell(an_event(2))
    sockets.do(ours, lambda: ours.begin(encoded("hello"), (), ""))
    sockets.tell(an_event(3))
    goes_on.set()

    assert client.recv() == "hello"
    assert numbers_up_to(client, 3) == [2, 3]
    assert numbers_up_to(first, 3) == [1, 2, 3]


def test_what_happens_before_the_end_is_told_before_it(sockets: Sockets) -> None:
    ours, client = a_client(sockets)
    goes_on = threading.Event()

    sockets.do(ours, lambda: _wait(goes_on))
    sockets.tell(an_event(1))
    sockets.end()
    goes_on.set()

    assert numbers_up_to(client, 1) == [1]
    assert code_of_the_close(client) == 1012


def test_who_does_not_read_is_dropped_and_delays_nobody(sockets: Sockets) -> None:
    deaf, _client_of_the_deaf = a_client(sockets)
    _, client = a_client(sockets)

    heard: list[int] = []
    for burst in range(30):
        for number in range(burst * 100, burst * 100 + 100):
            sockets.tell(an_event(number, padding=1000))
        heard += numbers_up_to(client, burst * 100 + 99)

    assert heard == list(range(3000))
    wait_until(lambda: deaf.connection.fileno() == -1, 20, "the server has let go of the connection")


def test_who_is_dropped_and_reads_at_last_is_told_why(sockets: Sockets) -> None:
    _, client = a_client(sockets)

    for number in range(1, 3 * LONGEST_QUEUE):
        sockets.tell(an_event(number, padding=1000))

    assert code_of_the_close(client) == 1008


def test_who_missed_more_than_the_longest_queue_is_told_all_of_it(sockets: Sockets) -> None:
    ours, client = a_pair()
    missed = [an_event(number, padding=200) for number in range(5 * LONGEST_QUEUE)]
    sockets.add(ours)

    sockets.do(ours, lambda: ours.begin(encoded('{"eventId": "1-0"}'), missed, ""))

    assert numbers_up_to(client, 5 * LONGEST_QUEUE - 1)[1:] == list(range(5 * LONGEST_QUEUE))


def test_pings_find_who_is_gone_and_leave_who_answers(sockets: Sockets) -> None:
    _, gone = a_client(sockets, ping_every=0.3)
    ours, there = a_client(sockets, ping_every=0.3)
    # This client answers pings while it reads; the other one does not read.
    opcodes = []
    while opcodes.count(ABNF.OPCODE_PING) < 3:
        opcode, _ = there.recv_data_frame(control_frame=True)
        opcodes.append(opcode)

    assert code_of_the_close(gone) == 1008
    assert not ours.is_over


def test_a_ping_is_answered_and_a_goodbye_too(sockets: Sockets) -> None:
    ours, client = a_client(sockets)

    client.ping("are you there?")
    opcode, frame = client.recv_data_frame(control_frame=True)
    client.send_close(1000)

    assert (opcode, frame.data) == (ABNF.OPCODE_PONG, b"are you there?")
    assert code_of_the_close(client) == 1000
    wait_until(lambda: ours.connection.fileno() == -1, 20, "the connection is closed")


def test_who_says_too_much_at_once_is_closed_and_small_talk_is_not(sockets: Sockets) -> None:
    _, client = a_client(sockets)
    for _ in range(200):
        client.send("x" * 1000)
    sockets.tell(an_event(1))
    assert numbers_up_to(client, 1) == [1]

    client.send("x" * 100_000)

    assert code_of_the_close(client) == 1009


def test_who_speaks_another_protocol_is_let_go(sockets: Sockets) -> None:
    ours, client = a_client(sockets)
    _, other = a_client(sockets)

    client.sock.sendall(b"GET / HTTP/1.1\r\n\r\n")

    wait_until(lambda: ours.connection.fileno() == -1, 20, "the connection is closed")
    sockets.tell(an_event(1))
    assert numbers_up_to(other, 1) == [1]


def test_at_the_end_all_are_told_and_nobody_is_waited_for_who_does_not_answer(sockets: Sockets) -> None:
    clients = [a_client(sockets) for _ in range(3)]
    late, late_client = a_pair()

    sockets.end()
    sockets.add(late)

    assert [code_of_the_close(client) for client in (*(client for _, client in clients), late_client)] == [1012] * 4
    sockets.wait_until_closed(20)
    assert [ours.connection.fileno() for ours, _ in clients] == [-1] * 3
