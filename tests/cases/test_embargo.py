"""A share under an embargo, in both directions: until its day the other body does not learn that it exists, whatever happens to it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.cases.test_absence import told
from tests.common import directions
from tests.common.house import House, proposal_of, shared
from tools.tour.sample import SAMORIA_TITLE

#: What is another on every page: the token of a form, and the time.
UNLIKE = re.compile(r'name="csrf[^>]*>|\d\d:\d\d')


house = directions.house


def day(house: House, days: int) -> str:
    return (house.clock.now() + timedelta(days=days)).date().isoformat()


def at(house: House, moment: datetime) -> None:
    """It is this moment, and everybody is still signed in."""
    house.clock.at = moment
    micros = int(moment.timestamp() * 1_000_000)
    house.sql("update session set created_at = ?, last_seen = ?", micros, micros)


def opening(house: House, days: int) -> datetime:
    return datetime.combine(house.clock.now().date() + timedelta(days=days), datetime.min.time(), UTC)


def is_unknown(house: House, share: str) -> None:
    reader = house.guest(house.cast.reader)
    for path in ("", "/pages/1", "/onward"):
        assert reader.get(f"/received/{share}{path}").status_code == 404
    for path in ("/acknowledgement", "/confirmation", "/copies"):
        assert reader.post(f"/received/{share}{path}").status_code == 404
    for path in ("/received", "/"):
        text = reader.get(path).text
        assert house.cast.symbol not in text
        assert SAMORIA_TITLE not in text


def test_the_other_body_learns_of_it_on_the_day_and_not_before(house: House) -> None:
    opens = opening(house, 2)
    _, share = shared(house, opens=day(house, 2))
    is_unknown(house, share)
    at(house, opens - timedelta(microseconds=1))
    is_unknown(house, share)
    at(house, opens)
    reader = house.guest(house.cast.reader)
    assert SAMORIA_TITLE in reader.get("/received").text
    read = reader.get(f"/received/{share}/pages/1")
    assert read.status_code == 200
    assert f"from {opens.day} " in read.text


def lists(house: House) -> list[str]:
    """What its recipient's list can be asked: pages, totals, options, searches, the export; and the home page."""
    words, reader = SAMORIA_TITLE.split()[0], house.guest(house.cast.reader)
    asked = ("", "?available=yes", "?available=no", f"?title={words}", f"?symbol={house.cast.symbol[:3]}")
    pages = [reader.get(f"/received{query}") for query in asked]
    assert {page.status_code for page in pages} == {200}
    return [UNLIKE.sub("", page.text) for page in (*pages, reader.get("/received/export"), reader.get("/"))]


def test_no_list_total_option_search_or_export_tells_of_it_before_its_day(house: House) -> None:
    before = lists(house)
    opens = opening(house, 2)
    shared(house, opens=day(house, 2))
    assert lists(house) == before
    assert house.sql("select count(*) from audit_event where event = 'alarm.raised'") == [(0,)]
    at(house, opens)
    after = lists(house)
    assert [house.cast.symbol in text for text in after] == [True, True, False, True, True, True, True]


def test_its_auditors_read_nothing_of_it_before(house: House) -> None:
    document, _ = shared(house, opens=day(house, 2))
    told = f"%{house.cast.other}%"
    assert house.sql("select count(*) from audit_event where event = 'share.approved' and bodies like ?", told) == [(0,)]
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    assert house.sql("select count(*) from audit_event where event = 'share.closed'") == [(1,)]
    assert house.sql("select count(*) from audit_event where event = 'share.closed' and bodies like ?", told) == [(0,)]


@pytest.mark.parametrize("closed_by", ["recall", "request"])
def test_what_was_closed_before_its_day_is_never_known(house: House, closed_by: str) -> None:
    opens = opening(house, 2)
    document, share = shared(house, opens=day(house, 2))
    house.guest(house.cast.reader).get("/received")
    if closed_by == "recall":
        house.guest(house.cast.releasing).recall(document, proposal_of(house))
    else:
        house.guest(house.cast.confidentiality).withhold(document, "2")
    is_unknown(house, share)
    at(house, opens + timedelta(days=1))
    is_unknown(house, share)


def test_its_symbol_is_no_name_that_the_other_bodys_log_knows(house: House) -> None:
    shared(house, opens=day(house, 2))
    with house.parts.read() as uow:
        assert uow.shares.of_symbol(house.cast.other, house.cast.symbol, at=uow.at) is None
        assert uow.shares.of_symbol(house.cast.other, house.cast.symbol, at=opening(house, 2)) is not None


def test_what_is_closed_after_its_day_leaves_its_stub(house: House) -> None:
    opens = opening(house, 2)
    document, share = shared(house, opens=day(house, 2))
    reader = house.guest(house.cast.reader)
    at(house, opens)
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    assert "No longer available" in reader.get(f"/received/{share}").text


def test_an_embargoed_share_and_an_absent_one_run_the_same_number_of_statements(house: House) -> None:
    _, share = shared(house, opens=day(house, 2))
    house.guest(house.cast.reader).get("/")  # whatever is done once in a while is done
    for endpoint, more in (("received.show", {}), ("received.page", {"page": "1"}), ("onward.new", {})):
        known, unknown = (told(house, house.cast.reader, "GET", endpoint, {"share_id": one, **more}) for one in (share, str(uuid4())))
        assert known.status == unknown.status == 404
        assert (known.headers, known.body) == (unknown.headers, unknown.body)
        assert len(known.statements) == len(unknown.statements)


@pytest.mark.parametrize(
    ("terms", "fault"),
    [({"opens": "soon"}, "Give the first day as a date"), ({"opens": "2020-01-01"}, "Give a day to come")],
)
def test_an_embargo_that_makes_no_sense_is_refused(house: House, terms: dict[str, str], fault: str) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    refused = ada.propose(document, **terms)
    assert refused.status_code == 422
    assert fault in refused.text


def test_an_embargo_taken_away_in_the_database_opens_nothing(house: House) -> None:
    _, share = shared(house, opens=day(house, 2))
    house.sql("update share set opens_at = null")
    reader = house.guest(house.cast.reader)
    assert house.cast.symbol not in reader.get("/received").text
    assert reader.get(f"/received/{share}/pages/1").status_code == 404
    house.sql("update share set terms = ?", '{"use":"view_only","v":1}')
    assert reader.get(f"/received/{share}/pages/1").status_code == 500
