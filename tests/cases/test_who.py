"""Who can see it and why: what the page says is what the doors answer, to those entitled to know, and never who works elsewhere."""

import re
from html import unescape
from uuid import UUID, uuid4

from portal.cases.ask_why import ACTS
from portal.cases.askers import asker
from portal.cases.explain_document import sight_of
from portal.kernel.actions import Action
from portal.kernel.permit import ResourceType, Subject
from portal.policy.canaries import ABOUT
from tests.common import directions
from tests.common.entity import asked
from tests.common.house import DIRECTORATE, House, proposal_of, shared

#: Somebody with each role and clearance, in both bodies.
DIRECTORATES = ("ada", "carla", "dana", "uma", "elena", "ines", "farid", "greta")
OFFICES = ("pedro", "nadia", "quentin", "wanda", "omar", "lena", "rana", "sven")


house = directions.house


def page(house: House, document: str, login: str = "", **asked: str) -> str:
    reply = house.guest(login or house.cast.confidentiality).get(f"/documents/{document}/who", query_string=asked)
    assert reply.status_code == 200, reply.text[:600]
    return reply.text


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def answer(house: House, document: str, whom: str, act: str) -> str:
    """The card with the answer."""
    found = re.search(r'<section class="card" aria-live="polite">.*?</section>', page(house, document, whom=whom, act=act), flags=re.S)
    assert found is not None
    return words(found[0])


