"""The virus scanner is a real one; where it is broken, a socket that says what we choose stands for it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from portal.documents.scanner import Scanner, ScannerFailed, Unscannable, scanner_of
from portal.kernel.sections import ClamdSection
from tests.common.clamd import EICAR, LIMIT, SIGNATURE, Clamd, serving


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    with serving(tmp_path_factory.mktemp("clamd") / "c") as running:
        yield running


@pytest.fixture
def scanner(clamd: Clamd) -> Scanner:
    return Scanner(str(clamd.socket), seconds=30)


def answering(act: Callable[[socket.socket], None], folder: Path, *, seconds: float = 5, times: int = 1) -> Scanner:
    """A scanner whose line is taken by `act`, so many times."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s"))
    listener.listen(1)

    def serve() -> None:
        with listener:
            for _ in range(times):
                with listener.accept()[0] as line, suppress(OSError):  # whoever asked may be gone
                    act(line)

    threading.Thread(target=serve, daemon=True).start()
    return Scanner(str(folder / "s"), seconds=seconds)


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """Reads the file to its end, then says this."""

    def act(line: socket.socket) -> None:
        read = b""
        while not read.endswith(bytes(4)):
            read += line.recv(65536)
        line.sendall(answer)

    return act


def test_a_clean_file_passes_and_one_with_malware_is_called_by_its_name(scanner: Scanner) -> None:
    assert scanner.scan([b"%PDF-1.7 nothing to see"]) == ""
    assert scanner.scan([b"%PDF-1.7 before ", EICAR, b" after"]) == SIGNATURE + ".UNOFFICIAL"


def test_malware_is_found_across_pieces_and_after_an_empty_one(scanner: Scanner) -> None:
    """An empty piece would end the file for the scanner, and hide what comes after it."""
    assert scanner.scan([b"%PDF-1.7 ", b"", EICAR[:20], b"", EICAR[20:]]).startswith(SIGNATURE)
    assert scanner.scan([b"x" * 700_000 + EICAR]).startswith(SIGNATURE)


def test_an_empty_file_is_clean(scanner: Scanner) -> None:
    assert scanner.scan([]) == ""


@pytest.mark.parametrize("size", [LIMIT + 1000, 3 * LIMIT])
def test_a_file_beyond_its_limits_is_no_clean_one(scanner: Scanner, size: int) -> None:
    with pytest.raises(Unscannable):
        scanner.scan([b"x" * size])


def test_it_says_which_version_it_is(scanner: Scanner) -> None:
    assert scanner.version().startswith("ClamAV ")


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    scanner = Scanner(str(tmp_path / "nothing"))
    with pytest.raises(ScannerFailed):
        scanner.scan([b"x"])
    with pytest.raises(ScannerFailed):
        scanner.version()


def test_one_that_is_killed_while_the_file_comes_gives_no_verdict(tmp_path: Path) -> None:
    with serving(tmp_path / "c") as clamd:

        def chunks() -> Iterator[bytes]:
            yield b"%PDF-1.7"
            clamd.kill()
            yield from [b"x" * 1000] * 100

        with pytest.raises(ScannerFailed):
            Scanner(str(clamd.socket), seconds=30).scan(chunks())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",
        b"stream: OK\n",
        b"stream: OK \0",
        b" stream: OK\0",
        b"stream: ok\0",
        b"stream: OK\0stream: OK\0",
        b"stream: FOUND OK\0",
        b"stream: two words FOUND\0",
        b"x stream: Evil FOUND\0",
        b"stream: Evil FOUND twice\0",
        b"stream: " + b"x" * 201 + b" FOUND\0",
        b"stream: caf\xc3\xa9 FOUND\0",
        b"stream: <b>\n FOUND\0",
        b"UNKNOWN COMMAND\0",
        b"stream: ERROR\0",
        b"x" * 5000 + b"\0",
        b"\xff" * 20,
    ],
)
def test_nothing_but_its_own_words_is_a_verdict(answer: bytes, tmp_path: Path) -> None:
    with pytest.raises(ScannerFailed) as caught:
        answering(saying(answer), tmp_path).scan([b"x"])
    assert not answer.strip(b"\0") or answer.decode("latin-1") not in caught.value.detail + caught.value.public


def test_one_that_calls_a_file_clean_before_it_has_it_whole_is_not_believed(tmp_path: Path) -> None:
    def act(line: socket.socket) -> None:
        line.recv(1)
        line.sendall(b"stream: OK\0")
        line.shutdown(socket.SHUT_RD)
        time.sleep(1)

    with pytest.raises(ScannerFailed):
        answering(act, tmp_path).scan([b"x" * 1_000_000] * 20)


def test_one_that_says_why_it_stopped_reading_is_heard(tmp_path: Path) -> None:
    def act(line: socket.socket) -> None:
        line.recv(1)
        line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        line.shutdown(socket.SHUT_RD)
        time.sleep(1)

    with pytest.raises(Unscannable):
        answering(act, tmp_path).scan([b"x" * 1_000_000] * 20)


@pytest.mark.parametrize("talks", [False, True])
def test_one_that_is_too_slow_is_not_waited_for(talks: bool, tmp_path: Path) -> None:
    """Not even if it says a letter now and then."""

    def act(line: socket.socket) -> None:
        for _ in range(100):
            time.sleep(0.1)
            if talks:
                line.sendall(b"x")

    began = time.monotonic()
    with pytest.raises(ScannerFailed):
        answering(act, tmp_path, seconds=0.5).scan([b"x"])
    assert time.monotonic() - began < 5


def test_one_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ScannerFailed):
        answering(lambda line: time.sleep(8), tmp_path, seconds=0.5).scan([b"x" * 1_000_000] * 20)
    assert time.monotonic() - began < 5


def test_what_answers_a_ping_in_another_way_is_no_scanner(tmp_path: Path) -> None:
    with pytest.raises(ScannerFailed):
        answering(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\0"), tmp_path, times=2).version()


def test_a_scanner_listens_on_a_socket_or_on_a_port_of_this_machine() -> None:
    assert scanner_of(ClamdSection()) is None
    assert scanner_of(ClamdSection(socket=Path("/run/s"), required=False)) == Scanner("/run/s", False, 120)
    assert scanner_of(ClamdSection(host="127.0.0.1")) == Scanner(("127.0.0.1", 3310))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: saying(b"stream: OK\0")(listener.accept()[0]), daemon=True).start()
        assert Scanner(listener.getsockname(), seconds=5).scan([b"x"]) == ""
