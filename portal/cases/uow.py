"""The unit of work: one transaction, the rooms opened on it, and what is to be recorded when it commits.

Only the gateway's passages commit it. Leaving without a commit undoes everything.
"""

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.history import latest_detail
from portal.audit.log import append
from portal.audit.record import Fact, Record
from portal.audit.sequencer import Sequencer
from portal.audit.witnessed import Witnessed
from portal.confidentiality.communications import Communications
from portal.confidentiality.places import RequestPlaces
from portal.confidentiality.register import Renditions, Requests
from portal.confidentiality.render.office import Office
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.request_acts import RequestActs
from portal.confidentiality.visit_requests import VisitRequests
from portal.documents.keeping import Keeping
from portal.documents.models import Document
from portal.documents.refused import RefusedFiles
from portal.documents.register import Documents
from portal.documents.scanner import Scanner
from portal.documents.uploads import Uploads
from portal.identity.deputies import Deputies, Deputy, deputy_bytes
from portal.identity.filters import SavedFilters
from portal.identity.grants import RoleGrants
from portal.identity.local import LocalAccounts
from portal.identity.logout_register import LogoutTokens
from portal.identity.models import Person
from portal.identity.oidc import Provider
from portal.identity.people import People, person_bytes
from portal.identity.roles import excluding
from portal.identity.sessions import Sessions
from portal.identity.throttle import Throttle
from portal.kernel.clock import Clock
from portal.kernel.config import Config
from portal.kernel.database import Database
from portal.kernel.errors import Stale, Unauthenticated
from portal.kernel.events import Event
from portal.kernel.permit import Duty, Permit, Subject
from portal.kernel.reserve import Reserve
from portal.kernel.sealing import Place, Sealed
from portal.kernel.vocabulary import Role
from portal.policy.changes import PolicyChanges
from portal.policy.decide import Context
from portal.policy.load import PolicySet
from portal.registers.member_states import MemberStates
from portal.registers.visits import Visits
from portal.sharing.onward import OnwardRequests
from portal.sharing.readings import PageReadings
from portal.sharing.register import Proposals, Shares
from portal.sharing.remarks import Remarks
from portal.sharing.transfers import Transfers
from portal.vault.holder import EmbeddedHolder
from portal.vault.objects import Vault
from portal.vault.register import Objects

#: The pseudo body whose key seals the portal's own rows.
PORTAL = "PORTAL"
log = logging.getLogger("portal.uow")
Seen = TypeVar("Seen")
#: How much of a snapshot is remembered: more than a page rests on.
REMEMBERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the portal is made of, wired once by `app`."""

    config: Config
    database: Database
    clock: Clock
    holder: EmbeddedHolder
    vault: Vault
    policies: PolicySet
    sandbox: Sandbox
    scanner: Scanner | None
    office: Office
    providers: Mapping[str, Provider]
    sequencer: Sequencer
    reserve: Reserve
    #: What the witnesses signed last; None if none is demanded.
    witnessed: Witnessed | None
    member_states: MemberStates
    recovery: Mapping[str, str]

    @contextmanager
    def read(self) -> Iterator["UnitOfWork"]:
        with self.database.read() as session:
            yield UnitOfWork(self, session, writes=False)

    @contextmanager
    def write(self) -> Iterator["UnitOfWork"]:
        with self.database.write() as session:
            yield UnitOfWork(self, session, writes=True)


@dataclass(slots=True)
class Notes:
    """What a case wants recorded with the guard's event: coded facts, and what only the originator may learn."""

    detail: dict[str, Fact | list[Fact]] = field(default_factory=dict)
    private: dict[str, str | int | bool] = field(default_factory=dict)
    bodies: set[str] = field(default_factory=set)
    document: UUID | None = None
    share: UUID | None = None
    #: Who acted, where the door did not know yet (at sign-in).
    actor: Subject | None = None
    #: Whose acts are summed, where the portal tells of them by itself: person, body, session.
    summed: tuple[UUID, str, UUID] | None = None
    #: What was done, where the door did not know yet (back from a provider).
    event: Event | None = None
    #: What was met while the answer flowed out (event, notes, originator): told with its end.
    met: list[tuple[Event, "Notes", str]] = field(default_factory=list)


