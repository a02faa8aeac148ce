"""A page is disclosed once in a reading session, which is an event; further views are counted, and told once, in one sum."""

import json
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.cases import facts
from portal.cases.read_pages import read_share_page
from portal.cases.reading_sessions import end_reading
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Tampered
from portal.kernel.events import Event
from portal.kernel.services import Service, Task
from portal.sharing.readings import PageReadings
from portal.worker.loop import Worker
from tests.cases.subjects import subject_of
from tests.cases.test_disclosures import read, seen
from tests.common.house import House, proposal_of, shared

READ = Guard(action=Action.SHARE_READ, event=Event.SHARE_PAGE_READ, locate=facts.share)


def tidy(house: House) -> None:
    """The hour's round of the background loop."""
    Worker(house.passage)._tidy()


def told(house: House, event: str) -> list[tuple[str, dict[str, Any]]]:
    rows = house.sql("select outcome, detail from audit_event where event = ? order by at, rowid", event)
    return [(outcome, json.loads(detail)) for outcome, detail in rows]


def pages_told(house: House) -> list[int]:
    return [detail["page"] for outcome, detail in told(house, "share.page_read") if outcome == "done"]


def counted(house: House) -> list[tuple[int, int]]:
    return [(page, again) for page, again in house.sql("select page, again from page_reading order by page")]


def sums(house: House) -> list[list[str]]:
    return [detail["again"] for _, detail in told(house, "reading.ended")]


def sign_out(house: House, login: str) -> None:
    house.clock.advance(timedelta(seconds=1))
    assert house.guest(login).post("/sign-out").status_code == 302
    del house.guests[login]


def test_the_first_view_of_a_page_is_an_event_and_further_ones_are_counted(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 2, 1, 1, 2, 4)
    assert pages_told(house) == [1, 2, 4]
    assert counted(house) == [(1, 2), (2, 1), (4, 0)]


def test_another_session_of_the_same_person_is_another_reading(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 1)
    sign_out(house, "omar")
    read(house, share, 1)
    assert pages_told(house) == [1, 1]
    assert sorted(again for _, again in counted(house)) == [0, 1]


def test_another_person_and_another_share_are_each_told_of(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1)
    read(house, share, 1, login="olga")
    assert pages_told(house) == [1, 1]


