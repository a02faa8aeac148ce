"""Closing and opening never race: whoever comes first, no key is left under a request in force."""

import threading
from collections.abc import Callable
from itertools import permutations
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

import portal.cases.decide_share as deciding
import portal.cases.lower_document as lowering
import portal.cases.record_request as recording
from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.show_shares import list_received
from portal.cases.sign_in import find_session
from portal.cases.uow import UnitOfWork
from portal.gateway.passage import Errand, Guard
from portal.gateway.sessions import COOKIE
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from tests.cases import ends, keeping
from tests.cases.interleaving import REQUEST, request_meets_approval
from tests.common.house import Guest, House, proposal_of, shared
from tools.tour.sample import SAMORIA_TITLE


def at_once(*acts: Callable[[], int]) -> list[int]:
    """Run the acts in threads that start behind one barrier; returns their status codes."""
    barrier, answers = threading.Barrier(len(acts)), [0] * len(acts)

    def run(place: int, act: Callable[[], int]) -> None:
        barrier.wait()
        answers[place] = act()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def posting(guest: Guest, path: str, fields: dict[str, str] | None = None) -> Callable[[], int]:
    token = guest.token()
    return lambda: guest.client.post(path, base_url="http://localhost:8000", data={"csrf": token, **(fields or {})}).status_code


def test_a_request_and_an_approval_at_the_same_moment_are_never_both_effective(house: House) -> None:
    """Statement by statement, in orders that are drawn; a thousand of them in tests/soak/interleavings.py."""
    met = [request_meets_approval(house, seed) for seed in range(16)]
    assert len({meeting.order for meeting in met}) > 12
    assert {meeting.approved for meeting in met} == {True, False}


@pytest.mark.parametrize("turn", range(3))
def test_a_request_a_rendition_and_an_approval_at_the_same_moment_leave_no_live_key(house: House, turn: int) -> None:
    """Whatever was approved before the request is closed by it, whatever comes after it is stale."""
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    acts = {
        "approve": posting(house.guest("dana"), f"/approvals/{proposal_of(house)}/approve"),
        "request": posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST | {"scope": "pages", "pages": "2"}),
        "build": posting(house.guest("uma"), f"/documents/{document}/renditions", {"recipient": "OCT"}),
    }
    order = list(permutations(acts))[2 * turn]
    answers = dict(zip(order, at_once(*(acts[name] for name in order)), strict=True))
    assert answers["request"] == 302
    assert answers["approve"] in {302, 403, 409}
    assert answers["build"] in {302, 409}
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]
    live = house.sql("select count(*) from share s where s.covers_all_requests and s.id not in (select share_id from closure)")
    assert live == [(0,)]
    epoch, floor = house.sql("select epoch from document")[0][0], house.parts.holder.floor_of(UUID(document), "OCT")
    assert (epoch, floor) == (1, 1)
    for (share,) in house.sql("select id from share"):
        assert house.guest("omar").get(f"/received/{UUID(share)}/pages/1").status_code == 403
    # A rendition that was kept under the request honours it; one from before it is proposed by nobody.
    if ada.propose(document).status_code == 302:
        assert house.sql("select count(*) from rendition where epoch = 1 and covers <> ''") == [(1,)]
        assert house.guest("dana").approve(proposal_of(house)).status_code == 302
        assert house.sql("select distinct floor from key_wrap where body = 'OCT'") == [(1,)]


