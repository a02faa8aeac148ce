"""After a late request: what it closed in one transaction, the way back for its officers, and what the recipient can tell of it."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.cases.shared_before import _within
from portal.sharing.terms import Terms, Use
from tests.cases.test_eyes_only import told_by
from tests.cases.test_newer import seen_of
from tests.cases.versions import FIRST, KEPT, SECOND, line, place, prepare, released, report, withhold
from tests.cases.withholding import lifted, request_of
from tests.common import databases
from tests.common.house import DIRECTORATE, OFFICE, Cast, House, open_house, proposal_of, shared
from tools.tour.sample import SAMORIA_TITLE

LONGER = report((KEPT[0],), (KEPT[1],), ("A third page of the report",), ("A fourth page of the report",))


def text(house: House, login: str, document: str) -> str:
    return house.guest(login).get(f"/documents/{document}").text


def card(house: House, login: str, document: str) -> str:
    """What was closed, and the way back."""
    page = text(house, login, document)
    found = re.search(r'<section class="card p-noprint" id="again">.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def expected(house: House, login: str, document: str) -> str:
    """What the page says is expected of this person."""
    found = re.search(r"Expected of you</dt><dd>(.*?)</dd>", text(house, login, document), re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def late(house: House, pages: str = "2") -> None:
    """The request that comes late."""
    house.clock.advance(timedelta(seconds=1))
    document = str(UUID(house.sql("select id from document")[0][0]))
    assert house.guest(house.cast.confidentiality).withhold(document, pages, reference="SM/NV/2026/99").status_code == 302


# ---- one transaction
@pytest.mark.parametrize("cast", [DIRECTORATE, OFFICE], ids=["directorate", "office"])
def test_a_late_request_suspends_deletes_wraps_raises_epoch_and_floor_and_records_it_at_once(house: House, cast: Cast) -> None:
    house.cast = cast
    document, share = shared(house)
    epoch = house.sql("select epoch from document")[0][0]
    before = len(house.events())
    late(house)
    assert house.sql("select reason from closure") == [("request",)]
    assert house.sql("select count(*) from key_wrap where share_id is not null") == [(0,)]
    assert house.sql("select epoch from document") == [(epoch + 1,)]
    assert house.parts.holder.floor_of(UUID(document), cast.other) == epoch + 1
    assert [row[:2] for row in house.events()[before:]] == [("request.recorded", "done"), ("share.closed", "done")]
    assert house.guest(cast.reader).get(f"/received/{share}/pages/1").status_code == 403


#: A trigger that breaks off the event of a closing, and its end.
BREAK, MEND = (
    (
        (
            "create function broken() returns trigger language plpgsql as "
            "$$ begin if new.event = 'share.closed' then raise exception 'x'; end if; return new; end $$",
            "create trigger broken before insert on audit_event for each row execute function broken()",
        ),
        ("drop trigger broken on audit_event", "drop function broken()"),
    )
    if databases.POSTGRESQL
    else (
        ("create trigger broken before insert on audit_event when new.event = 'share.closed' begin select raise(abort, 'x'); end",),
        ("drop trigger broken",),
    )
)


def test_if_its_event_cannot_be_kept_nothing_of_it_is_and_the_share_is_closed_all_the_same(house: House) -> None:
    document, share = shared(house)
    epoch = house.sql("select epoch from document")[0][0]
    for statement in BREAK:
        house.sql(statement)
    assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code >= 500
    for statement in MEND:
        house.sql(statement)
    assert house.sql("select count(*) from closure") == [(0,)]
    assert house.sql("select count(*) from key_wrap where share_id is not null") == [(1,)]
    assert house.sql("select epoch from document") == [(epoch,)]
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code in {403, 404}


# ---- the way back
@pytest.mark.parametrize("cast", [DIRECTORATE, OFFICE], ids=["directorate", "office"])
def test_from_the_request_to_the_new_share_each_role_reads_its_step(house: House, cast: Cast) -> None:
    house.cast = cast
    document, first = shared(house, use="download")
    late(house)
    other = house.parts.config.named(cast.other).short
    for login in (cast.uploader, cast.confidentiality, cast.releasing, cast.own_reviewer):
        assert f"Closed to the {other}" in card(house, login, document)
        assert "a request closed it" in card(house, login, document)
    assert f"Prepare what the {other} will see" in expected(house, cast.uploader, document)
    assert f"Prepare what the {other} will see" in expected(house, cast.confidentiality, document)
    assert "Confirm what was asked" in expected(house, cast.releasing, document)
    assert "prepares it" in expected(house, cast.own_reviewer, document)
    house.clock.advance(timedelta(seconds=1))
    assert house.guest(cast.uploader).prepare(document).status_code == 302
    assert "Propose to share it" in expected(house, cast.uploader, document)
    form = text(house, cast.uploader, document)
    form = form[form.index('id="propose"') :]
    assert 'value="Follow-up"' in form
    assert re.search(r'value="download" required checked', form)
    assert "filled in as they were agreed before: Watermarked copy allowed" in form
    assert house.guest(cast.uploader).propose(document, use="download").status_code == 302
    assert house.sql("select count(*) from share") == [(1,)]
    assert "Decide about the proposal" in expected(house, cast.releasing, document)
    decide = text(house, cast.releasing, document)
    decide = decide[decide.index('id="decide"') : decide.index("Approve release")]
    assert f"Replaces what the {other} had from" in decide
    assert "a request closed it" in decide
    assert f"Since what the {other} had: added on page 2" in decide
    assert "Attention: </span>Since" not in decide
    assert "Other terms" not in decide
    assert house.guest(cast.releasing).approve(proposal_of(house)).status_code == 302
    assert card(house, cast.uploader, document) == ""
    assert len(house.sql("select id from share where id <> ?", UUID(first).hex)) == 1


def test_terms_that_allow_more_than_before_are_pointed_out_to_the_second_officer(house: House) -> None:
    until = (house.clock.now() + timedelta(days=30)).date()
    document, _ = shared(house, until=until.isoformat())
    late(house)
    assert house.guest("ada").prepare(document).status_code == 302
    assert f'value="{until.isoformat()}"' in text(house, "ada", document)
    assert house.guest("ada").propose(document, use="file").status_code == 302
    decide = text(house, "dana", document)
    assert "Attention: </span>Other terms than before: View only, watermarked, until" in decide


DAY, LATER = date(2027, 1, 31), date(2027, 2, 28)


@pytest.mark.parametrize(
    ("before", "now", "within"),
    [
        (Terms(), Terms(), True),
        (Terms(), Terms(Use.DOWNLOAD), False),
        (Terms(Use.FILE), Terms(Use.DOWNLOAD), True),
        (Terms(until=DAY), Terms(until=LATER), False),
        (Terms(until=DAY), Terms(), False),
        (Terms(), Terms(until=DAY), True),
        (Terms(until=LATER), Terms(until=DAY), True),
        (Terms(opens=LATER), Terms(opens=DAY), False),
        (Terms(opens=LATER), Terms(), False),
        (Terms(opens=DAY), Terms(opens=LATER), True),
        (Terms(eyes=frozenset("a")), Terms(), False),
        (Terms(eyes=frozenset("a")), Terms(eyes=frozenset("ab")), False),
        (Terms(eyes=frozenset("ab")), Terms(eyes=frozenset("a")), True),
        (Terms(), Terms(eyes=frozenset("a")), True),
    ],
)
def test_terms_are_within_others_if_nothing_of_them_allows_more(before: Terms, now: Terms, within: bool) -> None:
    assert _within(now, before) == within


def test_whom_alone_it_was_for_is_filled_in_so_that_it_does_not_become_everybodys(house: House) -> None:
    reference = told_by(house, "omar")
    document, _ = shared(house, eyes=reference)
    late(house)
    assert house.guest("ada").prepare(document).status_code == 302
    assert f'value="{reference}"' in text(house, "ada", document)
    assert house.guest("ada").propose(document).status_code == 302
    assert "Attention: </span>Other terms than before" in text(house, "dana", document)


def test_what_is_kept_less_than_before_is_pointed_out(house: House) -> None:
    document, _ = shared(house, withheld="3")
    lifted(house, document)
    late(house, "1")
    assert house.guest("ada").prepare(document).status_code == 302
    assert "Since what the Office had: added on page 1; no longer kept on page 3" in text(house, "ada", document)
    assert house.guest("ada").propose(document).status_code == 302
    assert "Attention: </span>Since what the Office had: added on page 1; no longer kept on page 3" in text(house, "dana", document)


def test_a_version_that_came_meanwhile_is_placed_first(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    released(house, document)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    assert '<a href="#versions">Say where what is kept back stands</a>' in card(house, "carla", document)
    assert "A confidentiality officer does." in card(house, "ada", document)
    assert place(house, document, request_of(house), 2, boxes=line(4, 1)).status_code == 302
    assert '<a href="#rendition">' in card(house, "ada", document)
    assert prepare(house, document).status_code == 302
    assert "The Office had Version 1, English. Left out there: nothing" in text(house, "ada", document)


def test_of_a_document_that_is_wholly_kept_back_there_is_nothing_to_share_again(house: House) -> None:
    document, _ = shared(house)
    late(house, "")
    assert "there is nothing to share again" in card(house, "ada", document)
    assert "#rendition" not in card(house, "ada", document)
    assert house.guest("ada").prepare(document).status_code == 409


def test_what_was_recalled_is_not_offered_again_but_its_terms_are_filled_in(house: House) -> None:
    document, _ = shared(house)
    assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    assert card(house, "ada", document) == ""
    assert house.guest("ada").prepare(document).status_code == 302
    assert 'value="Follow-up"' in text(house, "ada", document)


# ---- what the recipient can tell
def _again(house: House, how: str) -> tuple[str, str]:
    """Shared, closed in this way, and shared again. Returns what the recipient sees in between, and at last."""
    document, first = shared(house, withheld="", content=LONGER)
    if how == "request":
        late(house)
    else:
        house.clock.advance(timedelta(seconds=1))
        assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    between = _all(house, first)
    house.clock.advance(timedelta(seconds=1))
    assert house.guest("ada").prepare(document).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    assert _all(house, first) == between
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    return between, _all(house, first)


def _all(house: House, share: str) -> str:
    texts = [seen_of(house, house.cast.reader, path) for path in ("/", "/received", f"/received/{share}", "/received/export")]
    shorter = [re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "id", one) for one in texts]
    return "\n".join(shorter)


def test_recalled_and_shared_again_looks_like_closed_by_a_request_and_shared_again(house: House, template: Path, tmp_path: Path) -> None:
    by_request = _again(house, "request")
    other = open_house(template, tmp_path / "other")
    try:
        assert _again(other, "recall") == by_request
    finally:
        other.close()
    assert "request" not in by_request[1].lower().replace("requests", "")
    assert "newer" not in by_request[1]


# ---- once access ended
@pytest.mark.parametrize("how", ["request", "recall"])
def test_once_closed_nothing_is_named_but_the_symbol_and_nothing_counts_it_as_there(house: House, how: str) -> None:
    document, share = shared(house)
    reader = house.guest(house.cast.reader)
    assert SAMORIA_TITLE in reader.get("/").text
    if how == "request":
        late(house)
    else:
        assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    for path in ("/", "/received", f"/received/{share}", "/received/export", "/received?title=Samoria", "/received?available=yes"):
        assert SAMORIA_TITLE not in reader.get(path).text, path
    assert house.cast.symbol in reader.get("/received").text
    assert house.cast.symbol not in reader.get("/received?available=yes").text
    home = reader.get("/").text
    assert "One item" in home
    assert "Confirm: No longer available" in home
    assert reader.post(f"/received/{share}/confirmation").status_code == 302
    assert "Confirm: No longer available" not in reader.get("/").text
    for method, path in (("post", "acknowledgement"), ("post", "copies"), ("get", "file"), ("get", "pages/1"), ("get", "onward")):
        answer = getattr(reader, method)(f"/received/{share}/{path}")
        assert answer.status_code in {403, 404}, path
        assert SAMORIA_TITLE not in answer.text


def test_a_superseded_version_is_downloaded_by_no_reader_and_restored_by_nobody(house: House) -> None:
    """Its file leaves to officers of its originator alone; nothing makes it the newest again; no door of a recipient takes a version."""
    document = house.guest("ada").deposit(content=FIRST)
    share = released(house, document)
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    for login in ("omar", "elena", "quentin", "pedro", "farid", "greta"):
        for version in ("1", "2"):
            assert house.guest(login).get(f"/documents/{document}/file?version={version}").status_code in {403, 404}, login
            assert house.guest(login).get(f"/documents/{document}/versions/compare?first=1&second={version}").status_code in {403, 404}
    for login in ("omar", "elena"):
        assert house.guest(login).upload(document, FIRST).status_code in {403, 404}
    assert house.guest("omar").get(f"/received/{share}/file?version=2").status_code == 403
    assert house.sql("select count(*) from version") == [(2,)]
