"""Reading forms, and giving them back with what was typed."""

from typing import Any

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
