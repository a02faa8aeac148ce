"""The age v1 header (C2SP.org/age), kept apart from its payload: `header + payload` is a file that the stock age tool opens.

Written for one recipient, the recovery recipient of a body, whose kind decides the stanza: so the two kinds never share a header. Read
strictly: canonical base64 without padding, full lines, the MAC, nothing after it. Whatever is not exactly so is `Broken`.
"""

import hmac
import re

from portal.vault.errors import Broken
from portal.vault.filekey import FileKey
from portal.vault.recipients import (
    Stanza,
    decode_identity,
    decode_recipient,
    encode_identity,
    encode_recipient,
    from64,
    new_recovery_identity,
    parse_identity,
    parse_recipient,
    to64,
)

_VERSION = b"age-encryption.org/v1"
_COLUMNS = 64
_ARGUMENT = re.compile(rb"[!-~]+")


def write_header(key: FileKey, recipient: str) -> bytes:
    """A header from which the holder of the recipient's identity gets the file key. `Misconfigured` for a recipient that is none."""
    stanza = parse_recipient(recipient).wrap(key)
    first = b" ".join((b"->", stanza.kind, *stanza.arguments))
    head = b"\n".join((_VERSION, first, to64(stanza.body), b"---"))  # a wrapped key is one line, and not a full one
    return head + b" " + to64(_mac(key, head)) + b"\n"


def open_header(header: bytes, identity: str) -> FileKey:
    """The file key, for the recovery identity. Raises `Broken` for a header that is damaged or meant for another identity."""
    secret = parse_identity(identity)
    stanzas, covered, mac = _parsed(header)
    for stanza in stanzas:
        key = secret.unwrap(stanza)
        if key is not None:
            if not hmac.compare_digest(_mac(key, header[:covered]), mac):
                raise Broken("the age header's MAC does not match")
            return key
    raise Broken("the age header is for another identity")


def _parsed(header: bytes) -> tuple[list[Stanza], int, bytes]:
    """The stanzas, how many bytes the MAC covers, and the MAC."""
    if not header.endswith(b"\n"):
        raise Broken("the age header is cut")
    lines = header[:-1].split(b"\n")
    if lines[0] != _VERSION:
        raise Broken("not an age v1 header")
    if not lines[-1].startswith(b"--- "):
        raise Broken("the age header does not end with its MAC")
    mac = from64(lines[-1].removeprefix(b"--- "))
    if len(mac) != 32:
        raise Broken("the age header's MAC has another length")
    stanzas, at = [], 1
    while at < len(lines) - 1:
        stanza, at = _stanza(lines, at)
        stanzas.append(stanza)
    if not stanzas:
        raise Broken("the age header names no recipient")
    if len(stanzas) > 1 and any(stanza.kind == b"scrypt" for stanza in stanzas):
        raise Broken("the age header has a passphrase beside other recipients")
    return stanzas, len(header) - len(lines[-1]) - 1 + len(b"---"), mac


def _stanza(lines: list[bytes], at: int) -> tuple[Stanza, int]:
    """The stanza that begins at this line, and the line after it. A body ends with the first line that is not full."""
    if not lines[at].startswith(b"-> "):
        raise Broken("a stanza of the age header does not begin as it must")
    kind, *arguments = lines[at].removeprefix(b"-> ").split(b" ")
    if not all(_ARGUMENT.fullmatch(argument) for argument in (kind, *arguments)):
        raise Broken("a stanza of the age header has an argument that is none")
    body = []
    for line in lines[at + 1 : -1]:
        body.append(line)
        if len(line) > _COLUMNS:
            raise Broken("a line of the age header is too long")
        if len(line) < _COLUMNS:
            return Stanza(kind, tuple(arguments), from64(b"".join(body))), at + 1 + len(body)
    raise Broken("a stanza of the age header has no end")


def _mac(key: FileKey, covered: bytes) -> bytes:
    return hmac.digest(key.header_key(), covered, "sha256")


__all__ = [
    "decode_identity",
    "decode_recipient",
    "encode_identity",
    "encode_recipient",
    "new_recovery_identity",
    "open_header",
    "write_header",
]
