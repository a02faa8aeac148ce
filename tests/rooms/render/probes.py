"""Jobs that misbehave, for the tests of the sandbox. The sandbox runs any job that our own code names; these live only here."""

import ast
import errno
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from portal.confidentiality.render.remote import WANT

Answer = Iterator[tuple[str, bytes]]

AT_START = Path("/proc/self/environ").read_bytes()  # read while paths can still be opened


def spin(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    while True:
        pass


def sleep(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    while True:
        time.sleep(0.05)


def die(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    os.abort()
    yield "NEVR", b""


def leave(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    os._exit(0)
    yield "NEVR", b""


def fail(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    raise ValueError(parts[0].decode())
    yield "NEVR", b""


def hog(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    yield "GOOD", bytearray(3 << 30)


def shout(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    sys.stdout.write("a library that prints")
    sys.stdout.flush()
    os.write(1, b"straight to the descriptor")
    yield "GOOD", b"".join(parts)


def flood(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    while True:
        yield "GOOD", bytes(1000)


def answer(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    """Say exactly what the test wants said."""
    for kind, text in header["frames"]:
        yield kind, text.encode("latin-1")


def garbage(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    """Say what the test wants said, given as the document."""
    for kind, text in ast.literal_eval(parts[0].decode()):
        yield kind, text.encode("latin-1")


def probe(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    """Try what no child may do; report the errors."""
    tries: dict[str, Callable[[], object]] = {
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "list": lambda: os.listdir("/"),
        "write": lambda: os.open("left-behind", os.O_CREAT | os.O_WRONLY),
        "socket": socket.socket,
        "connect": lambda: socket.create_connection(("127.0.0.1", int(header["port"])), timeout=2),
        "fork": os.fork,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "signal": lambda: os.kill(int(header["parent"]), 0),
    }
    report: dict[str, Any] = {name: _error(attempt) for name, attempt in tries.items()}
    report["environment at start"] = AT_START.decode()
    report["uid"] = os.getuid()
    report["environment"] = dict(os.environ)
    report["descriptors"] = [number for number in range(200) if _error(lambda number=number: os.fstat(number)) != errno.EBADF]
    yield "PROB", json.dumps(report).encode()


def _error(attempt: Callable[[], object]) -> int:
    try:
        attempt()
    except OSError as error:
        return error.errno or -1
    return 0


def ask(header: Mapping[str, Any], parts: list[Any]) -> Answer:
    """Ask for what the test wants asked for, as often as it says; give back what came."""
    for offset, length in header["asks"] * header.get("times", 1):
        os.write(header.get("descriptor", 3), b"WANT" + WANT.size.to_bytes(4, "big") + WANT.pack(offset, length))
        kind, size = os.read(0, 4), int.from_bytes(os.read(0, 4), "big")
        content = b""
        while len(content) < size:
            content += os.read(0, size - len(content))
        if header.get("times", 1) == 1:
            yield "GOOD", kind + content


def wander(header: Mapping[str, Any], parts: list[Any]) -> Answer:
    """Read here and there, as a reader of files does."""
    part = parts[0]
    for offset, length in header["reads"]:
        part.seek(offset)
        yield "GOOD", part.read(length)
    yield "GOOD", str([part.seek(0, os.SEEK_END), part.seek(-3, os.SEEK_CUR), len(part.read(99)), part.read(5)]).encode()


def asks_to_read(header: Mapping[str, Any], parts: list[bytes]) -> Answer:
    """Asks, whether or not somebody reads here."""
    yield "READ", bytes(header["size"])