def test_a_count_is_durable_before_the_answer_leaves(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, share = shared(house)
    read(house, share, 1)

    def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(PageReadings, "lock", fails)
    answer = house.guest("omar").get(f"/received/{share}/pages/1")
    assert answer.status_code == 500
    assert b"data:image" not in answer.data
    assert house.events()[-1] == ("share.page_read", "failed", "internal")


def test_a_repeat_is_decided_like_the_first_and_its_refusal_is_an_event(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 1)
    house.guest("dana").recall(document, proposal_of(house))
    before = len(house.events())
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403
    assert house.events()[before:] == [("share.page_read", "refused", "denied")]
    assert counted(house) == [(1, 1)]


def test_a_repeat_that_a_recall_overtakes_is_not_served_and_not_counted(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    dana = house.guest("dana")
    tries: list[int] = []

    def act(uow: Any, permit: Any, target: Any) -> Any:
        tries.append(1)
        page = read_share_page(uow, permit, target, 1)
        if len(tries) == 1:
            recall = threading.Thread(target=lambda: dana.recall(document, proposal_of(house)))
            recall.start()
            recall.join(timeout=30)
        return page

    with pytest.raises(Denied):
        house.passage.read(Errand(guard=READ, subject=subject_of(house, "omar"), where={"share_id": UUID(share)}), act)
    assert counted(house) == [(1, 0)]


def test_a_view_that_the_end_of_the_terms_overtakes_is_not_entered_after_the_sum(house: House) -> None:
    """The time of a share is over without its document moving: what closes it is looked for once more beside the count."""
    _, share = shared(house)
    read(house, share, 1)
    tries: list[int] = []

    def act(uow: Any, permit: Any, target: Any) -> Any:
        tries.append(1)
        page = read_share_page(uow, permit, target, 1)
        if len(tries) == 1:
            values = (UUID(int=5).hex, UUID(share).hex)
            house.sql("insert into closure (id, share_id, reason, closed_at) values (?, ?, 'expired', 1)", *values)
        return page

    with pytest.raises(Denied):
        house.passage.read(Errand(guard=READ, subject=subject_of(house, "omar"), where={"share_id": UUID(share)}), act)
    assert counted(house) == [(1, 0)]


def test_a_reading_is_summed_once_when_its_session_is_signed_out(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 1, 1, 2, 4, 4)
    tidy(house)
    assert sums(house) == []
    sign_out(house, "omar")
    for _ in range(2):
        tidy(house)
        house.worker.tick()
    assert sums(house) == [["1:2", "4:1"]]
    assert counted(house) == []


@pytest.mark.parametrize("end", ["expired", "closed", "ended", "recalled"])
def test_a_reading_is_summed_however_it_ended(house: House, end: str) -> None:
    document, share = shared(house)
    sven, dana = house.guest("sven"), house.guest("dana")
    read(house, share, 2, 2)
    omar = subject_of(house, "omar").id
    if end == "expired":
        house.clock.advance(timedelta(days=2))
    elif end == "closed":
        assert sven.post(f"/people/{omar}/close").status_code == 302
    elif end == "ended":
        assert house.guest("omar").post("/sessions/end-others").status_code == 302
        house.sql("update session set revoked_at = 1 where person_id = ?", omar.hex)
    else:
        assert dana.recall(document, proposal_of(house)).status_code == 302
    tidy(house)
    tidy(house)
    assert sums(house) == [["2:1"]]


def test_a_session_that_is_over_by_age_reads_no_further_once_it_is_summed_though_the_clock_goes_back(house: House) -> None:
    _, share = shared(house)
    read(house, share, 2, 2)
    house.clock.advance(timedelta(days=2))
    tidy(house)
    house.clock.advance(timedelta(days=-2))
    assert house.guest("omar").get(f"/received/{share}/pages/2").status_code == 401


def test_a_reading_of_pages_opened_once_ends_without_an_event(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 2)
    sign_out(house, "omar")
    tidy(house)
    assert (sums(house), counted(house)) == ([], [])


def test_a_reading_that_goes_on_after_all_is_not_summed(house: House) -> None:
    """Between the look for what is over and the sum somebody may have come back within the limits."""
    _, share = shared(house)
    read(house, share, 1, 1)
    session = subject_of(house, "omar").session
    house.passage.acting(Service.EXPIRY, Task.SESSION_EXPIRE)(lambda uow: end_reading(uow, session, UUID(share)))
    assert (sums(house), counted(house)) == ([], [(1, 1)])


def test_two_loops_at_once_sum_a_reading_once(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 1)
    sign_out(house, "omar")
    threads = [threading.Thread(target=tidy, args=(house,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sums(house) == [["1:1"]]


def test_who_has_seen_it_says_the_same_before_and_after_the_sum(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 2)
    house.clock.advance(timedelta(minutes=3))
    read(house, share, 1, 1)
    before = seen(house, document)
    assert before[0][1].startswith("1 (3 views), 2 4 views in all")
    sign_out(house, "omar")
    house.clock.advance(timedelta(minutes=5))
    tidy(house)
    assert sums(house) == [["1:2"]]
    assert seen(house, document) == before


@pytest.mark.parametrize("change", ["again = 0", "page = 3", "person_id = share_id", "last_at = last_at + 1"])
def test_a_count_that_was_changed_serves_no_page_and_is_an_alarm(house: House, change: str) -> None:
    document, share = shared(house)
    read(house, share, 1, 1)
    house.sql(f"update page_reading set {change}")
    page = 3 if change == "page = 3" else 1
    assert house.guest("omar").get(f"/received/{share}/pages/{page}").status_code == 500
    assert house.events()[-1] == ("share.page_read", "failed", "tampered")
    answer = house.guest("carla").get(f"/documents/{document}/seen")
    assert "was changed after it was written" in answer.text


def test_a_count_that_is_changed_while_a_page_is_opened_is_no_count(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1)

    def act(uow: Any, permit: Any, target: Any) -> Any:
        page = read_share_page(uow, permit, target, 1)
        house.sql("update page_reading set again = 900")
        return page

    with pytest.raises(Tampered):
        house.passage.read(Errand(guard=READ, subject=subject_of(house, "omar"), where={"share_id": UUID(share)}), act)
    assert counted(house) == [(1, 900)]


def test_a_row_put_in_by_hand_does_not_hide_a_first_view(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1)
    house.sql("insert into page_reading select session_id, share_id, 2, person_id, again, last_at, mac from page_reading")
    assert house.guest("omar").get(f"/received/{share}/pages/2").status_code == 500
    assert pages_told(house) == [1]


def test_a_changed_count_is_no_part_of_the_sum_and_an_alarm_once(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1, 1, 2, 2)
    house.sql("update page_reading set again = 900 where page = 1")
    sign_out(house, "omar")
    tidy(house)
    tidy(house)
    assert sums(house) == [["2:1"]]
    assert [event for event, *_ in house.events()].count("alarm.raised") == 1


def test_a_sum_names_the_reader_to_their_own_body_alone_and_never_how_the_reading_ended(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 1)
    house.guest("dana").recall(document, proposal_of(house))
    tidy(house)
    ((actor, body, bodies, roles, action, detail),) = house.sql(
        "select actor, actor_body, bodies, actor_roles, action, detail from audit_event where event = 'reading.ended'"
    )
    assert (UUID(actor), body, bodies, roles, action) == (subject_of(house, "omar").id, "OCT", ",CTED,OCT,", "", "")
    assert set(json.loads(detail)) == {"again", "last"}
    name = subject_of(house, "omar").name
    mine, theirs = (house.guest(login).get("/audit?event=reading.ended").text for login in ("rana", "farid"))
    assert "1 further view of 1 page" in mine
    assert "1 further view of 1 page" in theirs
    assert (name in mine, name in theirs) == (True, False)
    assert "xpiry" not in mine
