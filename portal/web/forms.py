"""Reading forms, and giving them back with what was typed."""

from typing import Any
from uuid import UUID

from flask import g, request


def typed(name: str) -> str:
    """One field, without surrounding blanks; empty when it was not sent."""
    return request.form.get(name, "").strip()


def faults() -> dict[str, str]:
    """The faults of the form that was just refused, if this page is shown again."""
    found: dict[str, str] = g.get("faults", {})
    return found


def entered(*names: str) -> dict[str, Any]:
    """What was typed in these fields, so that nothing is lost when a form is shown again."""
    return {name: typed(name) for name in names}


def version_asked() -> int | None:
    """Which version the address or the form names; 0, which there never is, for anything but a number; None if none is named."""
    return number_asked("version")


def number_asked(name: str) -> int | None:
    """A number that the address or the form gives; 0 for anything but a number; None if none is given."""
    said = request.args.get(name) or typed(name)
    if not said:
        return None
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0


def id_typed(name: str) -> UUID | None:
    """The id in this field, or in the address; None if there is none."""
    try:
        return UUID(typed(name) or request.args.get(name, ""))
    except ValueError:
        return None
