"""What moved between the decision and the answer: an act rests on the state it was decided on, or it does not happen."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import portal.cases.build_rendition as building
from portal.cases import facts
from portal.cases.read_pages import read_share_page
from portal.cases.uow import Notes
from portal.confidentiality.render.proof import Proof
from portal.gateway.passage import Carry, Errand, Guard
from portal.gateway.strangers import Strangers
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Stale, Unauthenticated
from portal.kernel.events import Event
from portal.vault.errors import Withdrawn
from tests.cases.subjects import subject_of
from tests.common.house import House, proposal_of, shared

READ = Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document)
MOVES = ["update session set revoked_at = 1", "update person set access_epoch = access_epoch + 1"]


def errand(house: House, guard: Guard, login: str, document: str) -> Errand:
    return Errand(guard=guard, subject=subject_of(house, login), where={"document_id": UUID(document)})


@pytest.mark.parametrize("move", MOVES)
def test_whoever_lost_access_after_the_cookie_was_read_does_nothing(house: House, move: str) -> None:
    document = house.guest("ada").register()
    asked = errand(house, READ, "ada", document)
    house.sql(move)
    for passage in (house.passage.read, house.passage.write):
        with pytest.raises(Unauthenticated):
            passage(asked, lambda uow, permit, target: pytest.fail("acted"))


@pytest.mark.parametrize("move", MOVES)
def test_whoever_loses_access_during_a_read_gets_no_answer(house: House, move: str) -> None:
    document = house.guest("ada").register()
    asked = errand(house, READ, "ada", document)
    with pytest.raises(Unauthenticated):
        house.passage.read(asked, lambda uow, permit, target: house.sql(move))
    assert house.events()[-1] == ("document.read", "refused", "unauthenticated")


def test_a_read_starts_anew_when_the_document_moved_under_it(house: House) -> None:
    document, carla = house.guest("ada").register(), house.guest("carla")
    seen: list[int] = []

    def act(uow: Any, permit: Any, target: Any) -> int:
        seen.append(target.epoch)
        if len(seen) == 1:
            assert carla.withhold(document).status_code == 302
        return int(target.epoch)

    asked, events = errand(house, READ, "ada", document), len(house.events())
    assert house.passage.read(asked, act) == 1
    assert seen == [0, 1]
    acts = [event for event in house.events()[events:] if event[0] != "home.read"]
    assert sorted(acts) == [("document.read", "done", ""), ("request.recorded", "done", "")]


def test_a_read_under_which_the_document_never_rests_is_stale(house: House) -> None:
    document, carla = house.guest("ada").register(), house.guest("carla")
    with pytest.raises(Stale):
        house.passage.read(errand(house, READ, "ada", document), lambda *_: carla.withhold(document))
    assert house.events()[-1] == ("document.read", "failed", "stale")


def test_what_was_carried_is_decided_again_before_it_is_entered(house: House) -> None:
    document = house.guest("ada").register()

    @contextmanager
    def work(parts: Any, gathered: Any) -> Any:
        house.sql("update document set level = 2")  # above ada's clearance
        yield gathered

    guard = Guard(action=Action.VERSION_DEPOSIT, event=Event.VERSION_DEPOSITED, locate=facts.document, carry=Carry(lambda *_: None, work))
    with pytest.raises(Denied):
        house.passage.stream(errand(house, guard, "ada", document), lambda *_: pytest.fail("entered"))


def test_an_act_that_left_its_duty_undone_answers_nothing_and_is_recorded(house: House) -> None:
    document = house.guest("ada").register()
    guard = Guard(action=Action.RENDITION_READ, event=Event.RENDITION_PAGE_READ, locate=facts.document)
    for passage in (house.passage.read, house.passage.write):
        with pytest.raises(RuntimeError, match="watermark"):
            passage(errand(house, guard, "ada", document), lambda *_: "a page without a watermark")
        assert house.events()[-1] == ("rendition.page_read", "failed", "internal")


def test_an_alarm_found_behind_a_quiet_door_is_recorded_all_the_same(house: House) -> None:
    house.guest("ada")
    guard = Guard(action=Action.DOCUMENT_REGISTER, event=Event.FORM_OPENED, locate=facts.own_body)
    asked = Errand(guard=guard, subject=subject_of(house, "ada"))
    for passage in (house.passage.read, house.passage.write):
        events = len(house.events())
        passage(asked, lambda uow, permit, target: uow.also(Event.ALARM_RAISED, Notes(), originator="CTED"))
        assert house.events()[events:] == [("alarm.raised", "done", "")]


def test_a_rendition_during_whose_building_the_document_moved_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit()
    before, real = house.objects(), building.prove

    def moved(*given: Any) -> Proof:
        with ThreadPoolExecutor(1) as elsewhere:  # Flask keeps one request to a thread
            assert elsewhere.submit(carla.withhold, document, "2").result().status_code == 302
        return real(*given)

    monkeypatch.setattr(building, "prove", moved)
    assert ada.prepare(document).status_code == 409
    assert house.events()[-1] == ("rendition.built", "failed", "stale")
    assert house.sql("select count(*) from rendition") == [(0,)]
    assert house.objects() == before


def test_a_rendition_that_is_not_proved_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    before = house.objects()
    monkeypatch.setattr(building, "prove", lambda *_: Proof(False, (), (), "none/1"))
    assert ada.prepare(document).status_code == 409
    assert house.events()[-1] == ("rendition.built", "failed", "leak_found")
    assert house.sql("select count(*) from rendition") == [(0,)]
    assert house.objects() == before


@pytest.mark.parametrize("edit", ["update document set epoch = epoch + 1", "update rendition set epoch = epoch + 1"])
def test_a_rendition_is_proposed_only_on_the_very_epoch_it_was_built_on(house: House, edit: str) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    house.sql(edit)
    assert ada.propose(document).status_code in {409, 500}
    assert house.sql("select count(*) from proposal") == [(0,)]


def test_a_rendition_that_misses_a_request_is_not_proposed_even_if_the_epoch_was_put_back(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    house.guest("carla").withhold(document, "2")
    house.sql("update document set epoch = 0")
    assert ada.propose(document).status_code in {409, 500}
    assert house.sql("select count(*) from proposal") == [(0,)]


def test_one_proposal_at_a_time_waits_for_a_body(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    assert ada.propose(document).status_code == 302
    again = ada.propose(document)
    assert again.status_code == 409
    assert "already waiting" in again.text
    assert house.sql("select count(*) from proposal") == [(1,)]


def test_a_level_changed_after_the_proposal_makes_its_approval_stale(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.sql("update document set level = 0")
    assert house.guest("dana").approve(proposal_of(house)).status_code == 409
    assert house.events()[-1] == ("share.approved", "failed", "stale")


def test_an_approval_after_the_whole_document_was_withheld_says_so(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.guest("carla").withhold(document)
    refused = house.guest("dana").approve(proposal_of(house))
    assert refused.status_code == 403
    assert "whole document" in refused.text


def test_an_approval_after_pages_were_withheld_says_that_it_must_be_prepared_again(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.guest("carla").withhold(document, "2")
    refused = house.guest("dana").approve(proposal_of(house))
    assert refused.status_code == 403
    assert "prepared again" in refused.text


def test_a_proposal_decided_once_is_refused_to_the_next_officer(house: House) -> None:
    shared(house, withheld="")
    refused = house.guest("uma").approve(proposal_of(house))
    assert refused.status_code == 403
    assert "decided already" in refused.text


@pytest.mark.parametrize("undo", ["delete from closure", "update share set covers_all_requests = 1"])
def test_each_mark_of_a_late_request_closes_the_share_on_its_own(house: House, undo: str) -> None:
    document, share = shared(house, withheld="")
    house.guest("carla").withhold(document, "2")
    house.sql(undo)
    page = house.guest("omar").get(f"/received/{share}/pages/1")
    assert page.status_code == 403
    assert "No longer available" in page.text


def test_the_first_refusals_of_too_many_strangers_are_counted_together(house: House) -> None:
    strangers, at = Strangers(), house.clock.now()
    assert all(strangers.is_first(str(number), at) for number in range(Strangers.MOST))
    assert [strangers.is_first(f"more {number}", at) for number in range(3)] == [True, False, False]
    assert strangers.settle(at + timedelta(minutes=1)) == [("", 2)]


def test_a_closing_between_the_decision_and_the_key_looks_like_absence_and_is_no_alarm(house: House) -> None:
    """The floor is raised before the act that closes commits: the snapshot does not know of it, and nobody put a row back."""
    document, share = shared(house)
    reading = Guard(action=Action.SHARE_READ, event=Event.SHARE_PAGE_READ, locate=facts.share)

    def act(uow: Any, permit: Any, target: Any) -> Any:
        house.parts.holder.raise_floor(UUID(document), "OCT")
        return read_share_page(uow, permit, target, 1)

    with pytest.raises(Withdrawn):
        house.passage.read(Errand(guard=reading, subject=subject_of(house, "omar"), where={"share_id": UUID(share)}), act)
    assert house.events()[-1][2] == "not_found"
    assert ("alarm.raised", "done", "") not in house.events()
