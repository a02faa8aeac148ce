"""The end of a document's life, in both directions: dates that only ask, a level lowered by two persons, the archive."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.cases import keeping
from tests.cases.ends import WHY, agree, archive, in_days, propose, review, schedule, unarchive, withdraw
from tests.cases.moments import at
from tests.cases.test_step_up import strictly_shared
from tests.common.house import DIRECTORATE, OFFICE, House, open_house, proposal_of, shared
from tests.common.s3server import S3Server

RULES = """
[[schedule.rule]]
body = "{body}"
kind = "mission_report"
review_years = 2
retention_years = 30

[[schedule.rule]]
body = "{body}"
review_years = 1
declassify_years = 10
"""


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["of the Directorate", "of the Office"])
def house(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


@pytest.fixture
def ruled(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """With rules of the Directorate for dates."""

    def change(folder: Path) -> None:
        with (folder / "config.toml").open("a") as file:
            file.write(RULES.format(body="CTED"))

    opened = open_house(template, tmp_path / "portal", DIRECTORATE, house_s3, change=change)
    yield opened
    opened.close()


def page(house: House, document: str, login: str = "") -> str:
    return house.guest(login or house.cast.confidentiality).get(f"/documents/{document}").text


def home(house: House, login: str = "") -> str:
    return house.guest(login or house.cast.confidentiality).get("/").text


def details(house: House, event: str) -> list[dict[str, object]]:
    return [json.loads(row[0]) for row in house.sql("select detail from audit_event where event = ? and outcome = 'done'", event)]


def later(house: House, days: int) -> None:
    """So many days later; everybody of the cast is signed in still."""
    cast = house.cast
    for login in (cast.uploader, cast.confidentiality, cast.releasing, cast.reader):
        house.guest(login)
    at(house, house.clock.now() + timedelta(days=days))


def refusals(house: House) -> str:
    return str(house.sql("select rules from audit_event where outcome = 'refused' order by at desc, rowid desc")[0][0])


def level(house: House) -> int:
    return int(house.sql("select level from document")[0][0])


# ---- dates
def test_without_a_rule_a_document_has_no_date_until_an_officer_sets_one(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    assert page(house, document).count("No date<br>") == 3
    assert schedule(house, document, "review", in_days(house, 40)).status_code == 302
    assert page(house, document).count("No date<br>") == 2
    assert WHY in page(house, document, house.cast.uploader)
    assert "Levels due for review" not in home(house)
    later(house, 41)
    assert "Levels due for review" in home(house)
    assert "Levels due for review" not in home(house, house.cast.uploader)
    assert "Levels due for review" not in home(house, house.cast.releasing)
    assert "Levels due for review" not in home(house, house.cast.reader)
    assert "Review its level" in page(house, document)
    assert details(house, "document.scheduled")[0]["date"] == "review"


def test_a_rule_counts_from_the_day_of_deposit_and_the_narrower_rule_first(ruled: House) -> None:
    document = ruled.guest("ada").deposit()
    said = page(ruled, document)
    today = ruled.clock.now().date()
    for words, years in (("2 years", 2), ("10 years", 10), ("30 years", 30)):
        assert f"{words} after the day of deposit, as configured" in said
        assert str(today.year + years) in said
    assert f"Its retention ends on {today.day} " in said
    assert schedule(ruled, document, "declassification", "").status_code == 302
    assert page(ruled, document).count("No date<br>") == 1  # an officer set that there is none


def test_what_a_rule_makes_due_is_on_the_home_page_and_nothing_is_done_by_itself(ruled: House) -> None:
    document = ruled.guest("ada").deposit()
    later(ruled, 366 * 31)
    carla = home(ruled)
    for words in ("Levels due for review", "Declassification is due", "Retention is over"):
        assert words in carla
    dana = home(ruled, "dana")
    assert "Retention is over" in dana
    assert "Declassification is due" not in dana
    ruled.worker.sequence()
    assert ruled.sql("select level, sealed_level from document") == [(1, None)]
    assert keeping.hold(ruled, document).status_code == 302
    assert "Retention is over" not in home(ruled, "dana")


def test_retention_that_is_over_is_asked_until_somebody_proposes_to_shred(ruled: House) -> None:
    document = ruled.guest("ada").deposit()
    later(ruled, 366 * 31)
    assert "Retention is over" in home(ruled, "dana")
    assert keeping.propose(ruled, document).status_code == 302
    assert "Retention is over" not in home(ruled, "dana")
    assert "To confirm as second officer: shredding" in home(ruled, "dana")


@pytest.mark.parametrize(
    "line", ['body = "XYZ"', 'body = "CTED"\nkind = "poem"', 'body = "CTED"\nlevel = "secret"', 'body = "CTED"\nreview_years = -1']
)
def test_a_rule_that_cannot_be_is_refused_at_the_start(house: House, line: str) -> None:
    file = house.folder / "config.toml"
    file.write_text(file.read_text() + f"\n[[schedule.rule]]\n{line}\n")
    with pytest.raises(Misconfigured, match=r"schedule\.rule\[0\]"):
        load_config(file)


@pytest.mark.parametrize("fields", [{"day": "2020-01-01"}, {"day": "soon"}, {"due": "party"}, {"reason": "x"}])
def test_a_date_that_makes_no_sense_is_refused_and_nothing_typed_is_lost(house: House, fields: dict[str, str]) -> None:
    document = house.guest(house.cast.uploader).deposit()
    answer = schedule(house, document, **{"day": in_days(house, 9), "reason": "Because the file says so", **fields})
    assert answer.status_code == 422
    assert fields.get("reason", "Because the file says so") in answer.text
    assert house.sql("select count(*) from keeping") == [(0,)]


def test_only_confidentiality_officers_of_the_originator_set_dates_and_review(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    for login in (house.cast.uploader, house.cast.releasing, house.cast.own_reviewer):
        assert schedule(house, document, day=in_days(house, 9), login=login).status_code == 403
        assert review(house, document, login=login).status_code == 403
        assert propose(house, document, login=login).status_code == 403
    for login in (house.cast.reader, house.cast.other_auditor):
        assert schedule(house, document, day=in_days(house, 9), login=login).status_code == 404
        assert review(house, document, login=login).status_code == 404
        assert archive(house, document, login).status_code == 404


# ---- reviews
def test_a_review_keeps_the_level_until_the_next_one(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    schedule(house, document, "review", in_days(house, 3))
    later(house, 4)
    assert "Levels due for review" in home(house)
    assert review(house, document, day="").status_code == 302
    assert "Levels due for review" not in home(house)
    assert "Reviewed" in page(house, document)
    assert details(house, "document.reviewed")[0]["outcome"] == "keep"
    assert level(house) == 1


def test_a_review_proposes_a_lower_level_in_the_same_act(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    assert review(house, document, "0").status_code == 302
    assert details(house, "document.reviewed")[0]["outcome"] == "lower"
    assert details(house, "document.lowering_proposed")[0]["level"] == 0
    assert "To decide as second officer: a lower level" in home(house, house.cast.releasing)
    assert level(house) == 1
    assert agree(house, document).status_code == 302
    assert level(house) == 0


def test_a_review_cannot_propose_what_the_rules_forbid(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    house.guest(house.cast.confidentiality).withhold(document, "2")
    answer = review(house, document, "0")
    assert answer.status_code == 403
    assert "F38-level-stays-under-a-request" in refusals(house)
    assert house.sql("select count(*) from keeping") == [(0,)]
    assert review(house, document, "keep").status_code == 302


# ---- lowering
def test_a_level_is_lowered_by_two_and_the_share_opens_to_who_is_cleared_for_it(house: House) -> None:
    document, share = strictly_shared(house)
    reader = house.guest(house.cast.reader)
    before = house.sql("select count(*) from key_wrap")
    assert reader.get(f"/received/{share}/pages/1").status_code == 403
    assert propose(house, document, "1").status_code == 302
    assert reader.get(f"/received/{share}/pages/1").status_code == 403
    assert agree(house, document, house.cast.confidentiality).status_code == 403
    assert agree(house, document).status_code == 302
    assert reader.get(f"/received/{share}/pages/1").status_code == 200
    assert f"/received/{share}" in reader.get("/received").text
    assert house.guest(house.cast.cleared_reader).get(f"/received/{share}/pages/1").status_code == 200
    assert house.sql("select level, sealed_level from document") == [(1, 2)]
    assert house.sql("select count(*) from key_wrap") == before
    assert details(house, "document.lowered")[0]["level"] == 1
    assert "Lowered to Confidential" in page(house, document)


def test_what_was_lowered_is_prepared_and_shared_and_taken_like_any_other(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    propose(house, document)
    assert agree(house, document).status_code == 302
    uploader = house.guest(house.cast.uploader)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    listed = house.guest(house.cast.reader).get("/received").text
    assert "Unclassified" in listed


def test_nobody_lowers_what_they_proposed_themself(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    assert propose(house, document).status_code == 302
    assert agree(house, document, house.cast.uploader).status_code == 403
    assert agree(house, document, house.cast.reader).status_code == 404
    assert withdraw(house, document, house.cast.releasing).status_code == 302
    assert agree(house, document).status_code == 403
    assert "F45-answered-once" in refusals(house)
    assert level(house) == 1


def test_while_a_request_is_in_force_the_level_stays(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    assert propose(house, document).status_code == 302
    house.guest(house.cast.confidentiality).withhold(document, "2")
    refused = agree(house, document)
    assert refused.status_code == 403
    assert "Something of this document is kept back" in refused.text
    assert "F38-level-stays-under-a-request" in refusals(house)
    assert level(house) == 1
    assert withdraw(house, document).status_code == 302
    assert propose(house, document).status_code == 403


def test_only_a_lower_level_and_one_proposal_at_a_time(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    for other in ("1", "2", "-1", "x", ""):
        assert propose(house, document, other).status_code == 422, other
    assert propose(house, document).status_code == 302
    assert propose(house, document).status_code == 409
    assert agree(house, document).status_code == 302
    assert propose(house, document).status_code == 403
    assert "F67-nothing-below" in refusals(house)


def test_a_level_edited_in_the_database_stops_every_act(house: House) -> None:
    document, share = strictly_shared(house)
    propose(house, document, "1")
    agree(house, document)
    for edited in ("level = 0", "sealed_level = null", "sealed_level = 1"):
        kept = house.sql("select level, sealed_level from document")[0]
        house.sql(f"update document set {edited}")
        assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code >= 400, edited
        house.sql("update document set level = ?, sealed_level = ?", *kept)
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 200


@pytest.mark.parametrize("edited", ["level = 0", "day = '2026-01-01'", "due = 'retention'", "level = null"])
def test_an_act_edited_in_the_database_is_no_act(house: House, edited: str) -> None:
    document, _ = strictly_shared(house)
    propose(house, document, "1")
    house.sql(f"update keeping set {edited}")
    assert agree(house, document).status_code >= 400
    assert level(house) == 2


def test_a_document_behind_what_closed_it_is_neither_proposed_nor_lowered(house: House) -> None:
    """As in a database restored from before a request: the floors know of a closing that the rows do not."""
    document = house.guest(house.cast.uploader).deposit()
    assert propose(house, document).status_code == 302
    house.parts.holder.raise_floor(UUID(document), house.cast.other)
    assert house.parts.holder.floor_of(UUID(document), house.cast.other) > house.sql("select epoch from document")[0][0]
    refused = agree(house, document)
    assert refused.status_code == 409
    assert "is not in the register" in refused.text
    assert withdraw(house, document).status_code == 302
    assert propose(house, document).status_code == 409
    assert level(house) == 1


# ---- the archive
def test_in_the_archive_nobody_works_on_it_and_its_shares_stay(house: House) -> None:
    document, share = shared(house)
    assert archive(house, document).status_code == 302
    uploader, reader = house.guest(house.cast.uploader), house.guest(house.cast.reader)
    assert reader.get(f"/received/{share}/pages/1").status_code == 200
    for refused in (
        uploader.upload(document, b"%PDF-1.4"),
        uploader.prepare(document),
        uploader.propose(document),
        archive(house, document),
    ):
        assert refused.status_code == 403
        assert "F39-archived" in refusals(house)
    assert "In the archive" in page(house, document)
    assert house.cast.symbol not in uploader.get("/documents").text
    assert house.cast.symbol in uploader.get("/documents?archive=yes").text
    assert details(house, "document.archived")[0]["epoch"] == house.sql("select epoch from document")[0][0]


def test_what_closes_works_in_the_archive(house: House) -> None:
    document, share = shared(house)
    archive(house, document)
    assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code == 302
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 403
    assert keeping.hold(house, document).status_code == 302


def test_a_share_of_what_is_archived_is_recalled(house: House) -> None:
    document, share = shared(house)
    archive(house, document)
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 403


def test_while_a_proposal_waits_it_is_not_archived(house: House) -> None:
    uploader = house.guest(house.cast.uploader)
    document = uploader.deposit()
    uploader.prepare(document)
    uploader.propose(document)
    refused = archive(house, document)
    assert refused.status_code == 403
    assert "F59-answer-what-waits" in refusals(house)
    assert house.guest(house.cast.releasing).post(f"/approvals/{proposal_of(house)}/decline").status_code == 302
    assert archive(house, document).status_code == 302


def test_another_officer_takes_it_out_again_and_it_is_worked_on(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    for login in (house.cast.uploader, house.cast.confidentiality, house.cast.own_reviewer):
        assert archive(house, document, login).status_code == 403
    assert archive(house, document).status_code == 302
    assert unarchive(house, document, house.cast.releasing).status_code == 403
    assert "F58-back-to-work-by-another" in refusals(house)
    assert unarchive(house, document, house.cast.confidentiality).status_code == 403
    assert unarchive(house, document, house.cast.reader).status_code == 404
    assert unarchive(house, document).status_code == 302
    assert unarchive(house, document).status_code == 403
    assert house.guest(house.cast.uploader).prepare(document).status_code == 302
    assert house.cast.symbol in house.guest(house.cast.uploader).get("/documents").text
    assert details(house, "document.unarchived")


def test_what_is_archived_can_be_shredded_and_then_nothing_of_this_is_done_any_more(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    schedule(house, document, "review", in_days(house, 9), reason="Sentence in a reason")
    archive(house, document)
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    for refused in (schedule(house, document, day=in_days(house, 9)), review(house, document), propose(house, document)):
        assert refused.status_code == 403
        assert "F46-shredded" in refusals(house)
    assert "Sentence in a reason" not in page(house, document)


# ---- who else learns of it
def test_the_other_body_learns_nothing_of_it(house: House) -> None:
    document, share = shared(house)
    schedule(house, document, "review", in_days(house, 9))
    review(house, document)
    archive(house, document)
    reader = house.guest(house.cast.reader)
    for path in (f"/received/{share}/pages/1", "/received", "/"):
        assert WHY not in reader.get(path).text
        assert "archive" not in reader.get(path).text.lower()
    house.worker.sequence()
    log = house.guest(house.cast.other_auditor).log().split("<table")[1]
    for event in ("document.scheduled", "document.reviewed", "document.archived"):
        assert event not in log
