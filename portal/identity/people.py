"""The register of people. Roles come from the provider's groups at each sign-in; the portal itself can close an account, and record that
two are one human's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity.models import Person, SessionRow
from portal.kernel.framing import framed
from portal.kernel.vocabulary import Level, Role


def person_bytes(row: Person) -> bytes:
    """What a person's MAC covers: everything that decides what they may do.

    Rows from before the portal kept `human` and `releases_since` keep their MAC: where both are empty, neither is covered.
    """
    known = row.id, row.issuer, row.sub, row.body, row.roles_text, row.clearance, row.access_epoch, row.closed_at
    if row.human is None and row.releases_since is None:
        return framed("portal/person/v1", *known)
    return framed("portal/person/v2", *known, row.human, row.releases_since)


class People:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, person_id: UUID) -> Person | None:
        return self._session.get(Person, person_id)

    def kept(self, person_id: UUID) -> Person | None:
        """The person as of now; their row does not change until the transaction ends. Others may keep it as well."""
        found = select(Person).where(Person.id == person_id).with_for_update(read=True)
        return self._session.scalar(found.execution_options(populate_existing=True))

    def lock(self, person_id: UUID) -> Person | None:
        """The person as of now, locked: whoever acts in their name is done, or waits."""
        found = select(Person).where(Person.id == person_id).with_for_update()
        return self._session.scalar(found.execution_options(populate_existing=True))

    def known_as(self, issuer: str, sub: str) -> Person | None:
        """The person, locked, if they were here before."""
        return self._session.scalar(select(Person).where(Person.issuer == issuer, Person.sub == sub).with_for_update())

    def seen_as(self, issuer: str, sub: str) -> Person | None:
        """The same, only to look."""
        return self._session.scalar(select(Person).where(Person.issuer == issuer, Person.sub == sub))

    def add(self, person: Person) -> None:
        self._session.add(person)
        self._session.flush()

    def of_body(self, body: str) -> Sequence[Person]:
        return self._session.scalars(select(Person).where(Person.body == body).order_by(Person.created_at, Person.id)).all()

    def accounts_of(self, person: Person) -> Sequence[Person]:
        """Every account of the same human, this one included."""
        if person.human is None:
            return [person]
        return self._session.scalars(select(Person).where(Person.human == person.human).order_by(Person.id)).all()

    def belong(self, person: Person, body: str, roles: frozenset[Role], clearance: Level, at: datetime) -> bool:
        """Take over what the groups say today; True if anything changed, in which case older permits are void."""
        words = ",".join(sorted(roles))
        if (person.body, person.roles_text, person.clearance) == (body, words, int(clearance)):
            return False
        if Role.RELEASING_OFFICER not in roles:
            person.releases_since = None
        elif person.body != body or Role.RELEASING_OFFICER not in person.roles:
            person.releases_since = at
        person.body, person.roles_text, person.clearance = body, words, int(clearance)
        person.access_epoch += 1
        return True

    def void(self, person: Person) -> None:
        """Nothing that is under way in this person's name comes to an end, and what flows out to them is cut."""
        person.access_epoch += 1

    def close(self, person: Person, at: datetime) -> None:
        """Close the account and end its sessions at once."""
        person.closed_at = at
        self.end_sessions(person, at)

    def end_sessions(self, person: Person, at: datetime) -> list[UUID]:
        """End all sessions of this person, and void what is under way in them; returns which were not ended yet."""
        self.void(person)
        ended = update(SessionRow).where(SessionRow.person_id == person.id, SessionRow.revoked_at.is_(None)).values(revoked_at=at)
        return list(self._session.scalars(ended.returning(SessionRow.id)))
