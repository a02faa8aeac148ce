"""What every sample tells of: who looks and when, and the document it is all about. Invented States only."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

Context = dict[str, Any]
#: Who looks, at which place of the navigation, and what the page is given.
Page = tuple[Any, str, Context]

TITLE = "Report of the visit to the Republic of Samoria, 5–9 October 2026"
SYMBOL = "CTED/2026/XSM/3"

STATES = [
    ("XDM", "Republic of Damaria"),
    ("XNO", "Kingdom of Nordmark"),
    ("XSM", "Republic of Samoria"),
    ("XTA", "Tarsia"),
    ("XVL", "Kingdom of Velland"),
]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


NOW = datetime(2026, 11, 24, 14, 32, 9, tzinfo=UTC)
BODIES = (
    SimpleNamespace(code="CTED", name="Counter-Terrorism Committee Executive Directorate", short="Directorate"),
    SimpleNamespace(code="OCT", name="Office of Counter-Terrorism", short="Office"),
)


def _person(name: str, roles: str, body: str, short: str, *may: str) -> Any:
    full = next(entry.name for entry in BODIES if entry.code == body)
    return SimpleNamespace(name=name, roles_words=roles, body=body, body_short=short, body_name=full, may=set(may), local=False)


UPLOADER = _person("Dana Ruiz", "Uploader", "CTED", "Directorate", "document:list", "document:register", "received:list")
OFFICER = _person("Conrad Weiss", "Confidentiality officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list")
RELEASER = _person(
    "Rhea Okafor", "Releasing officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list", "account:list"
)
REVIEWER = _person("Omar Haddad", "Reviewer", "OCT", "Office", "received:list")
AUDITOR = _person("Audra Lindqvist", "Auditor", "CTED", "Directorate", "audit:read", "policy:read")
ADMINISTRATOR = _person("Sol Ibarra", "Security administrator", "CTED", "Directorate", "person:list", "account:list", "policy:read")