class UnitOfWork:
    """The rooms on one transaction. One that `writes` locks what it decides on before it looks; a snapshot needs no locks."""

    def __init__(self, parts: Parts, session: Session, *, writes: bool) -> None:
        self.parts = parts
        self.session = session
        self.writes = writes
        self.at: datetime = parts.clock.now()
        self.holder = parts.holder
        self.people = People(session)
        self.deputies = Deputies(session)
        self.sessions = Sessions(session, parts.config.session)
        self.logout_tokens = LogoutTokens(session)
        self.local = LocalAccounts(session)
        self.grants = RoleGrants(session)
        self.saved_filters = SavedFilters(session)
        self.throttle = Throttle(session)
        self.policy_changes = PolicyChanges(session)
        self.visits = Visits(session)
        self.documents = Documents(session)
        self.keeping = Keeping(session)
        self.uploads = Uploads(session)
        self.refused_files = RefusedFiles(session)
        self.requests = Requests(session)
        self.request_acts = RequestActs(session)
        self.request_places = RequestPlaces(session)
        self.visit_requests = VisitRequests(session)
        self.communications = Communications(session)
        self.renditions = Renditions(session)
        self.proposals = Proposals(session)
        self.shares = Shares(session)
        self.onward = OnwardRequests(session)
        self.readings = PageReadings(session)
        self.remarks = Remarks(session)
        self.transfers = Transfers(session)
        self.objects = Objects(session)
        self.notes = Notes()
        #: Documents whose words were shown, with the epoch they had: a list is checked like an item before it leaves.
        self.shown: dict[UUID, int] = {}
        self._extra: list[tuple[Event, Notes, str]] = []
        self._discharged: set[Duty] = set()
        self._seen: dict[Hashable, Any] = {}
        #: What a look enters in the short transaction that records it. It says whether that tells of the look already: then no event does.
        self.enters: Callable[[UnitOfWork], bool] | None = None
        #: What follows once this is committed, and is repeated by the background loop if it fails or a crash comes first.
        self.afterwards: list[Callable[[], object]] = []

    def once(self, what: Hashable, look: Callable[[], Seen]) -> Seen:
        """What `look` finds. In a snapshot nothing moves: there it looks once. An act that writes looks each time: it may have waited."""
        if self.writes:
            return look()
        if what not in self._seen:
            found = look()
            if len(self._seen) >= REMEMBERED:  # who walks the whole register needs no more memory than who looks at a page
                self._seen.clear()
            self._seen[what] = found
        return self._seen[what]  # type: ignore[no-any-return]

    # ---- words
    def seal(self, body: str, table: str, column: str, row: UUID, value: str) -> Sealed:
        return self.holder.seal_field(body, Place(table, column, row), value)

    def words(self, permit: Permit, table: str, column: str, row: UUID, value: Sealed) -> str:
        return self.holder.open_field(permit, Place(table, column, row), value)

    # ---- objects that nothing needs any more
    def drop(self, object_ids: Sequence[UUID]) -> None:
        """Delete the rows of these objects; the objects themselves follow the commit. One that the store keeps then is for the sweep."""
        self.afterwards += [partial(self.parts.vault.discard_key, key) for key in self.objects.remove(object_ids)]

    def follow(self) -> None:
        """What follows the commit. The act is done: a step that fails is repeated by the background loop."""
        for step in self.afterwards:
            try:
                step()
            except Exception as error:
                log.error("a step after a committed act failed and will be repeated: %s", type(error).__name__)

    # ---- duties
    def discharge(self, duty: Duty) -> None:
        self._discharged.add(duty)

    def context(self, subject: Subject | None, *, recipient: str | None = None) -> Context:
        """What a decision about this person depends on now."""
        return Context(now=self.at, recipient=recipient, confirmed=self.is_confirmed(subject))

    def is_confirmed(self, subject: Subject | None) -> bool:
        """Did this person use a second factor within the last minutes? One yet to come is none: a clock set back extends nothing."""
        if subject is None or subject.confirmed_at is None:
            return False
        age = self.at - subject.confirmed_at
        return timedelta(0) <= age < timedelta(minutes=self.parts.config.identity.step_up_minutes)

    def undischarged(self, permit: Permit) -> frozenset[Duty]:
        return permit.duties - self._discharged

    # ---- what is recorded
    def also(self, event: Event, notes: Notes, *, originator: str) -> None:
        """Record one more event with the guard's, for a consequence of the act."""
        self._extra.append((event, notes, originator))

    def consequences(self) -> list[tuple[Event, Notes, str]]:
        return self._extra

    def record(self, record: Record) -> UUID:
        return append(self.session, record, at=self.at, sealer=self.holder)

    def last_adoption(self) -> Mapping[str, Any]:
        """What the log says of the policy that was adopted last; empty before the first."""
        return latest_detail(self.session, Event.POLICY_ADOPTED)

    def last_policy(self) -> str:
        """The hash of the policy in force; empty before the first."""
        return str(self.last_adoption().get("policy", ""))

    # ---- epochs and locks; everybody locks in this order: person, session, visit, document, head of the log
    def held(self, document: Document) -> Document:
        """In an act that writes, the document with its visit and itself locked, and read afresh: nobody closes or opens it beside us."""
        if not self.writes:
            return document
        if document.visit_id is not None:
            self.visits.lock(document.visit_id)
        return self.documents.lock(document.id)

    def held_for(self, permit: Permit, document: Document) -> Document:
        """The same, for the act of this permit: `Stale` if the document is not at the epoch that the permit was given for."""
        locked = self.held(document)
        if permit.facts.document == locked.id and permit.facts.epoch != locked.epoch:
            raise Stale(f"document {locked.id} moved from epoch {permit.facts.epoch} to {locked.epoch}")
        return locked

    def recheck(self, permit: Permit) -> None:
        """Stop if the person's access or the document moved since the permit was given; neither moves until this transaction ends."""
        if permit.subject is not None:
            self.present(permit.subject)
        if permit.facts.document is not None and permit.facts.present:
            epochs = self.documents.epochs([permit.facts.document])
            if epochs.get(permit.facts.document) != permit.facts.epoch:
                raise Stale(f"document {permit.facts.document} moved from epoch {permit.facts.epoch}")

    def recheck_shown(self, shown: Mapping[UUID, int]) -> None:
        """Stop if any document that was shown moved since; none moves until this transaction ends."""
        if shown and self.documents.epochs(shown) != shown:
            raise Stale("a document that was listed moved meanwhile")

    def vouch(self, person: Person) -> None:
        """Bind what decides what this person may do, after it changed."""
        person.mac = self.holder.mac(PORTAL, "person", person_bytes(person))

    def vouched(self, person: Person) -> Person:
        """The same person, if the row is as the portal wrote it."""
        self.holder.check(PORTAL, "person", person_bytes(person), person.mac)
        return person

    def deputies_of(self, person: Person) -> Sequence[Deputy]:
        """As what a person is, or may still come to be, a deputy; each row checked."""
        rows = self.deputies.of_person(person.id)
        for row in rows:
            self.holder.check(PORTAL, "deputy", deputy_bytes(row), row.mac)
        return [row for row in rows if row.is_open(self.at)]

    def in_force(self, person: Person) -> Sequence[Deputy]:
        """As what a person is a deputy at this moment."""
        return [row for row in self.deputies_of(person) if row.body == person.body and row.is_in_force(self.at)]

    def roles_of(self, person: Person) -> frozenset[Role]:
        """What a person holds at this moment: the roles of their account, and those of a deputy in force.

        Should the two exclude each other after all, the account's alone count.
        """
        roles = person.roles | {row.role for row in self.in_force(person)}
        return person.roles if excluding(roles) else roles

    def present(self, subject: Subject) -> None:
        """Stop if the account was closed or changed, a deputy's time is over, or the session ended, since the subject was read.

        In an act that writes both rows stay as they are until it ends: an account is closed before the act or after it.
        """
        person = self.people.kept(subject.id) if self.writes else self.people.get(subject.id)
        row = self.sessions.kept(subject.session) if self.writes else self.sessions.get(subject.session)
        if person is None or row is None or not self.sessions.alive(row, self.at) or person.access_epoch != subject.epoch:
            raise Unauthenticated("the session or the account ended meanwhile")
        self.vouched(person)
        if not subject.roles <= person.roles and not subject.roles <= self.roles_of(person):
            raise Unauthenticated("a deputy's time ended meanwhile")

    def others(self, body: str) -> tuple[str, ...]:
        return tuple(code for code in self.parts.config.bodies if code != body)
