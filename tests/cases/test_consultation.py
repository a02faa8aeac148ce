"""A State is consulted before a release; the files that show what a State said are kept sealed, for the originator's officers alone."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.cases import keeping
from tests.cases.consulting import NOTE, answer, attach, consult, consultation_of, evidence_of
from tests.cases.moments import at
from tests.cases.withholding import request_of
from tests.common.house import House, proposal_of, shared
from tests.common.slips import SAMORIA


def page(house: House, document: str, login: str = "ada") -> str:
    return house.guest(login).get(f"/documents/{document}").text


def proposed(house: House, document: str) -> str:
    assert house.guest("ada").prepare(document).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    return proposal_of(house)


def consulted(house: House, days: int) -> str:
    """A document about which a State was asked three weeks ago, to answer until so many days from today."""
    document, today = house.guest("ada").deposit(), house.clock.now()
    house.guest("carla")
    at(house, today - timedelta(days=21))
    assert consult(house, document, deadline=(today + timedelta(days=days)).date().isoformat()).status_code == 302
    at(house, today)
    return document


# ---- consulted
def test_while_an_answer_is_outstanding_nobody_approves(house: House) -> None:
    document = house.guest("ada").deposit()
    proposal = proposed(house, document)
    assert consult(house, document).status_code == 302
    assert "Until then nobody approves a share of this document." in page(house, document)
    refused = house.guest("dana").approve(proposal)
    assert refused.status_code == 403
    assert "A State is being consulted about this document." in refused.text
    assert house.sql("select count(*) from share") == [(0,)]
    assert answer(house, document).status_code == 302
    assert "The State has no objection" in page(house, document)
    assert house.guest("dana").approve(proposal).status_code == 302


def test_what_was_shared_before_stays_shared(house: House) -> None:
    document, share = shared(house)
    assert consult(house, document).status_code == 302
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 200


def test_two_states_are_consulted_and_both_are_waited_for(house: House) -> None:
    document = house.guest("ada").deposit()
    proposal = proposed(house, document)
    assert consult(house, document).status_code == 302
    first = consultation_of(house)
    assert consult(house, document).status_code == 409  # the same State, while it has not answered
    house.clock.advance(timedelta(seconds=1))
    assert consult(house, document, state="XTA").status_code == 302
    assert answer(house, document, consultation=first).status_code == 302
    assert house.guest("dana").approve(proposal).status_code == 403
    assert answer(house, document, answer="withdrawn", reference="Opened in error", dated="", received="").status_code == 302
    assert house.guest("dana").approve(proposal).status_code == 302


def test_silence_ends_nothing_unless_the_setting_says_so(house: House) -> None:
    document = consulted(house, -1)
    seen = page(house, document)
    assert "No objection recorded" in seen
    assert "Nothing is shared until an answer is recorded" in seen
    assert "States that did not answer in time" in house.guest("carla").get("/").text
    assert "States that did not answer in time" not in house.guest("dana").get("/").text
    assert house.guest("dana").approve(proposed(house, document)).status_code == 403


@pytest.mark.parametrize(("days", "status"), [(0, 403), (-1, 302)], ids=["on the last day", "after it"])
def test_where_silence_counts_the_day_after_the_deadline_frees(house: House, days: int, status: int) -> None:
    object.__setattr__(house.config.consultation, "silence_procedure", True)
    document = consulted(house, days)
    assert house.guest("dana").approve(proposed(house, document)).status_code == status


def test_only_the_confidentiality_officer_consults_and_records(house: House) -> None:
    document = house.guest("ada").deposit()
    statuses = {"ada": 403, "dana": 403, "elena": 403, "farid": 404, "omar": 404, "nadia": 404}
    assert {login: consult(house, document, login).status_code for login in statuses} == statuses
    assert consult(house, document).status_code == 302
    assert {login: answer(house, document, login).status_code for login in statuses} == statuses
    assert house.sql("select count(*) from communication") == [(1,)]


def test_an_answer_is_recorded_once_and_of_this_document_alone(house: House) -> None:
    document, other = house.guest("ada").deposit(), house.guest("ada").deposit("CTED/2026/XSM/77")
    assert consult(house, document).status_code == 302
    assert answer(house, other).status_code == 404
    assert answer(house, document).status_code == 302
    assert answer(house, document).status_code == 409


WRONG: list[tuple[dict[str, str], str]] = [
    ({"state": "XXX"}, "Choose"),
    ({"reference": ""}, "Give the reference of what you sent"),
    ({"reference": "a\u202eb"}, "reference"),
    ({"deadline": ""}, "Give the last day"),
    ({"deadline": "2020-01-01"}, "This day is over"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG, ids=[str(changes) for changes, _ in WRONG])
def test_a_consultation_that_cannot_be_opened_says_why_and_keeps_what_was_typed(house: House, changes: dict[str, str], words: str) -> None:
    document = house.guest("ada").deposit()
    refused = consult(house, document, **changes)
    assert refused.status_code == 422
    assert words in refused.text
    if "reference" not in changes:
        assert "CTED/NV/2026/44" in refused.text
    assert house.sql("select count(*) from communication") == [(0,)]


def test_an_answer_that_cannot_be_recorded_says_why(house: House) -> None:
    document = house.guest("ada").deposit()
    assert consult(house, document).status_code == 302
    for changes in ({"answer": "perhaps"}, {"reference": ""}, {"dated": "soon"}, {"received": "rumour"}, {"dated": "2999-01-01"}):
        refused = answer(house, document, **changes)
        assert refused.status_code == 422, changes
        assert "The answer is not recorded yet." in refused.text


def test_a_file_that_comes_after_the_state_was_asked_is_pointed_out(house: House) -> None:
    document = house.guest("ada").register()
    assert consult(house, document).status_code == 302
    assert "A file came after the State was asked." not in page(house, document)
    house.clock.advance(timedelta(seconds=1))
    assert house.guest("ada").upload(document, SAMORIA).status_code == 201
    assert "A file came after the State was asked." in page(house, document)


# ---- the files
def test_the_file_of_a_request_is_sealed_and_its_officers_take_it_out(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, "3").status_code == 302
    added = attach(house, document, request_of(house), name="Note verbale Kestrel.pdf")
    assert added.status_code == 201
    assert not any(b"note verbale about" in content or b"Kestrel.pdf" in content for content in house.everything_at_rest().values())
    path = f"/documents/{document}/evidence/{evidence_of(house)}"
    for login in ("carla", "dana"):
        taken = house.guest(login).get(path)
        assert taken.status_code == 200
        assert taken.data == NOTE
        assert taken.mimetype == "application/octet-stream"
        assert taken.headers["Content-Disposition"].startswith("attachment;")
        assert "Note verbale Kestrel.pdf" in page(house, document, login)
    assert {login: house.guest(login).get(path).status_code for login in ("ada", "elena", "farid", "omar", "rana", "quentin")} == {
        "ada": 403,
        "elena": 403,
        "farid": 404,
        "omar": 404,
        "rana": 404,
        "quentin": 404,
    }
    assert path not in page(house, document, "ada")
    assert "Kestrel.pdf" not in page(house, document, "ada")
    assert "A communication" in page(house, document, "ada")
    assert [event for event in house.events() if event[0].startswith("evidence.")][:3] == [
        ("evidence.added", "done", ""),
        ("evidence.read", "done", ""),
        ("evidence.read_ended", "done", ""),
    ]


def test_a_consultation_and_its_answer_have_their_files(house: House) -> None:
    document = house.guest("ada").deposit()
    assert consult(house, document).status_code == 302
    assert attach(house, document, consultation_of(house), name="sent.pdf").status_code == 201
    assert answer(house, document).status_code == 302
    reply = str(UUID(house.sql("select id from communication where kind = 'answered'")[0][0]))
    assert attach(house, document, reply, b"\xff\xd8\xff\xe0 a scan", name="answer.jpg").status_code == 201
    seen = page(house, document, "dana")
    assert "sent.pdf" in seen
    assert "answer.jpg" in seen


def test_what_is_no_pdf_and_no_scan_is_not_kept(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, "3").status_code == 302
    before = house.objects()
    for content, words in (
        (b"MZ\x90 a program", "neither a PDF nor a scan"),
        (b"", "empty"),
        (b"%PD", "neither"),
        (b" " * 25_000_001, "larger than 25 MB"),
    ):
        refused = attach(house, document, request_of(house), content)
        assert refused.status_code in {413, 422}, words
        assert words in refused.json["detail"]  # type: ignore[index]
    assert house.objects() == before


def test_a_file_belongs_to_something_of_this_document(house: House) -> None:
    document, other = house.guest("ada").deposit(), house.guest("ada").deposit("CTED/2026/XSM/78")
    assert house.guest("carla").withhold(document, "3").status_code == 302
    before = house.objects()
    assert attach(house, other, request_of(house)).status_code == 404
    assert attach(house, document, document).status_code == 404
    assert house.objects() == before
    assert attach(house, document, request_of(house)).status_code == 201
    assert attach(house, document, evidence_of(house)).status_code == 404
    assert house.guest("carla").get(f"/documents/{other}/evidence/{evidence_of(house)}").status_code == 404
    assert house.guest("carla").get(f"/documents/{document}/evidence/{request_of(house)}").status_code == 404


def test_the_other_roles_add_no_file(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, "3").status_code == 302
    request, before = request_of(house), house.objects()
    statuses = {"ada": 403, "dana": 403, "elena": 403, "farid": 404, "omar": 404, "nadia": 404}
    assert {login: attach(house, document, request, login=login).status_code for login in statuses} == statuses
    assert house.objects() == before


def test_shredding_destroys_the_files_as_well(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.guest("carla").withhold(document, "3").status_code == 302
    assert attach(house, document, request_of(house)).status_code == 201
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert house.objects() == set()
    assert house.guest("carla").get(f"/documents/{document}/evidence/{evidence_of(house)}").status_code == 403
    assert "note.pdf" not in page(house, document, "carla")


TAMPERED = [
    ("update communication set deadline = '2020-01-01'", "update communication set deadline = '{deadline}'"),
    ("update communication set kind = 'evidence'", "update communication set kind = 'consulted'"),
    ("update communication set done_by = document_id", "update communication set done_by = ?"),
]


def test_a_row_that_was_changed_stops_the_approval(house: House) -> None:
    document = house.guest("ada").deposit()
    proposal = proposed(house, document)
    assert consult(house, document).status_code == 302
    saved = house.sql("select deadline, done_by from communication")[0]
    for change, back in TAMPERED:
        house.sql(change)
        assert house.guest("dana").approve(proposal).status_code == 500, change
        house.sql(back.format(deadline=saved[0]), *([saved[1]] if "?" in back else []))
    assert house.guest("dana").approve(proposal).status_code == 403


def test_a_consultation_cannot_be_taken_away(house: House) -> None:
    document = house.guest("ada").deposit()
    proposal = proposed(house, document)
    assert consult(house, document).status_code == 302
    house.sql("delete from communication")
    assert house.guest("dana").approve(proposal).status_code == 500


def test_an_answer_cannot_be_carried_over_from_another_document(house: House) -> None:
    document, other = house.guest("ada").deposit(), house.guest("ada").deposit("CTED/2026/XSM/79")
    proposal = proposed(house, document)
    assert consult(house, other).status_code == 302
    assert answer(house, other).status_code == 302
    house.clock.advance(timedelta(seconds=1))
    assert consult(house, document).status_code == 302
    house.sql(
        "update communication set document_id = ?, about = ? where kind = 'answered'", UUID(document).hex, UUID(consultation_of(house)).hex
    )
    assert house.guest("dana").approve(proposal).status_code == 500