def held_up(monkeypatch: pytest.MonkeyPatch, room: ModuleType, name: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Whoever calls this function of the room holds what it has locked for a second; returns how the other act is begun meanwhile."""
    real, holding = getattr(room, name), threading.Event()

    def slowly(*given: Any) -> Any:
        holding.set()
        threading.Event().wait(1)
        return real(*given)

    def second(act: Callable[[], int]) -> Callable[[], int]:
        def waited() -> int:
            assert holding.wait(30)
            return act()

        return waited

    monkeypatch.setattr(room, name, slowly)
    return second


@pytest.mark.parametrize("first", ["request", "approval"])
def test_whoever_waited_for_the_document_sees_what_was_done_to_it(house: House, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """One act holds the document until the other has come to wait for it: the order that a race rarely hits."""
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    approve = posting(house.guest("dana"), f"/approvals/{proposal_of(house)}/approve")
    request = posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST)
    room, name = (recording, "seal_requests") if first == "request" else (deciding, "granted_objects")
    second = held_up(monkeypatch, room, name)
    if first == "request":
        recorded, approved = at_once(request, second(approve))
        assert approved in {403, 409}
    else:
        approved, recorded = at_once(approve, second(request))
        assert approved == 302
        assert house.sql("select count(*) from closure") == [(1,)]
    assert recorded == 302
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]
    assert ("share.approved", "failed", "tampered") not in house.events()


@pytest.mark.parametrize("first", ["request", "lowering"])
def test_a_level_is_not_lowered_over_a_request_that_came_first(house: House, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    document = house.guest("ada").deposit()
    assert ends.propose(house, document).status_code == 302
    lower = posting(house.guest("dana"), f"/documents/{document}/lowering/{keeping.last(house, 'lowering_proposed')}/agree")
    request = posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST)
    second = held_up(monkeypatch, recording if first == "request" else lowering, "seal_requests")
    if first == "request":
        recorded, lowered = at_once(request, second(lower))
        assert lowered in {403, 409}
        assert house.sql("select level, sealed_level from document") == [(1, None)]
    else:
        lowered, recorded = at_once(lower, second(request))
        assert lowered == 302
        assert house.sql("select level, sealed_level from document") == [(0, 1)]
    assert recorded == 302
    assert house.guest("carla").get(f"/documents/{document}").status_code == 200


@pytest.mark.parametrize("symbols", [("CTED/2026/1", "CTED/2026/1"), ("CTED/2026/a", "CTED/2026/A")])
def test_of_two_documents_with_one_symbol_at_the_same_moment_one_is_told(house: House, symbols: tuple[str, str]) -> None:
    house.guest("ada").register("CTED/2026/0")
    visit = str(UUID(house.sql("select id from visit")[0][0]))
    fields = {"title": "A title", "kind": "mission_report", "level": "1", "visit": visit}
    people = [house.guest("ada"), house.guest("uma")]
    answers = at_once(*(posting(person, "/documents", fields | {"symbol": symbol}) for person, symbol in zip(people, symbols, strict=True)))
    assert sorted(answers) == [302, 422]
    assert house.sql("select count(*) from document") == [(2,)]


def test_a_first_sign_in_in_two_browsers_at_once_makes_one_person(house: House) -> None:
    browsers = [Guest(house, "ada") for _ in range(3)]
    assert at_once(*(lambda browser=browser: browser.sign_in().status_code for browser in browsers)) == [200, 200, 200]
    assert house.sql("select count(*) from person") == [(1,)]


def test_nothing_is_done_in_the_name_of_a_person_after_their_account_was_closed(house: House) -> None:
    ada, greta = house.guest("ada"), house.guest("greta")
    ada.register("CTED/2026/0")
    visit = str(UUID(house.sql("select id from visit")[0][0]))
    person = str(UUID(house.sql("select id from person where sub = 'person-ada'")[0][0]))
    close = posting(greta, f"/people/{person}/close")
    closed, answers = threading.Event(), []

    def work() -> int:
        number = 0
        while not closed.is_set():
            number += 1
            fields = {"title": "A title", "kind": "mission_report", "level": "1", "visit": visit, "symbol": f"CTED/2026/{number}x"}
            answers.append(posting(ada, "/documents", fields)())
        return number

    def end() -> int:
        threading.Event().wait(0.3)
        answer = close()
        closed.set()
        return answer

    assert at_once(work, end)[1] == 302
    (closing,) = house.sql("select max(rowid) from audit_event where event = 'person.closed'")[0]
    assert closing is not None
    late = "select count(*) from audit_event where event = 'document.registered' and outcome = 'done' and rowid > ?"
    assert house.sql(late, closing) == [(0,)]
    assert set(answers) <= {302, 401}


@pytest.mark.parametrize("turn", range(3))
def test_a_rendition_built_while_a_request_is_recorded_is_never_proposed(house: House, turn: int) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    build = posting(ada, f"/documents/{document}/renditions", {"recipient": "OCT"})
    request = posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST | {"scope": "pages", "pages": "2"})
    built, recorded = at_once(build, request)
    assert recorded == 302
    assert built in {302, 409}
    named = {row[0] for row in house.sql("select store_key from sealed_object")}
    stored = {path.rsplit("/", 1)[1] for path in house.objects() if not path.endswith(".age-header")}
    assert stored == named  # what was built in vain is not left behind
    if house.sql("select count(*) from rendition where covers = ''") == [(1,)]:
        assert ada.propose(document).status_code == 409


def test_two_approvals_at_the_same_moment_make_one_share(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    path = f"/approvals/{proposal_of(house)}/approve"
    answers = at_once(posting(house.guest("dana"), path), posting(house.guest("uma"), path), posting(house.guest("dmitri"), path))
    assert sorted(answers)[0] == 302
    assert all(answer in {302, 403, 409} for answer in answers)
    assert house.sql("select count(*) from share") == [(1,)]
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(1,)]


def test_no_page_is_served_after_a_request_was_answered(house: House) -> None:
    document, share = shared(house)
    omar = house.guest("omar")
    recorded = threading.Event()
    late: list[int] = []

    def read() -> int:
        while not recorded.is_set():
            omar.get(f"/received/{share}/pages/1")
        late.append(omar.get(f"/received/{share}/pages/1").status_code)
        return 0

    act = posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST)

    def close() -> int:
        answer = act()
        recorded.set()
        return answer

    assert at_once(read, close)[1] == 302
    assert late == [403]
    closing = house.sql("select max(rowid) from audit_event where event = 'request.recorded'")[0][0]
    after = house.sql("select count(*) from audit_event where event = 'share.page_read' and outcome = 'done' and rowid > ?", closing)
    assert after == [(0,)]


def test_a_list_that_was_overtaken_by_a_request_leaves_without_the_title(house: House) -> None:
    """A list is about a body, not about a document; what it showed is checked all the same before it leaves."""
    document, _ = shared(house)
    omar, carla = house.guest("omar"), house.guest("carla")
    with house.parts.read() as uow:
        token = omar.client.get_cookie(COOKIE, domain="localhost")
        assert token is not None
        opened = find_session(uow, token.value)
    assert opened is not None
    tries: list[list[str | None]] = []

    def act(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[str | None]:
        titles = [row.title for row in list_received(uow, permit, body).page.rows]
        tries.append(titles)
        if len(tries) == 1:
            recorder = threading.Thread(target=lambda: carla.withhold(document, "2"))
            recorder.start()
            recorder.join(timeout=30)
        return titles

    guard = Guard(action=Action.RECEIVED_LIST, event=Event.RECEIVED_LISTED, locate=facts.own_body)
    answer = house.passage.read(Errand(guard=guard, subject=opened.subject), act)
    assert tries[0] == [SAMORIA_TITLE]
    assert answer == [None]
