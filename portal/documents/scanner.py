"""Shows a file to a virus scanner on this machine: clamd's INSTREAM, PING and VERSION (clamd(8)), and no other command.

Nothing but one exact answer counts as clean, and only to a file that was handed over whole. Whatever else comes, or does not come in
time, is a failure of the scanner's, never a verdict. Of a found signature the name is taken, if it looks like one.
"""

import re
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.kernel.errors import PortalError, Unavailable
from portal.kernel.sections import ClamdSection

_CHUNK = 1 << 18
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: ([!-~]{1,200}) FOUND")
_TOO_LARGE = "INSTREAM size limit exceeded. ERROR"
_LIMITS = "Heuristics.Limits.Exceeded"
#: Seconds for a question that takes no work.
_SHORT = 5.0


class ScannerFailed(Unavailable):
    """The scanner cannot be reached, is too slow, or answers what it may not."""

    code = "scanner_failed"
    public = (
        "The virus scanner does not answer, and without it no file is taken. A file that has arrived is kept. Try again in a few minutes; "
        "if it happens again, tell your security administrator."
    )


class Unscannable(PortalError):
    """The file is beyond the scanner's own limits."""

    code = "unscannable"


@dataclass(frozen=True, slots=True)
class Scanner:
    """`address` as `socket` takes it; `seconds` for a whole file. `required`: no file is taken without its verdict."""

    address: str | tuple[str, int]
    required: bool = True
    seconds: float = 120.0

    def scan(self, chunks: Iterable[bytes]) -> str:
        """The name of the signature that was found in the file; empty for none. Raises `ScannerFailed`, `Unscannable`."""
        with self._line(self.seconds) as line:
            whole = _hand_over(line, chunks)
            answer = line.answer()
        found = _FOUND.fullmatch(answer)
        if answer == "stream: OK" and whole:
            return ""
        if answer == _TOO_LARGE or (found and found[1].startswith(_LIMITS)):
            raise Unscannable("the scanner's own limits are lower than the file")
        if found:
            return found[1]
        raise ScannerFailed("the virus scanner gave no verdict")

    def version(self) -> str:
        """What it calls itself and its signatures, after it answered that it is there. Raises `ScannerFailed`."""
        with self._line(_SHORT) as line:
            line.send(b"zPING\0")
            if line.answer() != "PONG":
                raise ScannerFailed("the virus scanner does not answer as one")
        with self._line(_SHORT) as line:
            line.send(b"zVERSION\0")
            return line.answer()

    @contextmanager
    def _line(self, seconds: float) -> Iterator["_Line"]:
        try:
            family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                line = _Line(connection, time.monotonic() + seconds)
                line.limit()
                connection.connect(self.address)
                yield line
        except TimeoutError as error:
            raise ScannerFailed(f"the virus scanner took longer than {seconds:.0f} s") from error
        except OSError as error:
            raise ScannerFailed(f"the virus scanner cannot be reached ({error.strerror or type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection on which everything together takes no longer than `until`."""

    connection: socket.socket
    until: float

    def limit(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)

    def send(self, data: bytes) -> None:
        self.limit()
        self.connection.sendall(data)

    def answer(self) -> str:
        """One answer, ended by NUL, in ASCII. Raises `ScannerFailed` for anything else."""
        said = b""
        while not said.endswith(b"\0"):
            self.limit()
            piece = self.connection.recv(_LONGEST_ANSWER)
            said += piece
            if not piece or len(said) > _LONGEST_ANSWER:
                raise ScannerFailed("the virus scanner's answer does not end, or ended too early")
        try:
            return said[:-1].decode("ascii")
        except UnicodeDecodeError as error:
            raise ScannerFailed("the virus scanner's answer is not text") from error


def _hand_over(line: _Line, chunks: Iterable[bytes]) -> bool:
    """Send the file, each piece after its length; a length of 0 ends it. False if the scanner left before the end."""
    line.send(b"zINSTREAM\0")
    for chunk in chunks:
        for at in range(0, len(chunk), _CHUNK):
            piece = chunk[at : at + _CHUNK]
            if not _sent(line, struct.pack(">I", len(piece)) + piece):
                return False
    return _sent(line, bytes(4))


def _sent(line: _Line, data: bytes) -> bool:
    try:
        line.send(data)
    except (BrokenPipeError, ConnectionResetError):  # it answered before it read all, or it is gone: what it said shows which
        return False
    return True


def scanner_of(section: ClamdSection) -> Scanner | None:
    """The scanner that is configured."""
    return Scanner(section.address, section.required, section.seconds) if section.address else None
