"""Wording of what is kept back that still stands elsewhere is shown to both officers; and what they looked at is what goes across."""

import io
import re
from collections.abc import Sequence
from uuid import UUID

import pytest
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.findings import Repeat
from portal.confidentiality.render.repeats import Repeats, kept_texts, still_said, together
from portal.confidentiality.render.text_passages import Kind, Passage
from portal.confidentiality.statements import rendition_bytes
from tests.cases.versions import (
    FRENCH,
    INFORMANT,
    KEPT,
    NUMBERED,
    NUMBERED_LATER,
    SECRET,
    line,
    place,
    prepare,
    report,
    withhold,
    withhold_label,
)
from tests.common.beginnings import beginning
from tests.common.house import House, proposal_of

ECHO = report((SECRET, KEPT[0]), (SECRET, KEPT[1]))
#: Paragraph 3 as before, and its wording in a summary on page 1, after a word of its own.
ECHOED_LATER = report(
    (f"Summary: {SECRET}.", "1. The mission visited the capital and two provinces.", "2. It met the ministries concerned."),
    (f"3. {SECRET}.", "4. The border posts were visited by the team."),
)
#: What was paragraph 3 stands on page 1; paragraph 3 says something else.
MOVED = report(
    ("1. The mission visited the capital and two provinces.", f"2. {SECRET}."),
    ("3. It met the ministries concerned.", "4. The border posts were visited by the team."),
)
PROVED = "Proved: what is kept back is gone from its places, and its wording was found nowhere else"
LOOK = "Page 1 still shows wording of what is kept back"


def text(house: House, login: str, document: str) -> str:
    return house.guest(login).get(f"/documents/{document}").text


def shown(page: str) -> str:
    """The rendition that the form on this page is about."""
    return re.findall(r'name="rendition" value="([0-9a-f-]{36})"', page)[0]


@beginning
def later(house: House, content: bytes, language: str = "en") -> tuple[str, str]:
    """Paragraph 3 of the first version is withheld; then comes another one. Returns (document, request)."""
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    request = withhold_label(house, document, NUMBERED, "§3")
    assert ada.upload(document, content, language=language).status_code == 201
    return document, request


# ---- the proof's repeats
def test_an_officer_reads_where_wording_of_what_is_kept_back_still_stands(house: House) -> None:
    document = house.guest("ada").deposit(content=ECHO)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    page = text(house, "ada", document)
    assert LOOK in page
    assert PROVED not in page
    assert f'/renditions/{shown(page)}/pages/1"' in page


def test_it_is_proposed_only_by_who_says_that_these_pages_may_go_across(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=ECHO)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    refused = ada.propose(document, purpose="For the follow-up visit", looked="")
    assert refused.status_code == 422
    assert "Look at the pages that are named" in refused.text
    assert 'value="For the follow-up visit"' in refused.text
    assert house.sql("select count(*) from proposal") == [(0,)]
    assert ada.propose(document).status_code == 302


def test_the_second_officer_reads_it_among_the_checks(house: House) -> None:
    document = house.guest("ada").deposit(content=ECHO)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    page = text(house, "dana", document)
    card = page[page.index('id="decide"') : page.index("Approve release")]
    assert f"Attention: </span>{LOOK}" in card
    assert PROVED not in card
    proposed = UUID(house.sql("select rendition_id from proposal")[0][0])
    assert f"/renditions/{proposed}/pages/1" in card


def test_a_tick_of_another_rendition_does_not_count(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=ECHO)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    before = shown(text(house, "ada", document))
    assert prepare(house, document).status_code == 302
    assert ada.propose(document, looked=before).status_code == 422


