"""Lifting a request beside other acts at the same moment, and past the portal, in its database."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

import portal.cases.lift_request as lifting
from portal.cases.standing import Register
from portal.confidentiality.models import Request
from portal.confidentiality.request_acts import RequestAct
from tests.cases.test_lifting import whole
from tests.cases.test_races import at_once, posting
from tests.cases.withholding import propose, request_of, waiting
from tests.common.house import House, proposal_of


# ---- at the same moment
def test_an_approval_and_a_lifting_at_the_same_moment_come_one_after_the_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lifting holds the document; the approval that waited for it finds what it was to approve stale."""
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document, "2")
    house.guest("ada").prepare(document)
    house.guest("ada").propose(document)
    propose(house, document)
    lift = posting(house.guest("dmitri"), f"/documents/{document}/liftings/{waiting(house)}/agree", {})
    approve = posting(house.guest("dana"), f"/approvals/{proposal_of(house)}/approve", {})
    real, begun = lifting.seal_requests, threading.Event()

    def slowly(*given: Any) -> Any:
        begun.set()
        threading.Event().wait(1)
        return real(*given)

    monkeypatch.setattr(lifting, "seal_requests", slowly)

    def second() -> int:
        assert begun.wait(30)
        return int(approve())

    assert at_once(lift, second) == [302, 409]
    assert house.sql("select count(*) from share") == [(0,)]


@pytest.mark.parametrize("turn", range(3))
def test_whichever_comes_first_the_share_leaves_out_what_was_in_force(house: House, turn: int) -> None:
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document, "2")
    house.guest("ada").prepare(document)
    house.guest("ada").propose(document)
    propose(house, document)
    lift = posting(house.guest("dmitri"), f"/documents/{document}/liftings/{waiting(house)}/agree", {})
    approve = posting(house.guest("dana"), f"/approvals/{proposal_of(house)}/approve", {})
    both = at_once(*([lift, approve] if turn % 2 else [approve, lift]))[:: 1 if turn % 2 else -1]
    assert both[0] in {302, 409}
    assert both[1] in {302, 409}
    assert both[0] == 302 or both[1] == 302
    for (covers,) in house.sql("select covers from rendition where id in (select rendition_id from share)"):
        assert request_of(house).replace("-", "") in covers.replace("-", "")


def test_of_a_withdrawal_and_an_agreement_at_the_same_moment_one_is_the_answer(house: House) -> None:
    document = whole(house)
    propose(house, document)
    where = f"/documents/{document}/liftings/{waiting(house)}"
    both = at_once(posting(house.guest("dana"), f"{where}/agree", {}), posting(house.guest("carla"), f"{where}/withdraw", {}))
    assert sorted(both) == [302, 403]
    assert house.sql("select count(*) from request_act where about is not null") == [(1,)]


# ---- what leaves out what
def test_only_what_leaves_out_a_request_or_what_it_was_narrowed_from_honours_it() -> None:
    first, second, third, other = (uuid4() for _ in range(4))
    rows = [Request(id=row, withheld_from="*", narrows=narrows) for row, narrows in ((first, None), (second, first), (third, second))]
    ended = [RequestAct(request_id=row, act_word="narrowed") for row in (first, second)]
    register = Register(rows, ended)
    assert [row.id for row in register.in_force] == [third]
    assert all(register.honoured(frozenset({row}), "OCT") for row in (first, second, third))
    assert not register.honoured(frozenset(), "OCT")
    assert not register.honoured(frozenset({other}), "OCT")
    assert not Register(rows).honoured(frozenset({third}), "OCT")  # the first and the second bind, too


# ---- nothing else does it
@pytest.mark.parametrize(
    "edit",
    [
        "update request_act set act = 'lifted' where act = 'lifting_proposed'",
        "update request_act set act = 'lifted', about = id where act = 'lifting_proposed'",
        "insert into request_act (id, document_id, originator, request_id, act, about, done_by, done_at, mac)"
        " select '00000000000000000000000000000001', document_id, originator, request_id, 'lifted', id, done_by, done_at, mac"
        " from request_act",
        "update request_act set request_id = id",
        "update request_act set done_by = id",
        "delete from request_act",
        "delete from request",
        "update request set narrows = id",
    ],
)
def test_a_request_lifted_in_the_database_stops_everything(house: House, edit: str) -> None:
    document = whole(house)
    propose(house, document)
    carry_out = f"/documents/{document}/liftings/{waiting(house)}/agree"
    house.sql(edit)
    assert house.guest("ada").prepare(document).status_code == 500
    assert house.guest("dana").post(carry_out).status_code == 500
    assert house.sql("select count(*) from rendition") == [(0,)]


def test_a_lifting_carried_over_to_another_document_is_none(house: House) -> None:
    one, other = house.guest("ada").deposit(), house.guest("ada").deposit(symbol="CTED/2026/XSM/9")
    house.guest("carla").withhold(one)
    house.clock.advance(timedelta(seconds=1))
    house.guest("carla").withhold(other)
    assert propose(house, one, request=request_of(house)).status_code == 404
    assert propose(house, other).status_code == 302
    assert house.guest("dana").post(f"/documents/{one}/liftings/{waiting(house)}/agree").status_code == 404
    assert house.guest("dana").post(f"/documents/{one}/requests/{request_of(house)}/confirm").status_code == 404
