"""Legal hold: placed by one, lifted by another; while it lies on a document nobody shreds it, whatever comes first."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import portal.cases.hold_document as holding
import portal.cases.shred_document as shredding
from portal.cases import facts
from portal.cases.hold_document import place_hold
from portal.cases.sign_in import find_session
from portal.gateway.passage import Errand, Guard
from portal.gateway.sessions import COOKIE
from portal.kernel.actions import Action
from portal.kernel.events import Event
from tests.cases.keeping import confirm, hold, last, lift, propose, waiting
from tests.cases.test_races import at_once, posting
from tests.common.backups import started
from tests.common.house import House, shared


def destroyed(house: House) -> bool:
    return house.sql("select count(*) from keeping where act = 'shredded'") == [(1,)]


def intact(house: House, wraps: int = 5) -> bool:
    return house.sql("select count(*) from key_wrap") == [(wraps,)] and len(house.objects()) == 8


# ---- what it forbids
def test_a_held_document_is_neither_proposed_nor_shredded(house: House) -> None:
    document, _ = shared(house)
    assert hold(house, document).status_code == 302
    refused = propose(house, document)
    assert refused.status_code == 403
    assert "A legal hold lies on this document" in refused.text
    assert "F42-legal-hold" in house.sql("select rules from audit_event order by at desc, rowid desc")[0][0]


def test_a_hold_placed_after_the_proposal_wins(house: House) -> None:
    document, _ = shared(house)
    propose(house, document)
    hold(house, document)
    assert confirm(house, document).status_code == 403
    assert intact(house)
    assert lift(house, document, "dana").status_code == 302
    assert confirm(house, document).status_code == 302
    assert destroyed(house)


def test_everything_else_goes_on_under_a_hold(house: House) -> None:
    document, share = shared(house)
    hold(house, document)
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 200
    assert house.guest("carla").withhold(document, "2").status_code == 302
    assert house.guest("ada").prepare(document).status_code == 302


# ---- who
def test_one_officer_places_it_and_another_who_releases_lifts_it(house: House) -> None:
    document = house.guest("ada").deposit()
    for login, status in (("ada", 403), ("elena", 403), ("farid", 404), ("omar", 404), ("quentin", 404)):
        assert hold(house, document, login).status_code == status, login
    assert hold(house, document, "dana").status_code == 302
    for login, status in (("dana", 403), ("carla", 403), ("ada", 403), ("quentin", 404)):
        assert lift(house, document, login).status_code == status, login
    assert "Under legal hold" in house.guest("ada").get(f"/documents/{document}").text
    assert lift(house, document, "dmitri").status_code == 302
    assert lift(house, document, "uma").status_code == 403
    page = house.guest("ada").get(f"/documents/{document}").text
    assert "Under legal hold" not in page
    assert "Held from" in page


def test_of_two_holds_each_is_lifted_by_itself(house: House) -> None:
    document, _ = shared(house)
    hold(house, document, "carla")
    first = last(house, "held")
    house.clock.advance(timedelta(seconds=1))
    hold(house, document, "dana")
    assert house.guest("dana").post(f"/documents/{document}/holds/{first}/lift").status_code == 302
    assert propose(house, document).status_code == 403
    assert lift(house, document, "dmitri").status_code == 302
    assert propose(house, document).status_code == 302


def test_the_log_of_the_other_body_knows_of_no_hold(house: House) -> None:
    document, _ = shared(house)
    hold(house, document)
    lift(house, document, "dana")
    house.guest("omar").get(f"/documents/{document}")
    assert house.sql("select distinct bodies from audit_event where event like 'document.hold%'") == [(",CTED,",)]
    assert "Document hold placed" in house.guest("farid").log()


# ---- races
@pytest.mark.parametrize("turn", range(4))
def test_a_hold_and_a_confirmation_at_the_same_moment_are_never_both_effective(house: House, turn: int) -> None:
    document, _ = shared(house)
    propose(house, document)
    keep = posting(house.guest("carla"), f"/documents/{document}/holds", {"reason": "Case 12 of the Tribunal"})
    destroy = posting(house.guest("dana"), f"/documents/{document}/shredding/{waiting(house)}/confirm", {"symbol": house.cast.symbol})
    kept, gone = at_once(*([keep, destroy] if turn % 2 else [destroy, keep]))[:: 1 if turn % 2 else -1]
    _one_of_them(house, kept, gone)


@pytest.mark.parametrize("first", ["hold", "confirmation"])
def test_whoever_waited_for_the_document_sees_the_hold_or_the_shredding(house: House, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """One act holds the document until the other has come to wait for it: the order that a race rarely hits."""
    document, _ = shared(house)
    propose(house, document)
    keep = posting(house.guest("carla"), f"/documents/{document}/holds", {"reason": "Case 12 of the Tribunal"})
    destroy = posting(house.guest("dana"), f"/documents/{document}/shredding/{waiting(house)}/confirm", {"symbol": house.cast.symbol})
    room = holding if first == "hold" else shredding
    real, begun = room.enter_act, threading.Event()

    def slowly(*given: Any, **more: Any) -> Any:
        begun.set()
        threading.Event().wait(1)
        return real(*given, **more)

    monkeypatch.setattr(room, "enter_act", slowly)

    def second(act: Any) -> int:
        assert begun.wait(30)
        return int(act())

    if first == "hold":
        kept, gone = at_once(keep, lambda: second(destroy))
        assert (kept, gone) == (302, 403)
    else:
        gone, kept = at_once(destroy, lambda: second(keep))
        assert (kept, gone) == (403, 302)
    _one_of_them(house, kept, gone)


def _one_of_them(house: House, kept: int, gone: int) -> None:
    assert {kept, gone} == {302, 403}
    assert destroyed(house) is (gone == 302)
    assert house.sql("select count(*) from keeping where act = 'held'") == [(int(kept == 302),)]
    if kept == 302:
        assert intact(house)


# ---- nothing else takes it away
def test_the_sweep_removes_nothing_that_a_held_document_names(house: House) -> None:
    document, _ = shared(house)
    hold(house, document)
    house.age_objects(timedelta(days=400))
    house.worker.tick()
    assert intact(house)


@pytest.mark.parametrize(
    "edit",
    [
        "delete from keeping where act = 'held'",
        "update keeping set act = 'lifted' where act = 'held'",
        "update keeping set document_id = id where act = 'held'",
        "update keeping set about = id where act = 'held'",
        "update keeping set originator = 'OCT' where act = 'held'",
        "update keeping set done_at = done_at + 1 where act = 'held'",
        "insert into keeping (id, document_id, originator, act, about, done_by, done_at, mac)"
        " select '00000000000000000000000000000001', document_id, originator, 'lifted', id, done_by, done_at, mac from keeping"
        " where act = 'held'",
    ],
)
def test_a_hold_edited_away_in_the_database_opens_the_way_to_no_shredding(house: House, edit: str) -> None:
    document, _ = shared(house)
    propose(house, document)
    hold(house, document)
    house.sql(edit)
    assert confirm(house, document).status_code == 500
    assert intact(house)
    assert house.events()[-1] == ("document.shredded", "failed", "tampered")


def test_a_document_restored_from_before_the_hold_stays_held(house: House) -> None:
    """Rows, epoch and MAC of yesterday fit together; the floors outside the database count holds."""
    document, _ = shared(house)
    propose(house, document)
    before = house.sql("select epoch, requests_mac from document")[0]
    hold(house, document)
    house.sql("delete from keeping where act = 'held'")
    house.sql("update document set epoch = ?, requests_mac = ?", *before)
    assert confirm(house, document).status_code == 403
    assert intact(house)
    assert "this database does not know of" in house.guest("ada").get(f"/documents/{document}").text
    assert hold(house, document).status_code == 302  # placed again, it is one that can be lifted
    assert lift(house, document, "dana").status_code == 302
    assert confirm(house, document).status_code == 302


def test_the_portal_starts_whatever_the_number_of_holds(house: House) -> None:
    """Floors count holds beside closings: more holds than closings are not a restore."""
    document = house.guest("ada").deposit()
    for _ in range(2):
        assert hold(house, document).status_code == 302
    assert started(house).guest("ada").get(f"/documents/{document}").status_code == 200


def test_a_hold_that_was_broken_off_before_its_commit_takes_nothing_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    document, _ = shared(house)
    real = holding.remember_holds

    def cut(*given: Any) -> None:
        real(*given)
        raise OSError("the power failed")

    monkeypatch.setattr(holding, "remember_holds", cut)
    with pytest.raises(OSError, match="power"):
        house.passage.write(*_errand(house, document))
    monkeypatch.undo()
    assert house.sql("select count(*) from keeping") == [(0,)]
    assert propose(house, document).status_code == 403  # held all the same, until somebody says so again
    assert hold(house, document).status_code == 302
    assert lift(house, document, "dana").status_code == 302
    assert propose(house, document).status_code == 302


def _errand(house: House, document: str) -> tuple[Any, Any]:
    cookie = house.guest("carla").client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    with house.parts.read() as uow:
        opened = find_session(uow, cookie.value)
    assert opened is not None
    guard = Guard(action=Action.DOCUMENT_HOLD, event=Event.HOLD_PLACED, locate=facts.document)
    errand = Errand(guard=guard, subject=opened.subject, where={"document_id": UUID(document)})
    return errand, lambda uow, permit, target: place_hold(uow, permit, target, reason="Case 12")
