"""A newer version that was released is told to its recipient on the older one; what was not released to this person leaves no trace."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.cases.test_embargo import at
from tests.cases.test_eyes_only import told_by
from tests.cases.versions import FIRST, FRENCH, KEPT, SECOND, line, prepare, read, released, report, withhold
from tests.common.beginnings import beginning
from tests.common.house import DIRECTORATE, OFFICE, Cast, House, proposal_of

TOLD = "A newer version was released to you on"
THIRD = report((KEPT[0],), (KEPT[1],), ("Another page of the third version",))


@beginning
def newer(house: House) -> tuple[str, str, str]:
    """Two versions of a document, each shared. Returns (document, first share, second share)."""
    document = house.guest("ada").deposit(content=FIRST)
    first = released(house, document)
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    return document, first, released(house, document)


def page(house: House, share: str, login: str = "omar") -> str:
    answer = house.guest(login).get(f"/received/{share}/pages/1")
    assert answer.status_code == 200
    return answer.text


def seen_of(house: House, login: str = "omar", path: str = "/received") -> str:
    """The page without what differs from one look to the next: the time, the token of the form, the watermarked picture."""
    text = house.guest(login).get(path).text
    text = re.sub(r'name="csrf" value="[^"]*"', "", text)
    text = re.sub(r"base64,[A-Za-z0-9+/=]*", "", text)
    return re.sub(r"\d{1,2}:\d\d(:\d\d)? UTC", "", text)


@pytest.mark.parametrize("cast", [DIRECTORATE, OFFICE], ids=["directorate", "office"])
def test_the_older_share_says_that_a_newer_version_was_released_and_leads_to_it(house: House, cast: Cast) -> None:
    house.cast = cast
    uploader, releasing = house.guest(cast.uploader), house.guest(cast.releasing)
    document = uploader.deposit(content=FIRST)
    shares = []
    for content in (None, SECOND):
        if content:
            assert uploader.upload(document, content).status_code == 201
        house.clock.advance(timedelta(seconds=1))
        assert uploader.prepare(document).status_code == 302
        assert uploader.propose(document).status_code == 302
        assert releasing.approve(proposal_of(house)).status_code == 302
        shares.append(str(UUID(house.sql("select id from share order by approved_at desc")[0][0])))
    first, second = shares
    listed = house.guest(cast.reader).get("/received").text
    assert listed.count(TOLD) == 1
    assert listed.index(f"/received/{second}") < listed.index(TOLD)
    assert f'{TOLD} {house.clock.now():%-d %b %Y}: <a href="/received/{second}">read it</a>' in listed
    assert listed.count("Superseded") == 1
    assert f'href="/received/{second}">Read the newer version' in page(house, first, cast.reader)
    assert "newer version" not in page(house, second, cast.reader)
    assert "Superseded by" in house.guest(cast.reader).get("/").text


def test_the_older_share_stays_as_it_was_released(house: House) -> None:
    _, first, second = newer(house)
    assert "A page that was put in" not in read(house, first, 2)
    assert "A page that was put in" in read(house, second, 4)


def test_acknowledging_the_newer_one_says_nothing_about_the_older(house: House) -> None:
    document, first, second = newer(house)
    omar = house.guest("omar")
    assert omar.post(f"/received/{second}/acknowledgement").status_code == 302
    assert [UUID(row[0]) for row in house.sql("select share_id from receipt")] == [UUID(second)]
    assert "Acknowledge receipt" in page(house, first)
    assert "since followed by a newer version" in omar.get("/").text
    assert "not acknowledged yet" in house.guest("dana").get(f"/documents/{document}").text


@pytest.mark.parametrize("login", ["omar", "lena"])
def test_a_version_that_exists_or_is_being_prepared_leaves_no_trace_with_the_recipient(house: House, login: str) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    share = released(house, document)
    paths = ("/received", f"/received/{share}/pages/1", "/", "/received/export")
    before = [seen_of(house, login, path) for path in paths]
    for step in ("deposited", "prepared", "proposed", "declined"):
        if step == "deposited":
            assert house.guest("ada").upload(document, SECOND).status_code == 201
        elif step == "prepared":
            assert prepare(house, document).status_code == 302
        elif step == "proposed":
            assert house.guest("ada").propose(document).status_code == 302
        else:
            assert house.guest("dana").post(f"/approvals/{proposal_of(house)}/decline").status_code == 302
        assert [seen_of(house, login, path) for path in paths] == before, step


def test_a_version_under_an_embargo_is_told_from_its_first_day_and_with_that_day(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    first = released(house, document)
    before = seen_of(house), seen_of(house, path=f"/received/{first}/pages/1")
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    opens = (house.clock.now() + timedelta(days=3)).date()
    assert prepare(house, document).status_code == 302
    assert house.guest("ada").propose(document, opens=opens.isoformat()).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    assert (seen_of(house), seen_of(house, path=f"/received/{first}/pages/1")) == before
    assert "is superseded</b>" not in house.guest("dana").get(f"/documents/{document}").text
    at(house, datetime.combine(opens, datetime.min.time(), UTC))
    assert f"{TOLD} {opens.day} {opens:%b %Y}" in house.guest("omar").get("/received").text


def test_a_version_for_named_persons_is_told_to_these_alone(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    first = released(house, document)
    reference = told_by(house, "lena")
    before = seen_of(house), seen_of(house, path=f"/received/{first}/pages/1")
    assert house.guest("ada").upload(document, SECOND).status_code == 201
    assert prepare(house, document).status_code == 302
    assert house.guest("ada").propose(document, eyes=reference).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    assert (seen_of(house), seen_of(house, path=f"/received/{first}/pages/1")) == before
    assert TOLD in house.guest("lena").get("/received").text
    assert "Read the newer version" in page(house, first, "lena")


def test_once_the_newer_one_is_closed_the_older_says_nothing_more_of_it(house: House) -> None:
    document, first, _ = newer(house)
    house.clock.advance(timedelta(seconds=1))
    assert house.guest("ada").upload(document, THIRD).status_code == 201
    third = released(house, document)
    house.sql("insert into closure select ?, id, 'expired', null, approved_at from share where id = ?", "0" * 32, UUID(third).hex)
    second = page(house, first)
    assert third not in second
    assert "Read the newer version" in second


def test_no_number_of_a_version_reaches_the_recipient(house: House) -> None:
    _, first, second = newer(house)
    texts = [house.guest("omar").get("/received").text, page(house, first), page(house, second), house.guest("omar").get("/").text]
    assert not [text for text in texts if re.search(r"[Vv]ersion \d", text)]


def test_language_versions_lead_to_each_other_and_supersede_nothing(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    english = released(house, document)
    assert house.guest("ada").upload(document, FRENCH, language="fr").status_code == 201
    french = released(house, document, "fr")
    assert f'Also released to you in <a href="/received/{french}">French</a>' in page(house, english)
    assert f'Also released to you in <a href="/received/{english}">English</a>' in page(house, french)
    listed = house.guest("omar").get("/received").text
    assert TOLD not in listed
    assert listed.count("Also in") == 2
    assert "is superseded</b>" not in house.guest("dana").get(f"/documents/{document}").text


def test_a_language_that_was_not_released_is_not_named(house: House) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    english = released(house, document)
    before = seen_of(house), seen_of(house, path=f"/received/{english}/pages/1")
    assert house.guest("ada").upload(document, FRENCH, language="fr").status_code == 201
    assert prepare(house, document, "fr").status_code == 302
    assert (seen_of(house), seen_of(house, path=f"/received/{english}/pages/1")) == before


def test_the_originator_reads_which_of_its_shares_is_superseded_and_takes_back_that_one_alone(house: House) -> None:
    document, first, second = newer(house)
    dana, omar = house.guest("dana"), house.guest("omar")
    shown = dana.get(f"/documents/{document}").text
    assert "is superseded</b> by version 2" in shown
    proposal = str(UUID(house.sql("select proposal_id from share where id = ?", UUID(first).hex)[0][0]))
    epoch = house.sql("select epoch from document")[0][0]
    before = len(house.events())
    assert dana.post(f"/documents/{document}/proposals/{proposal}/recall", {"what": "superseded"}).status_code == 302
    assert [row[:2] for row in house.events()[before:]] == [("share.recalled", "done"), ("share.closed", "done")]
    assert omar.get(f"/received/{first}/pages/1").status_code == 403
    assert "A page that was put in" in read(house, second, 4)
    assert house.sql("select count(*) from key_wrap where share_id = ?", UUID(first).hex) == [(0,)]
    assert house.sql("select epoch from document") == [(epoch + 1,)]
    assert "No longer available" in omar.get(f"/received/{first}").text
    assert omar.post(f"/received/{first}/confirmation").status_code == 302


def test_only_who_may_recall_takes_the_superseded_one_back(house: House) -> None:
    document, first, _ = newer(house)
    proposal = str(UUID(house.sql("select proposal_id from share where id = ?", UUID(first).hex)[0][0]))
    for login in ("ada", "carla", "elena", "omar", "quentin", "farid", "greta"):
        answer = house.guest(login).post(f"/documents/{document}/proposals/{proposal}/recall", {"what": "superseded"})
        assert answer.status_code in {403, 404}, login
    assert page(house, first)


def test_what_nothing_newer_supersedes_is_not_taken_back_by_this(house: House) -> None:
    document, _, second = newer(house)
    proposal = str(UUID(house.sql("select proposal_id from share where id = ?", UUID(second).hex)[0][0]))
    answer = house.guest("dana").post(f"/documents/{document}/proposals/{proposal}/recall", {"what": "superseded"})
    assert answer.status_code == 409
    assert "no newer version of it can be read" in answer.text
    assert page(house, second)


def test_a_key_of_a_superseded_share_that_is_put_back_opens_nothing(house: House) -> None:
    document, first, second = newer(house)
    share = UUID(first).hex
    proposal = str(UUID(house.sql("select proposal_id from share where id = ?", share)[0][0]))
    wraps = house.sql("select * from key_wrap where share_id = ?", share)
    assert house.guest("dana").post(f"/documents/{document}/proposals/{proposal}/recall", {"what": "superseded"}).status_code == 302
    house.sql("delete from closure where share_id = ?", share)
    for row in wraps:
        house.sql(f"insert into key_wrap values ({','.join('?' * len(row))})", *row)
    assert house.guest("omar").get(f"/received/{first}/pages/1").status_code == 404
    assert page(house, second)


def test_a_request_closes_the_superseded_one_with_the_newer(house: House) -> None:
    document, first, second = newer(house)
    assert withhold(house, document, line(4, 1), version="2").status_code == 302
    for share in (first, second):
        assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403
    assert TOLD not in house.guest("omar").get("/received").text