def staff(house: House) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The originator's, and the other body's."""
    return (DIRECTORATES, OFFICES) if house.cast is DIRECTORATE else (OFFICES, DIRECTORATES)


def person_of(house: House, login: str) -> str:
    return str(UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0]))


def subject_of(house: House, login: str) -> Subject:
    house.guest(login)
    with house.parts.read() as uow:
        found = uow.people.get(UUID(person_of(house, login)))
        assert found is not None
        return asker(uow, uow.vouched(found))


def name_of(house: House, login: str) -> str:
    found = re.search(r'class="p-who">(.*?) <small>', house.guest(login).get("/sessions").text)
    assert found is not None
    return unescape(found[1])


def doors(house: House, login: str, document: str, share: str) -> dict[Action, bool]:
    """What each door that shows something answers this person."""
    guest, rendition = house.guest(login), str(UUID(house.sql("select id from rendition")[0][0]))
    replies = {
        Action.DOCUMENT_READ: guest.get(f"/documents/{document}"),
        Action.RENDITION_READ: guest.get(f"/documents/{document}/renditions/{rendition}/pages/1"),
        Action.VERSION_READ: guest.get(f"/documents/{document}/passages/1"),
        Action.VERSION_DOWNLOAD: guest.get(f"/documents/{document}/file"),
        Action.SHARE_KNOW: guest.get(f"/received/{share}"),
        Action.SHARE_READ: guest.get(f"/received/{share}/pages/1"),
        Action.SHARE_DOWNLOAD: guest.post(f"/received/{share}/copies"),
        Action.SHARE_FETCH: guest.get(f"/received/{share}/file"),
    }
    return {action: reply.status_code < 400 for action, reply in replies.items()}


def said(house: House, login: str, document: str) -> dict[Action, bool]:
    """What the page says about this person; of acts that it does not name: no."""
    subject = subject_of(house, login)
    with house.parts.read() as uow:
        row = uow.documents.get(UUID(document))
        assert row is not None
        return {way.action: way.allowed for way in sight_of(uow, row, subject).ways}


def test_for_everybody_the_page_says_what_the_doors_answer(house: House) -> None:
    recalled = house.cast is DIRECTORATE
    document, share = shared(house, use="file" if recalled else "download")

    def agree(when: str) -> None:
        for login in (*DIRECTORATES, *OFFICES):
            answered = doors(house, login, document, share)
            ways = said(house, login, document)
            told = {action: ways.get(action, False) for action in answered}
            assert told == answered, (when, login)

    agree("as it was shared")
    house.guest(house.cast.releasing).post(f"/documents/{document}/holds", {"reason": "A dispute"})
    lower(house, *staff(house)[1][4:5], house.cast.uploader)
    agree("with a hold, and less clearance")
    if recalled:
        assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    else:
        assert house.guest(house.cast.confidentiality).withhold(document, "4").status_code == 302
    agree("after a recall or a late request")


def lower(house: House, *logins: str) -> None:
    """These persons are cleared for nothing any more, as if their groups had changed and they had signed in again."""
    with house.parts.write() as uow:
        for login in logins:
            person = uow.people.get(UUID(person_of(house, login)))
            assert person is not None
            person.clearance = 0
            uow.vouch(person)
        uow.session.commit()


def test_colleagues_are_listed_by_role_with_what_they_see_and_the_rules(house: House) -> None:
    document, _ = shared(house)
    reviewer, uploader = subject_of(house, house.cast.own_reviewer), house.cast.uploader
    lower(house, uploader)
    text = words(page(house, document))
    assert f"{name_of(house, house.cast.own_reviewer)} Cleared up to {reviewer.clearance.words} The prepared pages" in text
    assert "looks at the pages prepared for the other body".capitalize() in text
    assert re.search(
        f"{name_of(house, uploader)} Cleared up to Unclassified The entry .*? P03-own-entries Not more: .*? F08-clearance", text
    )


def test_what_another_body_sees_is_told_by_role_and_clearance(house: House) -> None:
    document, _ = shared(house)
    text = words(page(house, document))
    assert "Reviewer Cleared up to Confidential, or higher The prepared pages Reads the prepared pages in the portal." in text
    assert "Cleared up to Unclassified The entry Sees that it was shared, with its title." in text
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    text = words(page(house, document))
    assert "Reviewer Whatever the clearance The entry" in text or "Reviewer Cleared up to" in text
    assert "Reads the prepared pages" not in text
    assert "F05-suspended" in text


def test_a_document_that_was_not_shared_is_nothing_to_another_body(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    text = words(page(house, document))
    theirs = text[text.index("Persons of another body are not listed") : text.index("Why can somebody not?")]
    assert theirs.count("Whatever the clearance Nothing Refused: “This document belongs to another body.”") >= 4
    assert "The entry" not in theirs
    assert "The prepared pages" not in text, "nothing was prepared yet"


def test_nobody_of_another_body_is_named_or_can_be_asked_about(house: House) -> None:
    document, share = shared(house)
    own, other = staff(house)
    for login in (*own, *other):
        house.guest(login).get(f"/received/{share}/pages/1")
    text = page(house, document)
    for login in other:
        assert name_of(house, login) not in unescape(text)
        assert person_of(house, login) not in text
    for login in own:
        assert person_of(house, login) in text
    guest = house.guest(house.cast.confidentiality)
    replies = [
        guest.get(f"/documents/{document}/who", query_string={"whom": whom, "act": "document:read"})
        for whom in (person_of(house, house.cast.reader), str(uuid4()))
    ]
    assert [reply.status_code for reply in replies] == [422, 422]
    assert words(replies[0].text) == words(replies[1].text)


def test_only_the_originators_officers_who_keep_back_and_release_may_know(house: House) -> None:
    document, _ = shared(house)
    own, other = staff(house)
    entitled = {house.cast.confidentiality, house.cast.releasing, house.cast.both}
    for login in (*own, *other):
        reply = house.guest(login).get(f"/documents/{document}/who")
        if login in entitled:
            assert reply.status_code == 200
        else:
            assert reply.status_code in {403, 404}
            assert "Cleared up to" not in reply.text
        link = f"/documents/{document}/who" in house.guest(login).get(f"/documents/{document}").text
        assert link is (login in entitled)


def test_why_somebody_cannot_is_told_in_the_words_of_the_rules_that_refuse(house: House) -> None:
    document, _ = shared(house)
    uploader = house.cast.uploader
    subject_of(house, uploader)
    lower(house, uploader)
    told = answer(house, document, person_of(house, uploader), "version:download")
    assert told.startswith(f"Refused {name_of(house, uploader)}: take the original out of the portal.")
    assert "“Your clearance is below the level of this document.” F08-clearance" in told
    assert "They read Your clearance is below the level of this document." in told
    assert "not told that it exists" in answer(house, document, f"{house.cast.other}/auditor/2", "share:read")
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    told = answer(house, document, f"{house.cast.other}/reviewer/1", "share:read")
    assert "F05-suspended" in told
    assert "They read No longer available." in told


def test_asking_is_recorded_and_changes_nothing(house: House) -> None:
    document, _ = shared(house)
    page(house, document)
    assert house.events()[-1] == ("document.explained", "done", "")
    before = {table: house.sql(f"select * from {table}") for table in ("document", "share", "proposal", "rendition", "person")}
    answer(house, document, f"{house.cast.other}/reviewer/1", "share:read")
    assert house.events()[-1] == ("document.explained", "done", "")
    assert before == {table: house.sql(f"select * from {table}") for table in before}


def test_a_persons_row_that_was_edited_is_an_alarm_and_no_answer(house: House) -> None:
    document, _ = shared(house)
    house.sql("update person set clearance = 2 where sub = ?", f"person-{house.cast.uploader}")
    assert house.guest(house.cast.confidentiality).get(f"/documents/{document}/who").status_code == 500
    assert "tampered" in {code for _, _, code in house.events()[-2:]}


def test_a_closed_account_sees_nothing_and_says_so(house: House) -> None:
    document, _ = shared(house)
    administrator = "greta" if house.cast is DIRECTORATE else "sven"
    person = person_of(house, house.cast.uploader)
    name = name_of(house, house.cast.uploader)
    assert house.guest(administrator).post(f"/people/{person}/close").status_code == 302
    assert f"{name} Account closed Nothing Refused: “Your account is closed." in words(page(house, document))


def test_every_act_on_a_document_and_on_what_hangs_on_it_can_be_asked_about() -> None:
    hangs = {
        ResourceType.DOCUMENT,
        ResourceType.PROPOSAL,
        ResourceType.SHARE,
        ResourceType.ONWARD,
        ResourceType.REQUEST,
        ResourceType.LIFTING,
        ResourceType.HOLD,
        ResourceType.SHREDDING,
        ResourceType.LOWERING,
        ResourceType.ARCHIVING,
    }
    assert set(ACTS) == {action for action, about in ABOUT.items() if about in hangs}


def test_who_may_answer_a_request_to_pass_it_on_is_asked_like_anything_else(house: House) -> None:
    document, share = shared(house)
    with house.parts.write() as uow:
        found = uow.shares.get(UUID(share))
        assert found is not None
        asked(uow, found)
        uow.session.commit()
    house.guest(house.cast.releasing)
    said = answer(house, document, person_of(house, house.cast.releasing), "onward:decline")
    assert said.startswith("Permitted")
    assert "decline the newest request to pass it on" in said
    assert "P72-decline-onward" in said
