"""Frames between parent and child: four letters, a length (u32, big-endian), that many bytes. Nothing else crosses.

To the child: `HEAD` (JSON), then for each part `DATA`… and `PART`, or `FILE` (its size) for one that stays with the parent, or `READ` if
the parent can have pictures read, then `DONE`.
From the child: `HELO` (JSON: layers in force), the frames of the job, then `DONE`; between them questions, each answered with one `DATA`:
`WANT` (offset, length) for a piece of that file, `READ` (a picture) for the table of its words; or `NOPE` (a refusal's code), or `FAIL`
(nothing inside: an exception's text may hold words of the file).
"""

import json
import struct
from dataclasses import dataclass
from typing import Any

PREFIX = struct.Struct(">4sI")
CHUNK = 1 << 20
#: Taken from a pipe at once: what one holds. Asked for more, Python makes room for all of it each time, and gives most of it back.
TAKEN = 1 << 16
SMALL = 1 << 16
HEAD = 1 << 20  # a job's parameters: boxes too, however many requests drew them
#: A picture to be read: width and height, then a byte for each pixel, rows from the top; and the most bytes of its table.
PICTURE = struct.Struct(">II")
TABLE = 16 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    kind: str
    payload: bytes

    def json(self) -> Any:
        """The payload as JSON. Raises ValueError for anything else, NaN and infinities included."""
        try:
            return json.loads(self.payload.decode("utf-8"), parse_constant=_no_constant)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def prefix(kind: str, length: int) -> bytes:
    return PREFIX.pack(kind.encode("ascii"), length)


def pack_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
