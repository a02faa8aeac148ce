"""A portal with a third body, invented: an entity to which something may be passed on. Its reader is Lena, whom the provider knows."""

from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from portal.cases.uow import UnitOfWork
from portal.kernel.sealing import Sealed
from portal.sharing.models import Share
from portal.sharing.onward import Onward, onward_bytes
from tests.common.house import House, looked_at, proposal_of

ENTITY, READER = "ENTITY", "lena"
_BODY = """
[[body]]
code = "ENTITY"
name = "Entity for Invented Matters"
short = "Entity"
"""
_STAFF = 'name = "oct-cleared"\nbody = "OCT"'


def with_entity(configuration: str) -> str:
    """The same configuration with the third body."""
    assert _STAFF in configuration
    staffed = configuration.replace(_STAFF, _STAFF.replace("OCT", ENTITY))
    return staffed.replace('bodies = ["CTED", "OCT"]', 'bodies = ["CTED", "OCT", "ENTITY"]') + _BODY


def ask(house: House, share: str, *, purpose: str = "Support to the capital", body: str = ENTITY) -> TestResponse:
    """The reader of the recipient asks that the share goes on."""
    return house.guest(house.cast.reader).post(f"/received/{share}/onward", {"recipient": body, "purpose": purpose})


def asked(uow: UnitOfWork, share: Share) -> UUID:
    """A request about this share, written as the portal writes one, where there is no third body to ask for."""
    onward = Onward(
        id=uuid4(),
        share_id=share.id,
        document_id=share.document_id,
        originator=share.originator,
        asker=share.recipient,
        body=ENTITY,
        purpose=Sealed(b"x"),
        asked_by=uuid4(),
        asked_at=uow.at,
    )
    onward.mac = uow.holder.mac(share.originator, "onward", onward_bytes(onward))
    uow.onward.add(onward)
    return onward.id


def request_of(house: House) -> str:
    """The request made last."""
    return str(UUID(house.sql("select id from onward order by asked_at desc")[0][0]))


def consent(house: House, document: str, **terms: str) -> TestResponse:
    """The first consent: what the entity will see is prepared, and proposed."""
    officer = house.guest(house.cast.uploader)
    assert officer.prepare(document, ENTITY).status_code == 302
    return officer.post(f"/documents/{document}/onward/{request_of(house)}/consent", looked_at(house, document, ENTITY) | terms)


def decline(house: House, document: str, login: str = "") -> TestResponse:
    return house.guest(login or house.cast.confidentiality).post(f"/documents/{document}/onward/{request_of(house)}/decline")


def passed_on(house: House, document: str, share: str, **terms: str) -> str:
    """Asked, and agreed by two. Returns the entity's share."""
    assert ask(house, share).status_code == 302
    assert consent(house, document, **terms).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return share_of(house)


def share_of(house: House, body: str = ENTITY, column: str = "id") -> str:
    """The share with this body, or the proposal it came of."""
    return str(UUID(house.sql(f"select {column} from share where recipient = ?", body)[0][0]))


def page(house: House, share: str) -> TestResponse:
    return house.guest(READER).get(f"/received/{share}/pages/1")
