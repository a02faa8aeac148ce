"""Closing and opening never race: whoever comes first, no key is left under a request in force."""

import threading
from collections.abc import Callable

import pytest

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


REQUEST = {"state": "XSM", "reference": "SM/1", "dated": "2026-11-02", "received": "letter", "scope": "document", "pages": ""}


@pytest.mark.parametrize("turn", range(4))
def test_a_request_and_an_approval_at_the_same_moment_leave_no_live_key(house: House, turn: int) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    approve = posting(house.guest("dana"), f"/approvals/{proposal_of(house)}/approve")
    request = posting(house.guest("carla"), f"/documents/{document}/requests", REQUEST)
    approved, recorded = at_once(*([approve, request] if turn % 2 else [request, approve]))[:: 1 if turn % 2 else -1]
    assert recorded == 302
    assert approved in {302, 403, 409}
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]
    live = house.sql("select count(*) from share s where s.covers_all_requests and s.id not in (select share_id from closure)")
    assert live == [(0,)]


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
        titles = [row.title for row in list_received(uow, permit, body)]
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
