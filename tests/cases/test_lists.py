"""A list shows exactly what the item's own door would show: the policy as SQL equals the decision, row for row."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.cases import facts
from portal.cases.standing import seal_requests
from portal.confidentiality.models import Rendition
from portal.confidentiality.statements import rendition_bytes
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Subject
from portal.kernel.sealing import Sealed
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context, decide
from portal.policy.listing import visible
from portal.sharing.eyes import reference_of
from portal.sharing.models import Closure, Proposal, Share
from portal.sharing.statements import share_bytes
from portal.sharing.terms import Terms
from tests.common.entity import asked
from tests.common.house import House

NOW = datetime(2026, 11, 24, tzinfo=UTC)
#: Terms without an end, over, about to be over, and over in this moment.
ENDS = (None, date(2026, 11, 1), date(2026, 11, 24), date(2026, 11, 23))
#: No embargo, one that ends tomorrow, in this moment, and one that ended yesterday.
OPENINGS = (None, date(2026, 11, 25), date(2026, 11, 24), date(2026, 11, 23))
#: Never closed, closed now, and closed before any of the embargoes was over.
CLOSURES = (None, NOW, NOW - timedelta(days=3))
#: Whoever asks, and whose eyes a share is for: anybody's, theirs, theirs and another's, and others'.
ME, ANOTHER, A_THIRD = UUID(int=0xA11CE), UUID(int=0xB0B), UUID(int=0xCA401)
EYES = tuple(frozenset(map(reference_of, persons)) for persons in ((), (ME,), (ANOTHER, ME), (ANOTHER, A_THIRD)))


@dataclass(frozen=True)
class Case:
    """One document and its share. `passed_on`: it came of a request about the share before it."""

    originator: str
    level: int
    covers: bool
    closed_at: datetime | None
    terms: Terms
    passed_on: bool


cases = st.builds(
    Case,
    originator=st.sampled_from(["CTED", "OCT"]),
    level=st.integers(0, 2),
    covers=st.booleans(),
    closed_at=st.sampled_from(CLOSURES),
    terms=st.builds(Terms, until=st.sampled_from(ENDS), opens=st.sampled_from(OPENINGS), eyes=st.sampled_from(EYES)),
    passed_on=st.booleans(),
)
worlds = st.lists(cases, max_size=8)
people = st.tuples(st.sampled_from(["CTED", "OCT"]), st.frozensets(st.sampled_from(list(Role)), max_size=3), st.integers(0, 2))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds, people)
def test_a_list_equals_its_items(house: House, world: list[Case], who: tuple[str, frozenset[Role], int]) -> None:
    body, roles, clearance = who
    subject = Subject(id=ME, body=body, roles=roles, clearance=Level(clearance), active=True, epoch=0, session=uuid4(), name="Somebody")
    with house.parts.write() as uow:  # never committed
        uow.at = NOW
        documents: list[Document] = []
        shares: list[Share] = []
        for case in world:
            document = _document(case.originator, case.level)
            source = asked(uow, shares[-1]) if case.passed_on and shares else None
            share = _share(uow, document, case, source)
            seal_requests(uow, document)
            uow.session.add_all([document, _rendition(uow, share)])
            uow.session.flush()
            uow.session.add_all([_proposal(share), share])
            uow.session.flush()
            if case.closed_at is not None:
                uow.session.add(Closure(id=uuid4(), share_id=share.id, reason="request", closed_by=uuid4(), closed_at=case.closed_at))
            documents.append(document)
            shares.append(share)
        uow.session.flush()
        received = facts.share_listing(uow.at, subject)
        for action, rows, listing, locate in (
            (Action.DOCUMENT_READ, documents, facts.document_listing(), lambda row: facts.document(uow, subject, document_id=row.id)),
            (Action.SHARE_KNOW, shares, received, lambda row: facts.share(uow, subject, share_id=row.id)),
            (Action.SHARE_READ, shares, received, lambda row: facts.share(uow, subject, share_id=row.id)),
            (Action.SHARE_CONFIRM_RECALL, shares, received, lambda row: facts.share(uow, subject, share_id=row.id)),
        ):
            where = visible(uow.parts.policies, subject, action, Context(now=NOW, confirmed=True), listing)
            model = type(rows[0]) if rows else Document
            if not rows:
                continue
            listed = {row.id for row in uow.session.query(model).where(where)}
            decided = set()
            for row in rows:
                try:
                    decide(uow.parts.policies, subject, action, locate(row).facts, Context(now=NOW, confirmed=True))
                except Denied:
                    continue
                decided.add(row.id)
            assert listed == decided, action


def _document(originator: str, level: int) -> Document:
    return Document(
        id=uuid4(),
        symbol=str(uuid4()),
        originator=originator,
        kind_word="other",
        level_number=level,
        caveats_text="",
        states_text="XSM",
        visit_id=uuid4(),
        epoch=0,
        title=Sealed(b"x"),
        registered_by=uuid4(),
        registered_at=NOW,
    )


def _rendition(uow, share: Share) -> Rendition:  # type: ignore[no-untyped-def]
    rendition = Rendition(
        id=share.rendition_id,
        document_id=share.document_id,
        version=1,
        audience=share.recipient,
        epoch=0,
        pages=1,
        withheld=Sealed(b"x"),
        covers="",
        pdf_object_id=uuid4(),
        pack_object_id=uuid4(),
        engine="x",
        built_by=uuid4(),
        built_at=NOW,
    )
    rendition.mac = uow.holder.mac(share.originator, "rendition", rendition_bytes(rendition))
    return rendition


def _share(uow, document: Document, case: Case, onward_id: UUID | None) -> Share:  # type: ignore[no-untyped-def]
    share = Share(
        id=uuid4(),
        proposal_id=uuid4(),
        document_id=document.id,
        version=1,
        rendition_id=uuid4(),
        originator=document.originator,
        recipient="OCT" if document.originator == "CTED" else "CTED",
        symbol=document.symbol,
        level_number=document.level_number,
        terms=case.terms.to_text(),
        ends_at=case.terms.ends_at,
        opens_at=case.terms.opens_at,
        onward_id=onward_id,
        title=Sealed(b"x"),
        file_name=Sealed(b"x"),
        pages=1,
        covers_all_requests=case.covers,
        approved_at=NOW,
    )
    share.mac = uow.holder.mac(share.originator, "share", share_bytes(share))
    return share


def _proposal(share: Share) -> Proposal:
    return Proposal(
        id=share.proposal_id,
        share_id=share.id,
        document_id=share.document_id,
        version=1,
        rendition_id=share.rendition_id,
        originator=share.originator,
        recipient=share.recipient,
        level_number=share.level_number,
        terms=Terms().to_text(),
        purpose=Sealed(b"x"),
        epoch=0,
        statement=b"x",
        proposed_by=uuid4(),
        proposed_at=NOW,
        approval=b"x",
        mac=b"x",
    )
