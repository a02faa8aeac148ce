"""The log is sent on to a real rsyslog, over TLS: what touches a body, in order, at least once, and nothing that others keep apart."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from portal.audit import outbox
from portal.audit.history import Entry
from portal.audit.syslog import Sent, escaped, message
from portal.worker import outbox as rounds
from tests.common import rsyslog
from tests.common.certificates import Authority, new_authority
from tests.common.house import DIRECTORATE, House, open_house
from tests.common.rsyslog import Rsyslog
from tests.common.s3server import S3Server

Opener = Callable[..., House]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return new_authority(tmp_path / "authority")


@pytest.fixture
def opener(entity_template: Path, tmp_path: Path, house_s3: S3Server | None, authority: Authority) -> Iterator[Opener]:
    """Opens a house whose log is sent on to this port, as what touches this body."""
    houses: list[House] = []

    def opened(port: int, body: str = "OCT", more: str = "") -> House:
        entry = (
            f'\n[[log.syslog]]\nname = "watch"\nbody = "{body}"\nhost = "127.0.0.1"\nport = {port}\nca_file = "{authority.file}"\n{more}\n'
        )

        def change(folder: Path) -> None:
            file = folder / "config.toml"
            file.write_text(file.read_text() + entry)

        houses.append(open_house(entity_template, tmp_path / "portal", DIRECTORATE, house_s3, change=change))
        return houses[-1]

    yield opened
    for house in houses:
        house.close()


@pytest.fixture
def receiver(tmp_path: Path, authority: Authority) -> Iterator[Rsyslog]:
    with rsyslog.serving(tmp_path / "rsyslog", authority) as running:
        yield running


def something_happens(house: House) -> str:
    """The Directorate enters a document; somebody of the Office looks around, and asks for it by its address."""
    document = house.guest("ada").register()
    reader = house.guest("omar")
    assert reader.get("/received").status_code == 200
    assert reader.get(f"/documents/{document}").status_code == 404
    house.worker.sequence()
    return document


def touching(house: House, body: str) -> list[tuple[int, str]]:
    """(leaf, event) of what this body may read of, from the rows."""
    rows = house.sql(
        "select leaf_index, event from audit_event join audit_leaf on event_id = id where bodies like ? order by leaf_index", f"%,{body},%"
    )
    return [(int(leaf), str(event)) for leaf, event in rows]


@pytest.mark.parametrize("body", ["OCT", "CTED"])
def test_rsyslog_gets_what_touches_the_body_in_order_and_nothing_else(opener: Opener, receiver: Rsyslog, body: str) -> None:
    house = opener(receiver.port, body)
    document = something_happens(house)
    expected = touching(house, body)
    assert house.worker.outbox.tick() == len(expected)
    got = receiver.wait(len(expected))
    assert [(int(each["facts"]["leaf"]), each["facts"]["event"]) for each in got] == expected
    assert [each["facts"].get("before") for each in got] == [None, *(each["facts"]["leaf"] for each in got[:-1])]
    for each in got:
        assert (each["programname"], each["syslogfacility"], each["protocol-version"]) == ("portal", "13", "1")
    raw = (receiver.folder / "messages").read_text()
    for name in ("Omar", "Ada", '127.0.0.1\\"', "Samoria"):
        assert name not in raw
    for (person,) in house.sql("select id from person where body <> ?", body):
        assert str(UUID(str(person))) not in raw
    assert (str(UUID(document)) in raw) == (body == "CTED")
    probe = next(each for each in got if each["facts"].get("code") == "not_found") if body == "OCT" else None
    assert probe is None or "object" not in probe["facts"]
    house.worker.sequence()
    house.worker.outbox.tick()
    assert [each["facts"]["event"] for each in receiver.wait(len(got) + 1)][-1] == "log.sending_began"


def test_a_receiver_that_is_down_stops_nothing_and_gets_all_when_it_is_back(
    opener: Opener, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "REST", 0.0)
    monkeypatch.setattr(outbox, "MOST", 2)
    with rsyslog.serving(tmp_path / "rsyslog", authority) as first:
        house = opener(first.port)
        port = first.port
        house.guest("omar")
        house.worker.sequence()
        house.worker.outbox.tick()
        before = len(first.wait(len(touching(house, "OCT")) - 1))
    something_happens(house)
    assert house.worker.outbox.tick() == 0
    assert house.stranger().get("/health").text == "ok; the log is not sent on\n"
    assert house.guest("omar").get("/received").status_code == 200
    house.worker.sequence()
    with rsyslog.serving(tmp_path / "rsyslog", authority, port=port) as again:
        expected = touching(house, "OCT")
        while house.worker.outbox.tick():
            pass
        got = again.wait(len(expected))
    assert before < len(got)
    assert [int(each["facts"]["leaf"]) for each in got] == [leaf for leaf, _ in expected]
    assert house.stranger().get("/health").text == "ok\n"


def test_a_receiver_of_another_authority_gets_nothing(opener: Opener, tmp_path: Path) -> None:
    with rsyslog.serving(tmp_path / "rsyslog", new_authority(tmp_path / "another")) as running:
        house = opener(running.port)
        something_happens(house)
        assert house.worker.outbox.tick() == 0
        assert running.messages() == []


@pytest.mark.parametrize("known", [True, False])
def test_a_receiver_that_asks_who_it_is_is_shown_a_certificate(opener: Opener, tmp_path: Path, authority: Authority, known: bool) -> None:
    authority.serves("portal.example" if known else "else.example")
    file = authority.folder / ("portal.example.pem" if known else "else.example.pem")
    with rsyslog.serving(tmp_path / "rsyslog", authority, names=True) as running:
        house = opener(running.port, more=f'cert_file = "{file}"\nkey_file = "{file}"')
        something_happens(house)
        expected = touching(house, "OCT")
        assert house.worker.outbox.tick() == (len(expected) if known else 0)
        assert len(running.wait(len(expected)) if known else running.messages()) == (len(expected) if known else 0)


@contextmanager
def torn(authority: Authority) -> Iterator[int]:
    """A receiver that takes the connection, reads a little and dies: its port."""
    context = authority.serves("127.0.0.1")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            tls = context.wrap_socket(plain, server_side=True)
            tls.recv(10)
            plain = socket.socket(fileno=tls.detach())
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            plain.close()  # a reset, as by whoever dies with something unread

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(10)


def test_what_was_under_way_when_a_receiver_died_is_sent_again(
    opener: Opener, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "REST", 0.0)
    with torn(authority) as port:
        house = opener(port)
        something_happens(house)
        assert house.worker.outbox.tick() == 0
    assert house.sql("select next_leaf from log_outbox") == [(0,)]
    with rsyslog.serving(tmp_path / "rsyslog", authority, port=port) as running:
        expected = touching(house, "OCT")
        house.worker.outbox.tick()
        assert len(running.wait(len(expected))) == len(expected)


def test_nothing_in_a_value_ends_it(house: House) -> None:
    entry = Entry(
        id=UUID(int=7),
        leaf_index=3,
        at=house.clock.at,
        outcome="done",
        actor_body="OCT",
        shared=True,
        event="share.page_read",
        code='a"] [x y="z',
        detail={"page": 1, "quote": '"]\\\n\u202e'},
    )
    said = message(Sent(entry, "00", None), "portal example").decode()
    assert 'code="a\\"\\] [x y=\\"z"' in said
    assert "\n" not in said
    assert " portal?example portal - share.page_read [portal@32473 " in said
    assert escaped('\\]"\x00') == '\\\\\\]\\"?'
    assert said.startswith(f"<{13 * 8 + 6}>1 ")
