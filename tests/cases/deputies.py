"""Proposing, naming and ending a deputy, and linking accounts of one human, in one call each, for the tests about them."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from portal.cases.name_deputy import _vouch
from portal.identity.deputies import Deputy
from portal.kernel.ids import new_id
from portal.kernel.vocabulary import Role
from tests.common.beginnings import beginning
from tests.common.house import House, proposal_of


def account(house: House, login: str) -> str:
    house.guest(login)
    return str(UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0]))


def propose(house: House, login: str, by: str = "greta", **changes: str) -> TestResponse:
    today = house.clock.now().date()
    house.clock.advance(timedelta(seconds=1))
    fields = {"role": "releasing_officer", "begins": f"{today}", "until": f"{today}", "reason": "Dana is on mission"}
    return house.guest(by).post(f"/people/{account(house, login)}/deputies", fields | changes)


def proposed(house: House) -> str:
    """The one proposed last."""
    return str(UUID(house.sql("select id from deputy order by proposed_at desc")[0][0]))


def name(house: House, by: str = "gustav") -> TestResponse:
    return house.guest(by).post(f"/deputies/{proposed(house)}/name")


def end(house: House, by: str = "greta") -> TestResponse:
    return house.guest(by).post(f"/deputies/{proposed(house)}/end")


def named(house: House, login: str, **changes: str) -> None:
    assert propose(house, login, **changes).status_code == 302
    assert name(house).status_code == 302


def releases(house: House, login: str) -> bool:
    """Does this person decide about what others proposed?"""
    return house.guest(login).post(f"/approvals/{proposal_of(house)}/decline").status_code == 302


@beginning
def waiting(house: House, uploader: str = "bruno") -> str:
    """A document of which a share waits for its second person."""
    document = house.guest(uploader).deposit()
    assert house.guest(uploader).prepare(document).status_code == 302
    assert house.guest(uploader).propose(document).status_code == 302
    return document


def rules(house: House) -> str:
    return str(house.sql("select rules from audit_event order by at desc, rowid desc")[0][0])


def enter(house: House, login: str, role: Role, *, is_named: bool = True) -> None:
    """A deputy from before the person's groups changed."""
    person, now = UUID(account(house, login)), house.clock.now()
    with house.parts.write() as uow:
        row = new_id()
        deputy = Deputy(
            id=row,
            body="CTED",
            person_id=person,
            role_word=role.value,
            begins_at=now,
            ends_at=now + timedelta(days=1),
            reason=uow.seal("CTED", "deputy", "reason", row, "Before"),
            proposed_by=new_id(),
            proposed_at=now,
            named_by=new_id() if is_named else None,
            named_at=now if is_named else None,
        )
        _vouch(uow, deputy)
        uow.deputies.add(deputy)
        uow.session.commit()


# ---- humans
def link(house: House, one: str, other: str, by: str = "greta") -> TestResponse:
    return house.guest(by).post(f"/people/{account(house, one)}/accounts", {"other": account(house, other)})
