"""The way in and out: a sign-in begins in a fresh session, ends in another, and takes its roles from the provider's groups each time."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal.audit.history import integrity
from portal.audit.record import Fact
from portal.cases.askers import asker
from portal.cases.facts import Located
from portal.cases.separation import must_be_separate
from portal.cases.session_data import data_of, sealed
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.identity.arrival import Arrival
from portal.identity.claims import NotOfUs, ProviderUnsound, TokenRefused
from portal.identity.models import Person, SessionRow
from portal.identity.oidc import Claims as Claims
from portal.identity.oidc import Flow, Provider
from portal.identity.oidc import SignInRefused as SignInRefused
from portal.identity.roles import membership
from portal.identity.sessions import TOUCH, new_token, token_hash
from portal.kernel.config import ProviderEntry
from portal.kernel.errors import Hidden, PortalError
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Subject
from portal.kernel.vocabulary import Role

log = logging.getLogger("portal.sign_in")

#: Sign-ins under way in one browser.
MOST_FLOWS = 4
#: Sign-ins under way at one time; without an end strangers could fill the table.
MOST_UNFINISHED = 2000


class AccountClosed(NotOfUs):
    """The account was closed here, whatever the provider says."""

    code = "account_closed"
    public = "This account is closed. Ask the security administrator of your organisation."


class Answered(Protocol):
    """What the browser brought back from the provider."""

    @property
    def provider(self) -> str: ...

    @property
    def flow(self) -> str: ...

    @property
    def params(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A browser session as found by its token: its row's id, its data, and the person if one is signed in."""

    id: UUID
    data: dict[str, object]
    subject: Subject | None


def find_session(uow: UnitOfWork, token: str) -> Opened | None:
    """The live session of a token, with the person as they are now; None when there is none."""
    row = uow.sessions.find(token, uow.at)
    if row is None:
        return None
    data = data_of(uow, row)
    if row.person_id is None:
        return Opened(row.id, data, None)
    person = uow.people.get(row.person_id)
    if person is None or uow.vouched(person).closed_at is not None or data.get("_user_id") != str(person.id):
        return None
    return Opened(row.id, data, as_subject(uow, person, row, data))


def needs_touch(uow: UnitOfWork, session_id: UUID) -> bool:
    row = uow.sessions.get(session_id)
    return row is not None and uow.at - row.last_seen >= TOUCH


def touch(uow: UnitOfWork, session_id: UUID) -> None:
    row = uow.sessions.get(session_id)
    if row is not None and uow.sessions.alive(row, uow.at):
        row.last_seen = uow.at


def begin_session(uow: UnitOfWork, data: Mapping[str, object]) -> str:
    """A session for a stranger who wants to sign in. Returns its token. When very many are under way, the oldest give way."""
    uow.sessions.keep_unfinished(MOST_UNFINISHED - 1)
    token, row = new_token(), new_id()
    uow.sessions.open(token, uow.at, session_id=row, data=sealed(uow, row, data, token_hash(token)))
    return token


def store_session(uow: UnitOfWork, session_id: UUID, data: Mapping[str, object]) -> None:
    row = uow.sessions.get(session_id)
    if row is not None and row.revoked_at is None:
        row.data = sealed(uow, session_id, data, row.token_hash)


def admit(uow: UnitOfWork, begun: UUID, provider: str, claims: Claims, carried: Mapping[str, object] | None = None) -> str:
    """Let the person in: roles from groups, account known or made, session rotated. Returns the new session's token.

    Raises `SignInRefused` for a person without a role here, with roles that exclude each other, or with a closed account.
    """
    entry = uow.parts.config.identity.named(provider)
    person = uow.people.known_as(claims.issuer, claims.subject)
    known = uow.vouched(person) if person is not None else None
    with _about(known):
        member = membership(claims.groups, entry)
        if known is not None and known.closed_at is not None:
            raise AccountClosed(f"closed account {known.id}")
    if person is None:
        row = new_id()
        person = Person(
            id=row,
            issuer=claims.issuer,
            sub=claims.subject,
            body=member.body,
            roles_text=",".join(sorted(member.roles)),
            clearance=int(member.clearance),
            name=uow.seal(member.body, "person", "name", row, claims.name),
            access_epoch=0,
            created_at=uow.at,
            releases_since=uow.at if Role.RELEASING_OFFICER in member.roles else None,
        )
        uow.vouch(person)
        uow.people.add(person)
    else:
        uow.people.belong(person, member.body, member.roles, member.clearance, uow.at)
        person.name = uow.seal(member.body, "person", "name", person.id, claims.name)
        uow.vouch(person)
    return open_session(uow, begun, person, _arrival(uow, entry, claims), carried)


def _arrival(uow: UnitOfWork, entry: ProviderEntry, claims: Claims) -> Arrival:
    at = claims.authenticated_at
    return Arrival(
        provider=entry.name,
        issuer=claims.issuer,
        subject=claims.subject,
        name=claims.name,
        authenticated_at=at or uow.at,
        # A provider whose clock is ahead of ours by some seconds vouches for now, not for later.
        confirmed_at=min(at, uow.at) if at is not None and claims.acr in entry.step_up_acr else None,
        provider_session=claims.provider_session,
        id_token=claims.id_token,
    )