def test_where_nothing_repeats_the_page_says_so_and_asks_for_no_tick(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    withhold_label(house, document, NUMBERED, "§3")
    assert prepare(house, document).status_code == 302
    page = text(house, "ada", document)
    assert PROVED in page
    assert 'name="looked"' not in page
    assert ada.propose(document, looked="").status_code == 302


def test_of_a_rendition_from_before_it_is_not_said_that_nothing_repeats(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert prepare(house, document).status_code == 302
    with house.parts.write() as uow:
        row = uow.renditions.latest(UUID(document))
        assert row is not None
        row.repeats = None
        row.mac = uow.holder.mac("CTED", "rendition", rendition_bytes(row))
        uow.session.commit()
    page = text(house, "ada", document)
    assert PROVED not in page
    assert "was not looked for when this was prepared" in page
    assert ada.propose(document, looked="").status_code == 422


def test_repeats_that_were_taken_out_of_the_row_are_an_alarm(house: House) -> None:
    document = house.guest("ada").deposit(content=ECHO)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert prepare(house, document).status_code == 302
    house.sql("update rendition set repeats = null")
    assert house.guest("ada").propose(document).status_code == 500
    assert house.guest("ada").get(f"/documents/{document}").status_code == 500


# ---- other versions
def test_wording_that_moved_to_another_page_of_the_next_version_is_found(house: House) -> None:
    document, request = later(house, MOVED)
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    assert prepare(house, document).status_code == 302
    page = text(house, "ada", document)
    assert LOOK in page
    assert PROVED not in page
    assert house.guest("ada").propose(document, looked="").status_code == 422


def test_wording_that_the_next_version_says_once_more_is_found(house: House) -> None:
    document, request = later(house, ECHOED_LATER)
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    assert prepare(house, document).status_code == 302
    assert LOOK in text(house, "ada", document)


def test_what_was_placed_rightly_is_not_reported(house: House) -> None:
    document, request = later(house, NUMBERED_LATER)
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    assert prepare(house, document).status_code == 302
    assert PROVED in text(house, "ada", document)


def test_a_version_whose_passages_cannot_be_had_is_named(house: House) -> None:
    document, request = later(house, NUMBERED_LATER)
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    house.sql("delete from key_wrap where object_id in (select passages_object_id from version where number = 1)")
    assert prepare(house, document).status_code == 302
    assert "could not be compared with version 1" in text(house, "ada", document)
    assert house.guest("ada").propose(document, looked="").status_code == 422


def test_what_a_version_in_another_language_says_untranslated_is_found(house: House) -> None:
    document, request = later(house, report(("Resume.", f"{SECRET}."), (f"3. {INFORMANT}.", "4. Les postes ont ete visites.")), "fr")
    assert place(house, document, request, 2, boxes=line(2, 0)).status_code == 302
    assert prepare(house, document, "fr").status_code == 302
    assert LOOK in text(house, "ada", document)


def test_a_translation_is_not_taken_for_a_repeat(house: House) -> None:
    document, request = later(house, FRENCH, "fr")
    assert place(house, document, request, 2, boxes="§3").status_code == 302
    assert prepare(house, document, "fr").status_code == 302
    assert PROVED in text(house, "ada", document)


# ---- what was looked at is what is proposed, and what is approved
def test_what_is_proposed_is_what_the_page_showed(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    assert prepare(house, document, "en").status_code == 302
    looked = shown(text(house, "ada", document))
    assert prepare(house, document, "fr").status_code == 302
    refused = ada.propose(document, rendition=looked)
    assert refused.status_code == 409
    assert "What you looked at is not what was prepared last" in refused.text
    assert ada.propose(document, rendition="").status_code == 409
    assert house.sql("select count(*) from proposal") == [(0,)]
    assert ada.propose(document, rendition=shown(text(house, "ada", document))).status_code == 302


def test_the_second_officer_is_led_to_exactly_what_is_proposed(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    assert prepare(house, document, "fr").status_code == 302
    assert ada.propose(document).status_code == 302
    assert prepare(house, document, "en").status_code == 302
    page = text(house, "dana", document)
    card = page[page.index('id="decide"') : page.index("Approve release")]
    proposed = UUID(house.sql("select rendition_id from proposal")[0][0])
    links = re.findall(r"/documents/[0-9a-f-]+/renditions/([0-9a-f-]+)", card)
    assert links == [str(proposed)]
    assert house.guest("dana").get(f"/documents/{document}/renditions/{proposed}/pages/1").status_code == 200


def test_each_proposal_that_waits_is_shown_with_its_own_rendition(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=NUMBERED)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    for language in ("fr", "en"):
        assert prepare(house, document, language).status_code == 302
        assert ada.propose(document).status_code == 302
    page = text(house, "dana", document)
    for proposal, rendition in house.sql("select id, rendition_id from proposal"):
        assert f"/approvals/{UUID(proposal)}/approve" in page
        assert f"/renditions/{UUID(rendition)}/pages/1" in page
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    assert text(house, "dana", document).count("Approve release") == 1


# ---- pure
def passage(words: str, *boxes: Box) -> Passage:
    return Passage(Kind.PARAGRAPH, "", boxes, words)


@pytest.mark.parametrize(
    ("texts", "page", "found"),
    [
        (["one two three four five six seven"], "He said: ONE two, three\nfour five six.", True),
        (["one two three four five six seven"], "one two three four five", False),
        (["a name"], "it was a name", True),
        (["Heron Kestrel"], "Heron and Kestrel", False),
        (["write to kestrel@heron.example"], "kestrel@heron.example", True),
        (["在黎明之前会见了线人"], "报告说在黎明之前会见了线人。", True),
        (["在黎明之前会见了线人"], "报告说在黎明之后会见了部长。", False),
        ([], "one two three four five six seven", False),
    ],
)
def test_six_words_in_a_row_count_and_short_texts_whole(texts: Sequence[str], page: str, found: bool) -> None:
    assert [row.page for row in still_said(texts, ["", page])] == ([2] if found else [])


def test_passages_count_that_a_mark_reaches_into_and_those_on_pages_that_go() -> None:
    passages = [
        passage("marked", Box(1, 0.1, 0.1, 0.9, 0.2)),
        passage("touched", Box(1, 0.1, 0.199, 0.9, 0.3)),
        passage("on a page that goes", Box(2, 0.1, 0.1, 0.9, 0.2)),
        passage("stays", Box(3, 0.1, 0.1, 0.9, 0.2)),
    ]
    kept = Withheld(frozenset({2}), (Box(1, 0.0, 0.15, 1.0, 0.2),))
    assert kept_texts(passages, kept) == ("marked", "on a page that goes")


def test_each_page_is_named_once_and_the_text_is_read_back() -> None:
    repeats = Repeats(together([Repeat(5, 1), Repeat(1, 2)], [Repeat(5, 3)]), (1,))
    assert repeats.pages == (Repeat(1, 2), Repeat(5, 3))
    assert Repeats.from_text(repeats.to_text()) == repeats
    assert repeats.sentences[0].startswith("Pages 1, 5 still show")
    assert not Repeats()


# ---- running titles
def titled(*bodies: str) -> bytes:
    """A page for each, under a title that runs over all of them."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for body in bodies:
        canvas.drawString(72, 805, "Report of the visit to Samoria in October")
        canvas.drawString(72, 500, body)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_title_that_runs_over_most_pages_is_told_to_both_and_asks_for_no_tick(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=titled(KEPT[0], SECRET, KEPT[1], "A map"))
    assert house.guest("carla").withhold(document, "2").status_code == 302
    assert prepare(house, document).status_code == 302
    told = "A line at the head or foot of most pages stands on a page that is left out, too"
    page = text(house, "ada", document)
    assert told in page
    assert PROVED not in page
    assert 'name="looked"' not in page
    assert ada.propose(document, looked="").status_code == 302
    assert told in text(house, "dana", document)


def test_what_is_kept_of_running_titles_is_read_back_and_older_rows_say_nothing_of_them() -> None:
    repeats = Repeats((Repeat(2, 3),), (1,), running=True)
    assert Repeats.from_text(repeats.to_text()) == repeats
    assert Repeats.from_text('{"pages": [[2, 3]], "uncompared": [1]}') == Repeats((Repeat(2, 3),), (1,))
    assert not Repeats(running=True)
