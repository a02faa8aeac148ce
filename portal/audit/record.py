"""One act as the log keeps it: coded facts in the clear, words sealed.

A code has no spaces and no commas, so that a title or a remark cannot slip into a clear column; whoever has words to keep has the
wrong column. A hidden object and an absent one give the same record except for `originator` and `private`, which the acting body
never sees.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from portal.kernel.errors import PortalError
from portal.kernel.events import Event

Fact = str | int | bool
#: The body under whose key lies what belongs to no body. Nobody signs in for it.
PORTAL = "PORTAL"

_CODE = re.compile(r"[!-+\--~]{1,200}")  # printable ASCII without space and comma
_BODY = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Unrecordable(PortalError):
    """A record that cannot go into the log as it is; the act must not happen. `detail` says which field and why."""

    code = "unrecordable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What happened. `who` and `address` are sealed for the actor's body, `private` for the originator; all else is coded.

    `object_id` is "" where the object is absent or hidden from the actor. `actor_body` is "" for strangers. `bodies` are those whose
    auditors may read the shared part, `originator` the one whose auditors may read `private`; with none, nobody may. `code` is an
    error's code, or "".
    """

    event: Event
    outcome: Outcome = Outcome.DONE
    code: str = ""
    actor: UUID | None = None
    actor_body: str = ""
    actor_roles: tuple[str, ...] = ()
    session: UUID | None = None
    who: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    document: UUID | None = None
    share: UUID | None = None
    bodies: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    policy_hash: str = ""
    detail: Mapping[str, Fact | list[Fact]] = field(default_factory=dict)
    originator: str = ""
    private: Mapping[str, Fact] = field(default_factory=dict, repr=False)


def is_body(code: str) -> bool:
    """Whether this can be the code of a body: capitals, digits, `_` and `-`, at most 32. `PORTAL` is not."""
    return bool(_BODY.fullmatch(code)) and code != PORTAL


def check(record: Record) -> None:
    """Raise `Unrecordable` unless every coded field holds codes and every fact is one."""
    singles = {name: getattr(record, name) for name in ("code", "action", "object_type", "object_id", "policy_hash")}
    for name, value in singles.items():
        if value:
            _demand_code(name, value)
    for name, values in (("actor_roles", record.actor_roles), ("rules", record.rules)):
        for value in values:
            _demand_code(name, value)
    for name, bodies in (("actor_body", [record.actor_body]), ("bodies", record.bodies), ("originator", [record.originator])):
        for body in bodies:
            if not is_body(body) and not (body == "" and name != "bodies"):
                raise Unrecordable(f"{name}: {body!r} is not the code of a body (capitals, digits, _ and -)")
    for key, fact in record.detail.items():
        _demand_key("detail", key)
        for item in fact if isinstance(fact, list) else [fact]:
            if isinstance(item, str) and item:
                _demand_code(f"detail.{key}", item)
            elif not isinstance(item, str | int):
                raise Unrecordable(f"detail.{key}: a fact is a code, a whole number or yes or no, not {type(item).__name__}")
    for key, fact in record.private.items():
        _demand_key("private", key)
        if not isinstance(fact, str | int):
            raise Unrecordable(f"private.{key}: a fact is text, a whole number or yes or no, not {type(fact).__name__}")


def _demand_code(name: str, value: str) -> None:
    if not _CODE.fullmatch(value):
        raise Unrecordable(f"{name}: only a code can stand here (printable ASCII, no space, no comma, at most 200); words are sealed")


def _demand_key(name: str, key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Unrecordable(f"{name}: {key!r} is not a name of a fact (small letters, digits and _)")


def joined(codes: Iterable[str]) -> str:
    """Codes as one text column: `,CTED,OCT,`, or "" for none. The outer commas let a filter match whole codes only."""
    text = ",".join(codes)
    return f",{text}," if text else ""


def parted(text: str) -> tuple[str, ...]:
    """The codes of a joined column."""
    return tuple(part for part in text.split(",") if part)
