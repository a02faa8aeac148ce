"""Events as syslog messages (RFC 5424), and their way to a receiver: TLS with octet counting (RFC 5425).

Syslog has no answer of its own. So each delivery is a connection that ends with a farewell: a receiver that closes it in order has read
everything before, and one that dies with something unread in its buffer resets it. Only after the former is a delivery done.
"""

import fcntl
import json
import os
import socket
import ssl
import struct
import termios
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from portal.audit.entry import Entry
from portal.audit.record import Outcome
from portal.kernel.events import Event
from portal.kernel.log_sections import SyslogEntry

#: Facility 13, log audit; severities 1 alert, 3 error, 4 warning, 6 informational.
FACILITY, ALERT = 13, 1
_SEVERITIES = {Outcome.DONE.value: 6, Outcome.REFUSED.value: 4, Outcome.FAILED.value: 3}
#: The id of the structured data. 32473 is the number that IANA keeps for such uses.
SD_ID = "portal@32473"
#: Seconds that a receiver is waited for, at each step.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    """An event on its way: its leaf's hash, and the leaf of the event that was sent before it, so that a gap can be seen."""

    entry: Entry
    leaf_hash: str
    before: int | None


def message(sent: Sent, host: str) -> bytes:
    """One message. Coded columns only; every value is escaped, and what is empty is left out."""
    entry = sent.entry
    alarm = entry.damaged or entry.event == Event.ALARM_RAISED
    priority = 8 * FACILITY + (ALERT if alarm else _SEVERITIES.get(entry.outcome, 5))
    facts = "".join(f' {name}="{escaped(value)}"' for name, value in _facts(sent).items() if value)
    when = f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}"
    said = f"{entry.event} {entry.outcome}"
    return f"<{priority}>1 {when} {_token(host, 255)} portal - {_token(entry.event, 32)} [{SD_ID}{facts}] {_ascii(said)}".encode()


def _facts(sent: Sent) -> Mapping[str, str]:
    entry = sent.entry
    return {
        "id": str(entry.id),
        "leaf": str(entry.leaf_index),
        "before": "" if sent.before is None else str(sent.before),
        "hash": sent.leaf_hash,
        "event": entry.event,
        "outcome": entry.outcome,
        "code": entry.code,
        "body": entry.actor_body,
        "actor": str(entry.actor or ""),
        "roles": " ".join(entry.actor_roles),
        "session": str(entry.session or ""),
        "action": entry.action,
        "type": entry.object_type,
        "object": entry.object_id,
        "document": str(entry.document or ""),
        "share": str(entry.share or ""),
        "rules": " ".join(entry.rules),
        "policy": entry.policy_hash,
        "detail": json.dumps(dict(entry.detail), sort_keys=True, separators=(",", ":")) if entry.detail else "",
        "damaged": "yes" if entry.damaged else "",
    }


def escaped(value: str) -> str:
    """A value of a parameter (RFC 5424, section 6.3.3): `"`, `\\` and `]` after a backslash, `?` for what cannot be printed."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in value)
    return plain.encode("utf-8", "replace").decode().replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _token(value: str, most: int) -> str:
    """A field of the header: printable ASCII without spaces, `-` for nothing."""
    return "".join(letter if "!" <= letter <= "~" else "?" for letter in value)[:most] or "-"


def _ascii(value: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in value)


def framed(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Each after its length in decimal and a space."""
    for each in messages:
        yield b"%d %s" % (len(each), each)


def deliver(receiver: SyslogEntry, messages: Iterable[bytes], *, patience: float = PATIENCE) -> None:
    """Send these, in order, and wait until the receiver has read them. Raises `OSError`; then some may have arrived."""
    context = ssl.create_default_context(cafile=receiver.ca_file)
    if receiver.cert_file is not None:
        context.load_cert_chain(receiver.cert_file, receiver.key_file)
    with (
        socket.create_connection((receiver.host, receiver.port), patience) as plain,
        context.wrap_socket(plain, server_hostname=receiver.host) as tls,
    ):
        tls.sendall(b"".join(framed(messages)))
        _farewell(tls, patience)


def _farewell(tls: ssl.SSLSocket, patience: float) -> None:
    """Say that this was all, and wait for the other side to close. Not all say farewell themselves; that they close in order is enough.

    Some close before they read (a receiver that does not know our name): then what we sent is answered by a reset instead of being
    acknowledged. So both are looked at before this holds for delivered.
    """
    with suppress(ssl.SSLEOFError):
        tls.unwrap()
    end = time.monotonic() + patience
    while True:
        (unread,) = struct.unpack("i", fcntl.ioctl(tls.fileno(), termios.TIOCOUTQ, bytes(4)))
        failed = tls.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, os.strerror(failed))
        if not unread:
            return
        if time.monotonic() > end:
            raise TimeoutError("the receiver closed, and did not acknowledge what was sent")
        time.sleep(0.01)
