"""What was said of a share that is closed, shredded or put back: gone for its recipient, kept for its originator, answered by nobody."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cases import keeping
from tests.cases.moments import at
from tests.cases.remarks import ANSWERED, ASKED, CLOSED, answer, read, remark_of, said, say, words_of
from tests.common import directions
from tests.common.backups import back_up, command, recalled, started
from tests.common.entity import READER, passed_on
from tests.common.house import DIRECTORATE, House, proposal_of, shared

house, wide = directions.house, directions.wide

GONE = "No longer available"


# ---- once it is closed
def closings(house: House, document: str) -> None:
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302


@pytest.mark.parametrize("how", ["recalled", "requested", "over"])
def test_of_a_closed_share_the_recipient_reads_and_says_nothing_and_the_originator_reads_all(house: House, how: str) -> None:
    until = {"until": (house.clock.now() + timedelta(days=1)).date().isoformat()} if how == "over" else {}
    document, share = shared(house, withheld="", **until)
    say(house, share)
    answer(house, document)
    say(house, share, "And of page 2?", page="2")
    if how == "recalled":
        closings(house, document)
    elif how == "requested":
        assert house.guest(house.cast.confidentiality).withhold(document, "3").status_code == 302
    else:
        at(house, house.clock.now() + timedelta(days=2))
    for reply in (said(house, share), say(house, share, "One more")):
        assert reply.status_code == 403
        assert GONE in reply.text
        assert ASKED not in reply.text
    for path in ("/", "/received", f"/received/{share}"):
        text = house.guest(house.cast.reader).get(path).text
        assert ASKED not in text
        assert "question" not in text
    kept = read(house, document)
    assert ASKED in kept.text
    assert ANSWERED in kept.text
    assert CLOSED in kept.text
    refused = answer(house, document, "Too late")
    assert refused.status_code == 403
    assert CLOSED in refused.text
    assert "Questions to answer" not in house.guest(house.cast.confidentiality).get("/").text
    assert house.sql("select count(*) from remark") == [(3,)]


def test_with_the_closing_what_was_said_is_gone_for_the_recipient_whatever_the_rules_say(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    assert words_of(house, "for_recipient", house.cast.other) == [json.dumps(["", ASKED])]
    closings(house, document)
    assert words_of(house, "for_recipient", house.cast.other) == [""]
    assert words_of(house, "for_originator", house.cast.body) == [json.dumps(["", ASKED])]


def test_a_question_about_a_closed_share_is_not_answered_because_another_one_is_open(house: House) -> None:
    document, share = shared(house, withheld="")
    say(house, share)
    first = remark_of(house)
    closings(house, document)
    ada = house.guest(house.cast.uploader)
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    assert answer(house, document, remark=first).status_code == 403
    again = str(UUID(next(row[0] for row in house.sql("select id from share") if UUID(row[0]) != UUID(share))))
    assert ASKED not in said(house, again).text
    assert house.sql("select count(*) from remark") == [(1,)]


def test_of_what_was_passed_on_nothing_is_said_once_the_share_it_came_of_is_closed(wide: House) -> None:
    document, share = shared(wide)
    onward = passed_on(wide, document, share)
    say(wide, onward, login=READER)
    asked = remark_of(wide)
    assert (
        wide.guest("dana")
        .recall(document, str(UUID(wide.sql("select proposal_id from share where id = ?", UUID(share).hex)[0][0])))
        .status_code
        == 302
    )
    assert say(wide, onward, login=READER).status_code == 403
    assert said(wide, onward, READER).status_code == 403
    assert answer(wide, document, remark=asked).status_code == 403


# ---- destroyed
def test_shredding_destroys_what_was_said_for_both(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    answer(house, document)
    before = [bytes(value) for row in house.sql("select for_originator, for_recipient from remark") for value in row]
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert words_of(house, "for_originator", house.cast.body) == ["", ""]
    assert words_of(house, "for_recipient", house.cast.other) == ["", ""]
    for name, content in house.everything_at_rest().items():
        assert not any(sealed in content for sealed in before), name
    gone = read(house, document)
    assert gone.status_code == 403
    assert "shredded" in gone.text
    assert "Questions and comments" not in house.guest(house.cast.confidentiality).get(f"/documents/{document}").text
    assert answer(house, document).status_code == 403


@pytest.mark.parametrize("house", [DIRECTORATE], indirect=True, ids=["from the Directorate"])
def test_a_backup_from_before_a_recall_brings_nothing_back_to_the_recipient(house: House) -> None:
    document, share = shared(house, withheld="")
    say(house, share)
    answer(house, document)
    backup = back_up(house)
    recalled(house, document)
    backup.restore("database")
    assert words_of(house, "for_recipient", "OCT")[0] != ""
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert words_of(house, "for_recipient", "OCT") == ["", ""]
    assert said(house, share).status_code == 403
    assert ASKED in read(house, document).text
    assert CLOSED in answer(house, document, "Too late").text
