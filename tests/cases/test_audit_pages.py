"""The auditors' pages: each shows what touches the reader's body, and every number is the same whatever else there is."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest

from portal.audit.record import Outcome, Record
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event
from tests.common import directions
from tests.common.house import Guest, House, shared
from tests.common.slips import VELLAND
from tools.tour.sample import VELLAND_TITLE

house = directions.house


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def search(guest: Guest, **given: str) -> list[str]:
    """The rows that the search finds, each in words."""
    reply = guest.get("/audit", query_string=given)
    assert reply.status_code == 200, words(reply.text)[:500]
    table = reply.text.split("Events, newest first", 1)
    body = table[1].partition("</table>")[0] if len(table) > 1 else ""
    rows = re.findall(r"<tr(?: class=\"p-(?:refused|told)\")?><td.*?</tr>", body, flags=re.S)
    return [words(row) for row in rows]


def links(guest: Guest, path: str, pattern: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', guest.get(path).text) if re.search(pattern, unescape(href))]


def matrix(guest: Guest, **given: str) -> dict[tuple[str, str], str]:
    """The cells that are not empty, by person and by document or share."""
    reply = guest.get("/audit/seen", query_string=given)
    assert reply.status_code == 200, words(reply.text)[:500]
    found = re.findall(r'<td><a href="[^"]*"><span class="visually-hidden">(.*?), ([^,<]*): </span>(.*?)</a>', reply.text, flags=re.S)
    return {(unescape(person), unescape(thing)): words(cell) for person, thing, cell in found}


def figures(guest: Guest, **given: str) -> list[tuple[str, str]]:
    """(done, refused) of each bar of the timeline that is not empty."""
    return re.findall(r'data-l="Done">([\d,]+)</td><td data-l="Refused or failed">([\d,]+)', guest.get("/audit", query_string=given).text)


def unusual(guest: Guest, **given: str) -> list[str]:
    reply = guest.get("/audit/unusual", query_string=given)
    assert reply.status_code == 200, words(reply.text)[:500]
    return [words(row) for row in re.findall(r"<tr><td>.*?</tr>", reply.text, flags=re.S)]


def happened(house: House, event: Event, at: datetime, **changes: object) -> None:
    """An event as the portal would write it, at a time of the past."""
    values: dict[str, object] = {"event": event, "bodies": frozenset({house.cast.body}), "originator": house.cast.body, **changes}
    with house.parts.write() as uow:
        uow.at = at
        uow.record(Record(**values))  # type: ignore[arg-type]
        uow.session.commit()


def person(house: House, login: str) -> UUID:
    return UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0])


def hidden_thing(house: House) -> str:
    """A document of the other State that the other body is not to know of, with everything that happens to it."""
    document = house.guest(house.cast.uploader).deposit(f"{house.cast.body}/2026/XVL/2", VELLAND_TITLE, VELLAND, state="XVL")
    assert house.guest(house.cast.confidentiality).withhold(document, state="XVL").status_code == 302
    return document


def short(house: House, body: str) -> str:
    return house.config.named(body).short


# ---- the search


def test_the_log_is_searched_by_a_state_and_finds_the_documents_and_their_shares(house: House) -> None:
    _, share = shared(house)
    hidden_thing(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    auditor, theirs = house.guest(house.cast.auditor), house.guest(house.cast.other_auditor)
    by_code, by_name = search(auditor, state="xsm"), search(auditor, state="samoria")
    assert by_code == by_name
    assert any("Share page read" in row for row in by_code)
    assert all(house.cast.symbol in row or share[:8] in row for row in by_code), by_code
    assert search(auditor, state="XVL")
    assert house.cast.symbol not in " ".join(search(auditor, state="XVL"))
    assert search(theirs, state="XSM") == []  # the States of what it received are not the recipient's to know
    assert search(theirs, state="XVL") == search(theirs, state="XNO") == []
    assert auditor.get("/audit?state=Atlantis").status_code == 422


def test_the_log_is_searched_by_a_share_that_the_reader_may_know(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    for login in (house.cast.auditor, house.cast.other_auditor):
        guest = house.guest(login)
        found = search(guest, share=share)
        assert found
        assert search(guest, share=share[:8]) == found
        assert all(share[:8] in row for row in found)
        for odd in (str(uuid4()), "zz", "%00", share[:4]):
            assert search(guest, share=odd) == []


def test_an_embargoed_share_is_not_found_by_its_recipients_auditor(house: House) -> None:
    _, share = shared(house, opens=(house.clock.at + timedelta(days=9)).date().isoformat())
    assert search(house.guest(house.cast.auditor), share=share)
    with house.parts.read() as uow:
        assert uow.shares.known_to(house.cast.body, UUID(share), UUID(share), at=uow.at)
        assert not uow.shares.known_to(house.cast.other, UUID(share), UUID(share), at=uow.at)
    theirs = house.guest(house.cast.other_auditor)
    absent = theirs.get("/audit", query_string={"share": str(uuid4())}).text
    hidden = theirs.get("/audit", query_string={"share": share}).text
    assert re.sub(r'value="[0-9a-f-]{36}"', "", hidden) == re.sub(r'value="[0-9a-f-]{36}"', "", absent)


def test_the_log_is_searched_by_the_body_and_by_the_time_of_day(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    auditor = house.guest(house.cast.auditor)
    assert [row for row in search(auditor, body=house.cast.other, share=share) if "Share page read" in row]
    assert not [row for row in search(auditor, body=house.cast.body, share=share) if "Share page read" in row]
    midnight = datetime(2026, 11, 2, tzinfo=UTC)
    for hour in (1, 9, 23):
        happened(house, Event.HOME_READ, midnight + timedelta(hours=hour, minutes=30), actor=uuid4(), actor_body=house.cast.body)
    day = {"since": "2026-11-02", "until": "2026-11-02"}
    hours = [
        ({}, 3),
        ({"from": "09:00", "to": "10:00"}, 1),
        ({"from": "09:31"}, 1),
        ({"to": "09:30"}, 1),
        ({"from": "23:00", "to": "02:00"}, 2),
        ({"from": "09:00", "to": "00:00"}, 2),
        ({"from": "05:00", "to": "05:00"}, 3),
    ]
    for given, number in hours:
        assert len(search(auditor, **day, **given)) == number, given
    for odd in ("9:30", "24:00", "noon", "09:60"):
        assert auditor.get("/audit", query_string={"from": odd}).status_code == 422
    assert auditor.get("/audit?body=NATO").status_code == 422


def test_another_bodys_person_is_not_found_by_id(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    auditor, theirs = house.guest(house.cast.auditor), house.guest(house.cast.other_auditor)
    reader = str(person(house, house.cast.reader))
    assert search(auditor, actor=reader) == search(auditor, actor=str(uuid4())) == []
    assert search(theirs, actor=reader)


# ---- over time


def test_the_timeline_has_the_numbers_of_the_search(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    auditor = house.guest(house.cast.auditor)
    found = search(auditor, share=share)
    assert sum(int(done) + int(refused) for done, refused in figures(auditor, share=share)) == len(found)
    page = auditor.get("/audit", query_string={"share": share}).text
    assert 'class="p-bar-done"' in page
    assert figures(auditor, share=str(uuid4())) == []
    days = [datetime(2026, 9, 1, 12, tzinfo=UTC), datetime(2026, 9, 3, 12, tzinfo=UTC), datetime(2026, 9, 3, 13, tzinfo=UTC)]
    for at in days:
        happened(house, Event.HOME_READ, at, actor=uuid4(), actor_body=house.cast.body)
    window = {"since": "2026-09-01", "until": "2026-09-03"}
    assert figures(auditor, **window) == [("2", "0"), ("1", "0")]
    (busy,) = links(auditor, "/audit?since=2026-09-01&until=2026-09-03", r"since=2026-09-03&until=2026-09-03")
    assert figures(auditor, since="2026-09-03", until="2026-09-03") == [("1", "0"), ("1", "0")]  # by the hour
    (hour,) = links(auditor, busy, r"from=13%3A00|from=13:00")
    assert auditor.get(hour).text.count("<h2>1 event found") == 1


def test_what_is_hidden_moves_no_bar_and_no_count_of_the_other_body(house: House) -> None:
    shared(house)
    theirs = house.guest(house.cast.other_auditor)
    for login in (house.cast.uploader, house.cast.confidentiality):
        house.guest(login)  # a sign-in touches nobody else
    until = {"until": (house.clock.at + timedelta(days=1)).date().isoformat()}
    before = (matrix(theirs, **until), len(search(theirs, body=house.cast.body)), figures(theirs, body=house.cast.body))
    hidden_thing(house)
    after = (matrix(theirs, **until), len(search(theirs, body=house.cast.body)), figures(theirs, body=house.cast.body))
    assert after == before


# ---- who saw what


def test_the_matrix_counts_pages_copies_and_refusals_and_leads_to_the_events(house: House) -> None:
    document, share = shared(house, use="download")
    reader = house.guest(house.cast.reader)
    for page in (1, 2, 1):
        reader.get(f"/received/{share}/pages/{page}")
    assert reader.post(f"/received/{share}/copies").status_code == 200
    auditor, theirs = house.guest(house.cast.auditor), house.guest(house.cast.other_auditor)
    told = "2 pages 1 copy"
    number = f"Person 1 of the {short(house, house.cast.other)}"
    assert matrix(auditor)[number, house.cast.symbol] == told
    mine = {person: cell for (person, _), cell in matrix(theirs).items()}
    assert list(mine.values()) == [told]
    (who,) = mine
    assert who not in auditor.get("/audit/seen").text
    (cell,) = {href for href in links(theirs, "/audit/seen", r"actor=.*share=") if "actor" in href}
    rows = [row for row in theirs.get(cell).text.split("<tr") if 'data-l="Act">Share page read' in row]
    assert len(rows) == 2
    assert all(who in row for row in rows)
    assert document not in theirs.get("/audit/seen").text
    assert str(person(house, house.cast.reader)) not in auditor.get("/audit/seen").text


def test_the_matrix_of_a_period_or_a_person_or_a_document_or_a_state(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    auditor, theirs = house.guest(house.cast.auditor), house.guest(house.cast.other_auditor)
    assert matrix(auditor, document=house.cast.symbol)
    assert matrix(auditor, state="XSM")
    assert matrix(theirs, document=house.cast.symbol)
    for nothing in ({"since": "2026-01-01", "until": "2026-01-31"}, {"state": "XVL"}, {"document": "none"}, {"actor": "nobody"}):
        assert matrix(auditor, **nothing) == {}, nothing
    assert auditor.get("/audit/seen?things=200").status_code == 422


def test_a_refusal_is_in_the_cell_of_its_person(house: House) -> None:
    document, share = shared(house)
    assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code == 302
    before = len(search(house.guest(house.cast.auditor), state="XSM"))
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    cells = matrix(house.guest(house.cast.other_auditor))
    assert [cell for cell in cells.values() if cell.endswith("1 refused")]
    assert not [who for who, _ in matrix(house.guest(house.cast.auditor)) if "Person" in who]  # the originator reads of no person
    assert len(search(house.guest(house.cast.auditor), state="XSM")) == before  # nor of which document it was
    assert ("alarm.raised", "done", "") not in house.events()


def test_the_matrix_has_pages_either_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = house.guest(house.cast.auditor)
    at = house.clock.at - timedelta(hours=1)
    documents = [house.guest(house.cast.uploader).register(f"{house.cast.body}/2026/GEN/{number}") for number in range(21)]
    who = [uuid4() for _ in range(51)]
    for number in range(51):
        seen = {"document": UUID(documents[number % 21]), "actor": who[number], "actor_body": house.cast.other, "detail": {"page": 1}}
        happened(house, Event.SHARE_PAGE_READ, at + timedelta(seconds=number), **seen)
    first = auditor.get("/audit/seen").text
    assert first.count('<th scope="col"><a') == 20
    assert "More documents" in first
    assert first.count('<th scope="row">') in range(48, 51)
    (more,) = links(auditor, "/audit/seen", r"things=1")
    assert auditor.get(more).text.count('<th scope="col"><a') == 1
    for number in range(51, 56):
        seen = {"document": UUID(documents[20]), "actor": uuid4(), "actor_body": house.cast.other, "detail": {"page": 1}}
        happened(house, Event.SHARE_PAGE_READ, at + timedelta(seconds=number), **seen)
    assert auditor.get("/audit/seen").text.count('<th scope="row">') == 50
    (people,) = links(auditor, "/audit/seen", r"persons=1")
    assert 0 < auditor.get(people).text.count('<th scope="row">') < 10


# ---- what stands out


def test_each_kind_of_finding_is_found_at_its_threshold_and_not_below(house: House) -> None:
    at = datetime(2026, 11, 10, 12, tzinfo=UTC)
    given = {"since": "2026-11-09", "until": "2026-11-12"}
    limits = house.config.audit
    auditor = house.guest(house.cast.auditor)
    mine: dict[str, object] = {"actor": person(house, house.cast.auditor), "actor_body": house.cast.body}

    def once(event: Event, when: datetime, **more: object) -> None:
        happened(house, event, when, **mine | more)

    plans = [
        (
            "files taken out",
            limits.downloads_a_day,
            lambda n: once(Event.SHARE_DOWNLOADED, at + timedelta(minutes=n), document=UUID(int=1)),
        ),
        (
            "documents opened",
            limits.documents_a_day,
            lambda n: once(Event.SHARE_PAGE_READ, at + timedelta(days=1, minutes=n), share=UUID(int=n + 1)),
        ),
        ("acts at night", limits.night_acts, lambda n: once(Event.HOME_READ, at.replace(hour=20) + timedelta(hours=2 * n))),
        ("refusals", limits.refusals, lambda n: once(Event.HOME_READ, at - timedelta(minutes=n), outcome=Outcome.REFUSED)),
        (
            "failures to sign in",
            limits.failed_sign_ins,
            lambda n: happened(house, Event.SIGNED_IN, at + timedelta(minutes=n), outcome=Outcome.FAILED),
        ),
    ]
    for what, number, act in plans:
        for n in range(number - 1):
            act(n)
        assert not [row for row in unusual(auditor, **given) if what in row], what
        act(number - 1)
        (row,) = [row for row in unusual(auditor, **given) if what in row]
        assert row.startswith(f"{number} ")
        assert row.endswith(f" {number}")
        assert ("Nobody signed in" in row) is (what == "failures to sign in")
    assert unusual(auditor, since="2026-11-12", until="2026-11-12") == []
    found = links(auditor, "/audit/unusual?since=2026-11-09&until=2026-11-12", r"outcome=refused")
    assert f"<h2>{limits.refusals} events found" in auditor.get(found[0]).text
    assert unusual(house.guest(house.cast.other_auditor), **given) == []  # none of it touches the other body
    assert house.sql("select count(*) from audit_event where event = 'alarm.raised'") == [(0,)]


def test_a_success_or_a_pause_ends_a_row_of_failures(house: House) -> None:
    at = datetime(2026, 11, 10, 12, tzinfo=UTC)
    mine: dict[str, object] = {"actor": uuid4(), "actor_body": house.cast.other}
    for n in range(8):
        happened(house, Event.SESSION_CONFIRMED, at + timedelta(minutes=n), **mine, outcome=Outcome.DONE if n == 4 else Outcome.FAILED)
        happened(house, Event.SIGNED_IN, at + timedelta(minutes=61 * n), outcome=Outcome.FAILED)
    assert [row for row in unusual(house.guest(house.cast.auditor), since="2026-11-10", until="2026-11-11") if "sign in" in row] == []


def test_refusals_that_an_originator_reads_of_without_the_person_are_of_the_body(house: House) -> None:
    document, _ = shared(house)
    hidden = hidden_thing(house)
    reader = house.guest(house.cast.reader)
    for _ in range(house.config.audit.refusals):
        assert reader.get(f"/documents/{hidden}").status_code == 404
    (row,) = [row for row in unusual(house.guest(house.cast.auditor)) if "refusals" in row]
    assert f"Somebody of the {short(house, house.cast.other)}" in row
    (mine,) = [row for row in unusual(house.guest(house.cast.other_auditor)) if "refusals" in row]
    assert "Somebody" not in mine
    assert document not in mine


def test_a_threshold_of_nothing_looks_for_nothing_and_an_odd_one_stops_the_start(house: House) -> None:
    file = house.folder / "config.toml"
    text = file.read_text()
    assert "Failed sign-ins in a row" in house.guest(house.cast.auditor).get("/audit/unusual").text
    file.write_text(f"{text}\n[audit]\nfailed_sign_ins = 0\n")
    assert load_config(file).audit.failed_sign_ins == 0
    for line in ("refusals = -1", "refusals_minutes = 0", 'night_from = "8 pm"', 'night_from = "05:00"'):
        file.write_text(f"{text}\n[audit]\n{line}\n")
        with pytest.raises(Misconfigured, match="audit"):
            load_config(file)


# ---- whoever reads, and what it leaves


@pytest.mark.parametrize("path", ["/audit?state=XSM", "/audit/seen", "/audit/unusual"])
def test_each_page_leaves_one_event_that_says_which_and_no_word_of_the_filter(house: House, path: str) -> None:
    auditor = house.guest(house.cast.auditor)
    before = len(house.events())
    assert auditor.get(f"{path}{'&' if '?' in path else '?'}actor=Lindqvist").status_code == 200
    assert house.events()[before:] == [("audit.read", "done", "")]
    ((detail,),) = house.sql("select detail from audit_event order by at desc, rowid desc limit 1")
    view = {"/audit?state=XSM": "search", "/audit/seen": "seen", "/audit/unusual": "unusual"}[path]
    assert f'"view":"{view}"' in detail
    assert '"actor"' in detail
    assert "Lindqvist" not in detail
    for login in (house.cast.confidentiality, house.cast.releasing, house.cast.reader):
        assert house.guest(login).get(path).status_code == 403


@pytest.mark.sqlite  # PostgreSQL takes nothing for a person that is none
def test_a_row_that_was_changed_is_an_alarm_and_closes_no_page(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    house.sql("update audit_event set actor = 'nobody' where event = 'share.page_read'")
    auditor = house.guest(house.cast.auditor)
    assert "changed after it was written" in auditor.get("/audit/seen").text
    assert ("alarm.raised", "done", "") in house.events()
