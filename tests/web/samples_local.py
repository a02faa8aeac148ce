"""Invented contexts for the pages of local accounts."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from portal.identity.totp import address_of, picture_of
from portal.kernel.vocabulary import Level, Role
from tests.web.samples_story import ADMINISTRATOR, RELEASER, UPLOADER, Context, Page

AT = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = [f"7k2m-{n}q4x-9d8c-w3hp" for n in range(10)]

SIGN_IN_LOCAL: Context = {"values": {"login": ""}, "faults": {}}
SIGN_IN_LOCAL_FAULTS: Context = {
    "values": {"login": "ines"},
    "faults": {"login": "The name or the password is not right. Check both, then try again."},
}
CODE_FAULTS: Context = {"faults": {"code": "This code is not right, or was used already. Wait for the next one and type that."}}

INVITATION = SimpleNamespace(
    login="ines",
    name="Ines Quiroga",
    body="CTED",
    until=AT + timedelta(hours=72),
    secret=SECRET,
    picture=picture_of(address_of(SECRET, "ines", "Communication Portal CTED")),
)
ENROL: Context = {"invitation": INVITATION, "faults": {}}
ENROL_FAULTS: Context = {
    "invitation": INVITATION,
    "faults": {
        "handed_over": "This is not the code that goes with this link. Ask the officer who gave it to you.",
        "password": "Do not use names of yourself, your body or the portal (here: quiroga): whoever guesses begins with them.",
        "again": "The two passwords differ. Type the same one twice.",
        "first_code": "This is not the code of now. Is the device's clock right? Wait for the next one and type that.",
    },
}
ACCOUNT: Context = {
    "view": SimpleNamespace(login="ines", recovery_left=9),
    "changed": False,
    "password_faults": {},
    "codes_faults": {},
}
ACCOUNT_FAULTS: Context = {
    **ACCOUNT,
    "view": SimpleNamespace(login="ines", recovery_left=1),
    "password_faults": {"current": "This is not your password. Type it again."},
    "codes_faults": {"code": "This code is not right, or was used already. Wait for the next one and type that."},
}


def _row(n: int, name: str, status: tuple[str, str], **changes: Any) -> Context:
    row = SimpleNamespace(
        id=UUID(int=n),
        name=name,
        login=name.split()[0].lower(),
        roles_words="",
        clearance=Level.CONFIDENTIAL,
        status=status,
        invited_until=None,
        myself=False,
        closed=False,
    )
    entry: Context = {"row": row, "waiting": None, "grant_url": None, "confirm_url": None, "withdraw_url": None, "faults": {}}
    entry |= {"chosen": [], "clearance": "", "enrol": True}
    for key, value in changes.items():
        if hasattr(row, key):
            setattr(row, key, value)
        else:
            entry[key] = value
    return entry


def _waiting(*, mine: bool) -> SimpleNamespace:
    by = "Rhea Okafor" if mine else "Conrad Weiss"
    return SimpleNamespace(
        id=UUID(int=99), roles_words="Uploader", clearance_words="Confidential", enrol=True, by=by, at=AT - timedelta(hours=3), mine=mine
    )


_WAITING = _row(
    1, "Ines Quiroga", ("wait", "Proposed"), waiting=_waiting(mine=False), confirm_url="accounts.html", withdraw_url="accounts.html"
)
_OWN = _row(2, "Jun Sato", ("wait", "Proposed"), waiting=_waiting(mine=True), withdraw_url="accounts.html")
_NEW = _row(3, "Kofi Mensah", ("wait", "Proposed"), grant_url="accounts.html")
_HERE = _row(4, "Lena Brandt", ("done", "Enrolled"), roles_words="Reviewer, Uploader", grant_url="accounts.html", enrol=False)
_ASKED = _row(5, "Mara Ilves", ("wait", "Invited"), roles_words="Uploader", invited_until=AT + timedelta(hours=60))
_MYSELF = _row(6, "Rhea Okafor", ("done", "Enrolled"), roles_words="Releasing officer", myself=True)
_CLOSED = _row(7, "Nils Aas", ("late", "Closed"), roles_words="Uploader", closed=True)

_LISTS: Context = {
    "propose_url": None,
    "values": {},
    "faults": {},
    "roles": [(role.value, role.words) for role in Role],
    "levels": [(str(int(level)), level.words) for level in Level],
}
ACCOUNTS: Context = {**_LISTS, "rows": [_WAITING, _OWN, _NEW, _HERE, _ASKED, _MYSELF, _CLOSED]}
_FAULTS = {
    "roles": "Choose what the person is to do, at least one of the roles in the list.",
    "clearance": "Choose up to which level they are cleared.",
    "enrol": "Nobody is enrolled for this account yet. Let a link be made.",
}
ACCOUNTS_FAULTS: Context = {**_LISTS, "rows": [{**_NEW, "faults": _FAULTS, "enrol": False}]}
ACCOUNTS_PROPOSE: Context = {
    **_LISTS,
    "rows": [{**entry, "grant_url": None, "confirm_url": None, "withdraw_url": None} for entry in (_WAITING, _HERE)],
    "propose_url": "accounts.html",
    "values": {"name": "Ines Quiroga", "login": "in es"},
    "faults": {"login": "Use 3 to 64 of a-z, 0-9, dots, hyphens and underscores, and begin with a letter or a digit."},
}
HAND_OVER_CODE: Context = {"code": CODES[0], "link": ""}
HAND_OVER_LINK: Context = {"code": "", "link": f"portal.example/enrol/{UUID(int=3)}/{'Qm4x' * 10}abc"}

PAGES: dict[str, Page] = {
    "sign_in_local": (None, "", SIGN_IN_LOCAL),
    "sign_in_local-faults": (None, "", SIGN_IN_LOCAL_FAULTS),
    "sign_in_code": (None, "", {"faults": {}}),
    "sign_in_code-faults": (None, "", CODE_FAULTS),
    "confirm_local": (RELEASER, "", {"about": "a-form", "faults": {}}),
    "confirm_local-faults": (RELEASER, "", {"about": "a-form", **CODE_FAULTS}),
    "enrol": (None, "", ENROL),
    "enrol-faults": (None, "", ENROL_FAULTS),
    "recovery_codes": (None, "", {"codes": CODES, "first": True}),
    "recovery_codes-new": (UPLOADER, "", {"codes": CODES, "first": False}),
    "account": (UPLOADER, "", ACCOUNT),
    "account-changed": (UPLOADER, "", {**ACCOUNT, "changed": True}),
    "account-faults": (UPLOADER, "", ACCOUNT_FAULTS),
    "accounts": (RELEASER, "accounts", ACCOUNTS),
    "accounts-empty": (RELEASER, "accounts", {**ACCOUNTS, "rows": []}),
    "accounts-faults": (RELEASER, "accounts", ACCOUNTS_FAULTS),
    "accounts-propose": (ADMINISTRATOR, "accounts", ACCOUNTS_PROPOSE),
    "hand_over": (RELEASER, "accounts", HAND_OVER_CODE),
    "hand_over-link": (RELEASER, "accounts", HAND_OVER_LINK),
}