def open_session(uow: UnitOfWork, begun: UUID, person: Person, arrival: Arrival, carried: Mapping[str, object] | None = None) -> str:
    """The session of somebody who signed in, in the place of the one that was begun, with what is `carried` over. Returns its token.

    Raises `ConflictingRoles` if what the account holds excludes what its human holds besides.
    """
    with _about(person):
        must_be_separate(uow, person, person.roles)
    person.last_sign_in = uow.at
    kept = _replaced(uow, begun, person)
    token, row = new_token(), new_id()
    data: dict[str, object] = {
        **(carried or {}),
        "browser": str(kept.get("browser", "")),
        "name": arrival.name,
        "provider": arrival.provider,
        "id_token": arrival.id_token,
        "confirmed_at": arrival.confirmed_at.isoformat() if arrival.confirmed_at else "",
        "_user_id": str(person.id),
        "_fresh": True,
    }
    opened = uow.sessions.open(token, uow.at, session_id=row, data=sealed(uow, row, data, token_hash(token)))
    opened.person_id = person.id
    opened.authenticated_at = arrival.authenticated_at
    opened.provider_session = arrival.provider_session
    uow.session.flush()
    uow.notes.detail |= {"person": str(person.id), "roles": sorted(person.roles), "session": str(row), "provider": arrival.provider}
    uow.notes.actor = as_subject(uow, person, opened, data)
    return token


@contextmanager
def _about(person: Person | None) -> Iterator[None]:
    """A refusal within says whom it is about, for `end_refused`."""
    try:
        yield
    except NotOfUs as error:
        error.person = person.id if person is not None else None
        raise


def end_refused(uow: UnitOfWork, located: Located, error: PortalError) -> None:
    """Who was just refused for what they are now is not to go on as what they were: their other sessions end, with an event."""
    person = uow.people.lock(error.person) if isinstance(error, NotOfUs) and error.person is not None else None
    if person is None:
        return
    ended = uow.people.end_sessions(uow.vouched(person), uow.at)
    uow.vouch(person)
    if ended:
        told: dict[str, Fact | list[Fact]] = {"cause": error.code, "person": str(person.id), "sessions": sorted(map(str, ended))}
        uow.also(Event.SESSION_ENDED, Notes(detail=told), originator=person.body)


def _replaced(uow: UnitOfWork, begun: UUID, person: Person) -> dict[str, object]:
    """End the session that was begun, once, and return what it kept. If somebody else was signed in there, their end is an event."""
    old = uow.sessions.lock(begun)
    if old is None or old.revoked_at is not None:
        raise SignInRefused("the session that began this sign-in is over: another answer to it came first")
    kept = data_of(uow, old)
    other = uow.people.get(old.person_id) if old.person_id not in (None, person.id) else None
    if other is not None:
        facts: dict[str, Fact | list[Fact]] = {"person": str(other.id), "sessions": [str(old.id)]}
        uow.also(Event.SESSION_ENDED, Notes(detail=facts, actor=as_subject(uow, other, old, kept)), originator=other.body)
    old.revoked_at = uow.at
    return kept


def csrf_token(token: str) -> str:
    """A token for forms, bound to the session: nobody who cannot read the cookie can make it."""
    return token_hash("portal/csrf/v1 " + token).hex()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign in, as the page offers it."""

    name: str
    label: str


def ways_in(parts: Parts) -> list[Way]:
    return [Way(entry.name, entry.label) for entry in parts.config.identity.provider]


def start_sign_in(parts: Parts, provider: str) -> tuple[str, str]:
    """Where to send the browser, and the flow to keep in its session until it comes back."""
    with diagnosed(provider):
        url, flow = known_provider(parts, provider).begin()
    return url, flow.to_json()


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who came back from the provider. `confirms`: they were sent there to confirm that it is them, `about`: for what."""

    claims: Claims
    confirms: bool
    about: str


def flows_in(data: Mapping[str, object]) -> dict[str, str]:
    """The sign-ins that are under way in a browser, by their state."""
    kept = data.get("flows")
    return dict(kept) if isinstance(kept, dict) else {}


def with_flow(flows: Mapping[str, str], flow: str) -> dict[str, str]:
    """The same with one more: each tab of a browser may have its own. The oldest give way."""
    begun = sorted([*map(Flow.from_json, flows.values()), Flow.from_json(flow)], key=lambda each: each.started_at)
    return {each.state: each.to_json() for each in begun[-MOST_FLOWS:]}


@contextmanager
def finish_sign_in(parts: Parts, answer: Answered) -> Iterator[CameBack]:
    """Ask the provider, without a transaction open, who came back. Raises `SignInRefused` or `ProviderDown`."""
    with diagnosed(answer.provider):
        flow = Flow.from_json(answer.flow)
        claims = known_provider(parts, answer.provider).finish(flow, answer.params)
    yield CameBack(claims, flow.confirms, flow.about)


@contextmanager
def diagnosed(provider: str) -> Iterator[None]:
    """The page does not say at which check a sign-in failed; whoever mends it reads that here. Nothing of what was sent is repeated."""
    try:
        yield
    except SignInRefused as error:
        # What any stranger can bring about must not fill the program's log.
        level = logging.WARNING if isinstance(error, TokenRefused | ProviderUnsound) else logging.INFO
        log.log(level, "%s, by %s: %s", error.code, provider, error.detail)
        raise


def known_provider(parts: Parts, provider: str) -> Provider:
    try:
        return parts.providers[provider]
    except KeyError:
        raise Hidden("there is no such provider") from None


def log_is_healthy(uow: UnitOfWork) -> bool:
    """Pending events are sequenced within seconds; if they age, the log is stuck. Without room on the disk it will be."""
    return not integrity(uow.session, uow.at).late and not uow.parts.reserve.is_touched()


def as_subject(uow: UnitOfWork, person: Person, row: SessionRow, data: Mapping[str, object]) -> Subject:
    """The person as the policy sees them now; `data` is what their session keeps, as opened."""
    confirmed = str(data.get("confirmed_at", ""))
    return replace(
        asker(uow, person),
        session=row.id,
        name=str(data.get("name", "")),
        confirmed_at=datetime.fromisoformat(confirmed) if confirmed else None,
    )
