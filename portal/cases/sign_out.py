"""The way out: the portal's own session ends first, always; then the browser is sent to whoever vouched for the person, to leave there.

OpenID Connect RP-Initiated Logout 1.0. Between the two stands a session that knows nothing but how to leave; it opens no door.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any

from portal.cases.session_data import data_of
from portal.cases.sign_in import SignInRefused, begin_session
from portal.cases.uow import Parts, UnitOfWork
from portal.identity.sessions import new_token
from portal.kernel.errors import Hidden, Unavailable
from portal.kernel.permit import Subject


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who may leave at their provider, and how the browser proves on its way back that it was sent from here."""

    provider: str
    id_token: str
    state: str

    @classmethod
    def kept(cls, raw: Any) -> "Leaving | None":
        """What a session keeps, None if it keeps nothing."""
        return cls(**raw) if isinstance(raw, dict) else None

    def was_left(self, state: str) -> bool:
        return compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Exit:
    """The way out at the provider: an address, "" if it has none. `reached` is False if it does not answer."""

    url: str
    reached: bool = True


def end_session(uow: UnitOfWork, subject: Subject) -> str | None:
    """Sign out. Returns the token of a session that only knows how to leave the provider, None if there is none to leave."""
    row = uow.sessions.get(subject.session)
    if row is None:
        return None
    data = data_of(uow, row)
    row.revoked_at = uow.at
    provider, id_token = str(data.get("provider", "")), str(data.get("id_token", ""))
    if provider not in uow.parts.providers or not id_token:
        return None
    return begin_session(uow, {"leaving": asdict(Leaving(provider, id_token, new_token()))})


@contextmanager
def leave_provider(parts: Parts, leaving: Leaving | None) -> Iterator[Exit]:
    """Ask the provider, without a transaction open, where to send the browser."""
    provider = parts.providers.get(leaving.provider) if leaving is not None else None
    if provider is None or leaving is None:
        raise Hidden("nobody is leaving")
    back = parts.config.portal.public_url.rstrip("/") + "/sign-in?out=1"
    try:
        found = Exit(provider.end_session_url(leaving.id_token, back, leaving.state) or "")
    except (SignInRefused, Unavailable):
        found = Exit("", reached=False)
    yield found
