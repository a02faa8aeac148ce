"""The test vectors of C2SP for the age format (tests/vectors/cctv-age): accepted or rejected as each of them says.

A vector is a whole age file. Its header is read by `age`, its payload by `stream`, as recovery does. Where one says that a payload fails,
what came out before must be whole authenticated chunks, and nothing else.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from portal.vault.age import open_header
from portal.vault.errors import Broken
from portal.vault.filekey import FileKey
from portal.vault.stream import CHUNK, SEALED_CHUNK, Opening
from tests.rooms.vault.stage import IDENTITY

FOLDER = Path(__file__).parents[2] / "vectors" / "cctv-age" / "testdata"

#: How the reader must tell each kind of failure, where it can tell it.
TOLD = {"no match": "for another identity", "HMAC failure": "MAC does not match"}
NO_ARMOR = "armor: the portal neither writes nor reads the ASCII form"
NO_PASSPHRASE = "scrypt: a recovery recipient is never a passphrase"


@dataclass(frozen=True)
class Vector:
    name: str
    expect: str
    identities: list[str]
    passphrase: bool
    armored: bool
    payload: str
    file_key: str
    file: bytes

    @property
    def not_applicable(self) -> str:
        """Why; empty if it applies. A vector with a passphrase and an identity applies: the identity is refused what it asks."""
        if self.armored:
            return NO_ARMOR
        return NO_PASSPHRASE if self.passphrase and not self.identities else ""


def read(path: Path) -> Vector:
    head, file = path.read_bytes().split(b"\n\n", 1)
    lines = [line.split(": ", 1) for line in head.decode().splitlines()]
    one = dict(lines)
    assert one.keys() <= {"expect", "payload", "file key", "identity", "passphrase", "armored", "compressed", "comment"}
    assert one.get("compressed", "zlib") == "zlib"
    return Vector(
        name=path.name,
        expect=one["expect"],
        identities=[value for name, value in lines if name == "identity"],
        passphrase="passphrase" in one,
        armored=one.get("armored") == "yes",
        payload=one.get("payload", ""),
        file_key=one.get("file key", ""),
        file=zlib.decompress(file) if "compressed" in one else file,
    )


VECTORS = [read(path) for path in sorted(FOLDER.iterdir())]
APPLICABLE = [vector for vector in VECTORS if not vector.not_applicable]


def parted(file: bytes) -> tuple[bytes, bytes]:
    """Header and payload: the header ends with the line that begins with `---`, or is all there is."""
    at = file.find(b"\n---")
    end = file.find(b"\n", at + 1) + 1 if at >= 0 else 0
    return (file[:end], file[end:]) if end else (file, b"")


def file_key_of(vector: Vector) -> FileKey:
    """As a person with several identities would try them."""
    refused: list[Broken] = []
    for identity in vector.identities or [IDENTITY]:  # the one vector without any is an empty file
        try:
            return open_header(parted(vector.file)[0], identity)
        except Broken as error:
            refused.append(error)
    raise refused[0]


def released(vector: Vector) -> Iterator[bytes]:
    payload = parted(vector.file)[1]
    key = file_key_of(vector)
    yield from Opening(key, payload[:16], len(payload), lambda offset, length: payload[offset : offset + length]).stream()


@pytest.mark.parametrize("vector", [v for v in APPLICABLE if v.expect == "success"], ids=lambda v: v.name)
def test_what_a_vector_accepts_opens_and_is_its_plaintext(vector: Vector) -> None:
    assert file_key_of(vector) == FileKey(bytes.fromhex(vector.file_key))
    assert hashlib.sha256(b"".join(released(vector))).hexdigest() == vector.payload


@pytest.mark.parametrize("vector", [v for v in APPLICABLE if v.expect not in {"success", "payload failure"}], ids=lambda v: v.name)
def test_a_header_that_a_vector_rejects_gives_no_key(vector: Vector) -> None:
    if vector.name in {"stream_no_nonce", "stream_short_nonce"}:  # age counts the nonce to the header; ours is the payload's
        with pytest.raises(Broken, match="no payload has"):
            list(released(vector))
        return
    with pytest.raises(Broken) as refused:
        file_key_of(vector)
    told = [kind for kind, words in TOLD.items() if words in refused.value.detail]
    assert told == [vector.expect] * (vector.expect in TOLD)


@pytest.mark.parametrize("vector", [v for v in APPLICABLE if v.expect == "payload failure"], ids=lambda v: v.name)
def test_a_payload_that_a_vector_rejects_gives_whole_authenticated_chunks_or_nothing(vector: Vector) -> None:
    came = []
    with pytest.raises(Broken):
        came.extend(released(vector))
    honest = authenticated(FileKey(bytes.fromhex(vector.file_key)), parted(vector.file)[1])
    assert hashlib.sha256(honest).hexdigest() == vector.payload
    assert honest.startswith(b"".join(came))
    assert len(b"".join(came)) % CHUNK == 0


def authenticated(key: FileKey, payload: bytes) -> bytes:
    """What a reader that goes from front to back may give out at most: chunk after chunk, up to the first that does not open."""
    cipher, body, plain = ChaCha20Poly1305(key.payload_key(payload[:16])), payload[16:], []
    for index, at in enumerate(range(0, len(body), SEALED_CHUNK)):
        for final in (False, True):
            try:
                opened = cipher.decrypt((index << 8 | final).to_bytes(12, "big"), body[at : at + SEALED_CHUNK], None)
            except InvalidTag:
                continue
            break
        else:
            break
        if (final and index and not opened) or (not final and len(opened) < CHUNK):
            break
        plain.append(opened)
        if final:
            break
    return b"".join(plain)


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.not_applicable], ids=lambda v: v.name)
def test_what_does_not_apply_is_refused_and_never_a_fault(vector: Vector) -> None:
    for identity in (*vector.identities, IDENTITY):
        with pytest.raises(Broken):
            open_header(parted(vector.file)[0], identity)


def test_how_many_vectors_there_are_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A vector that comes or goes, or that no longer applies, is seen."""
    counts = Counter(v.not_applicable or ("accepted" if v.expect == "success" else f"rejected: {v.expect}") for v in VECTORS)
    with capsys.disabled():
        print("\nC2SP vectors of age:", ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))  # noqa: T201
    assert dict(counts) == {
        "accepted": 18,
        "rejected: header failure": 41,
        "rejected: no match": 8,
        "rejected: HMAC failure": 1,
        "rejected: payload failure": 18,
        NO_ARMOR: 33,
        NO_PASSPHRASE: 24,
    }
