"""The form of a request, on the document's page and on the marking page: what it offers, what was typed, and what it says."""

from collections.abc import Iterable
from typing import Any

from flask import request

from portal.cases.request_form import GROUNDS, RECEIVED, RequestForm
from portal.web.forms import entered, typed, version_asked

FIELDS = ("ground", "state", "reference", "dated", "received", "until", "pages", "boxes")


def request_typed(scope: str) -> RequestForm:
    said = {name: typed(name) for name in FIELDS}
    return RequestForm(
        scope=scope, version=version_asked(), bodies=tuple(request.form.getlist("bodies")), **said | {"ground": said["ground"] or "state"}
    )


def request_entered() -> dict[str, Any]:
    """Everything typed, so that nothing is lost when the form is shown again."""
    return entered(*FIELDS, "scope", "version") | {"bodies": request.form.getlist("bodies")}


def request_choices(bodies: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`bodies`: code and name of every other body; one alone is nothing to choose from."""
    others = list(bodies)
    return {"grounds": list(GROUNDS.items()), "received": list(RECEIVED.items()), "bodies": others if len(others) > 1 else []}
