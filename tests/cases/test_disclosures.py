"""Who already saw it: exactly what was opened, by whom, of this document, told to those who keep back and release and to nobody else."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.audit.disclosures import _summed, disclosures, reader
from portal.audit.record import Record
from portal.cases import facts
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from tests.cases.subjects import subject_of
from tests.common import directions
from tests.common.house import DIRECTORATE, House, open_house, shared
from tests.common.s3server import S3Server

NOBODY = "Nobody outside has opened it through the portal: its log records no disclosure."


house = directions.house


def short(house: House) -> str:
    return house.config.named(house.cast.other).short


def read(house: House, share: str, *pages: int, login: str = "") -> None:
    for page in pages:
        assert house.guest(login or house.cast.reader).get(f"/received/{share}/pages/{page}").status_code == 200


def seen(house: House, document: str, login: str = "") -> list[list[str]]:
    """The rows of the page, each as the words of its cells: person, pages, downloads, times, share."""
    reply = house.guest(login or house.cast.confidentiality).get(f"/documents/{document}/seen")
    assert reply.status_code == 200, reply.text[:500]
    opened = reply.text.split("<h2>Shares and their ends</h2>")[0]
    rows = re.findall(r"<tr><td>.*?</tr>", opened, flags=re.S)
    return [[_words(cell) for cell in re.findall(r"<td.*?</td>", row, flags=re.S)] for row in rows]


def _words(markup: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def happened(house: House, here: str, share: str, **changes: object) -> None:
    """An event of somebody of the other body, as the portal writes it."""
    mine, theirs = house.cast.body, house.cast.other
    record = Record(
        event=Event.SHARE_DOWNLOADED,
        actor=uuid4(),
        actor_body=theirs,
        document=UUID(here),
        share=UUID(share),
        bodies=frozenset({mine, theirs}),
        detail={"copy": "c1"},
        originator=mine,
    )
    with house.parts.write() as uow:
        uow.record(replace(record, **changes))  # type: ignore[arg-type]
        uow.session.commit()


def test_the_page_lists_exactly_the_pages_read_by_the_persons_who_read_them(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 2, 1, 4)
    for login in (house.cast.confidentiality, house.cast.releasing, house.cast.both):
        (row,) = seen(house, document, login)
        assert row[0] == f"{reader_name(house)} {short(house)}"
        assert row[1] == "1 (2 views), 2, 4 4 views in all"
        assert row[2] == "No"
        assert row[4].startswith("Open")
        assert "before" not in row[4]


def test_two_persons_of_the_other_body_are_two_rows_each_with_their_own_pages(
    template: Path, tmp_path: Path, house_s3: S3Server | None
) -> None:
    house = open_house(template, tmp_path / "portal", DIRECTORATE, house_s3)
    document, share = shared(house)
    read(house, share, 1)
    house.clock.advance(timedelta(minutes=1))
    read(house, share, 2, 4, login="olga")
    rows = [row[:2] for row in seen(house, document)]
    house.close()
    assert rows == [["Olga Nowak Office", "2, 4 2 views in all"], ["Omar Haddad Office", "1 1 view in all"]]


def reader_name(house: House) -> str:
    return subject_of(house, house.cast.reader).name


def test_an_event_that_has_no_leaf_yet_counts_like_any_other(house: House) -> None:
    document, share = shared(house)
    house.worker.sequence()
    read(house, share, 2)
    waiting = "select event from audit_event where id in (select event_id from audit_pending)"
    assert ("share.page_read",) in house.sql(waiting)
    before = seen(house, document)
    house.worker.sequence()
    assert seen(house, document) == before
    assert before[0][1].startswith("2 ")


def test_a_document_that_nobody_outside_opened_says_what_the_log_records(house: House) -> None:
    document, _ = shared(house)
    rendition = UUID(house.sql("select id from rendition")[0][0])
    assert house.guest(house.cast.uploader).get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code == 200  # a preview
    assert house.guest(house.cast.reader).get("/received").status_code == 200
    page = house.guest(house.cast.confidentiality).get(f"/documents/{document}/seen")
    assert NOBODY in page.text
    assert seen(house, document) == []
    assert house.events()[-1] == ("disclosures.read", "done", "")


def test_what_happened_to_other_documents_never_shows(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    other = house.guest(house.cast.uploader).deposit(f"{house.cast.body}/2026/XSM/9")
    assert seen(house, other) == []
    read(house, share, 4)
    assert [row[1] for row in seen(house, document)] == ["1, 4 2 views in all"]


def test_after_a_late_request_the_row_is_marked_and_says_what_was_shown_that_is_kept_now(house: House) -> None:
    document, share = shared(house, withheld="3")
    read(house, share, 1, 2, 3)
    house.clock.advance(timedelta(minutes=10))
    assert house.guest(house.cast.confidentiality).withhold(document, "2-3").status_code == 302
    (row,) = seen(house, document)
    today = house.clock.now()
    assert f"before the request of {today.day} {today:%b %Y}" in row[4]
    assert row[4].startswith("Closed")
    assert "only the notice that it is not included: 3" in row[1]
    assert row[1].endswith("Shown before it was kept: 2")


def test_a_request_before_the_share_marks_nothing(house: House) -> None:
    document, share = shared(house, withheld="3")
    read(house, share, 3)
    (row,) = seen(house, document)
    assert "before" not in row[4]
    assert "before it was kept" not in row[1]


def test_a_share_released_anew_has_a_row_of_its_own_without_the_mark(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    house.guest(house.cast.confidentiality).withhold(document, "2")
    house.clock.advance(timedelta(minutes=1))
    house.guest(house.cast.uploader).prepare(document)
    house.guest(house.cast.uploader).propose(document)
    proposal = UUID(house.sql("select id from proposal order by proposed_at desc limit 1")[0][0])
    assert house.guest(house.cast.releasing).approve(str(proposal)).status_code == 302
    anew = UUID(house.sql("select id from share where proposal_id = ?", proposal.hex)[0][0])
    read(house, str(anew), 4)
    new, old = seen(house, document)
    assert (new[1], "before" in new[4]) == ("4 1 view in all", False)
    assert (old[1], "before" in old[4]) == ("1 1 view in all", True)


def test_downloads_are_counted_and_put_every_page_shown_at_stake(house: House) -> None:
    document, share = shared(house, withheld="3")
    for copy in ("c1", "c2"):
        happened(house, document, share, actor=UUID(int=7), detail={"copy": copy})
    house.clock.advance(timedelta(minutes=1))
    house.guest(house.cast.confidentiality).withhold(document, "2-3")
    (row,) = seen(house, document)
    assert row[0] == f"A person of the {short(house)} {short(house)}"
    assert row[1] == "None Shown before it was kept: 2"
    assert row[2] == "2 copies c1, c2"


def test_persons_whose_name_the_log_does_not_hold_are_told_apart_by_a_number(house: House) -> None:
    document, share = shared(house)
    for actor in (7, 8, 7):
        happened(house, document, share, actor=UUID(int=actor))
        house.clock.advance(timedelta(seconds=1))
    rows = seen(house, document)
    assert [(row[0].split(") ")[0], row[2]) for row in rows] == [
        (f"A person of the {short(house)} (1", "2 copies c1"),
        (f"A person of the {short(house)} (2", "1 copy c1"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "refused"},
        {"event": Event.SHARE_FOUND},
        {"actor_body": "mine"},
        {"originator": "theirs"},
        {"bodies": frozenset({"theirs"})},
        {"document": UUID(int=3)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_only_what_others_did_with_this_document_of_ours_is_a_disclosure(house: House, changes: dict[str, object]) -> None:
    document, share = shared(house)
    real = {"mine": house.cast.body, "theirs": house.cast.other}
    changes = {name: real.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}
    if "bodies" in changes:
        changes["bodies"] = frozenset({house.cast.other})
    happened(house, document, share, **changes)
    assert seen(house, document) == []


def test_a_person_of_the_other_body_gets_what_an_absent_document_gives(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    for login in (house.cast.reader, house.cast.other_auditor, house.cast.other_administrator):
        guest = house.guest(login)
        real, absent = guest.get(f"/documents/{document}/seen"), guest.get(f"/documents/{uuid4()}/seen")
        assert real.status_code == absent.status_code == 404
        assert real.data == absent.data


def test_whoever_neither_keeps_back_nor_releases_is_refused_with_one_event(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    for login, status in ((house.cast.uploader, 403), (house.cast.own_reviewer, 403), (house.cast.auditor, 404)):
        guest = house.guest(login)
        events = len(house.events())
        reply = guest.get(f"/documents/{document}/seen")
        assert reply.status_code == status, login
        assert reader_name(house) not in reply.text
        assert [(event, outcome) for event, outcome, _ in house.events()[events:]] == [("disclosures.read", "refused")]


def test_the_documents_page_leads_there_where_the_policy_lets_one(house: House) -> None:
    document, _ = shared(house)
    link = f'href="/documents/{document}/seen"'
    assert link in house.guest(house.cast.confidentiality).get(f"/documents/{document}").text
    assert link in house.guest(house.cast.releasing).get(f"/documents/{document}").text
    assert link not in house.guest(house.cast.uploader).get(f"/documents/{document}").text


def test_an_event_that_was_changed_is_an_alarm_and_hides_no_other(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 4)
    changed = "cast('no facts' as blob)" if house.config.database.url.startswith("sqlite") else "'no facts'"
    house.sql(f"update audit_event set detail = {changed} where event = 'share.page_read' and detail like '%1%'")
    page = house.guest(house.cast.confidentiality).get(f"/documents/{document}/seen")
    assert "was changed after it was written" in page.text
    assert [row[1] for row in seen(house, document)] == ["4 1 view in all"]
    assert house.sql("select distinct originator from audit_event where event = 'alarm.raised'") == [(house.cast.body,)]


def test_a_name_that_cannot_be_opened_is_an_alarm_and_the_person_stays(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    house.sql("update audit_event set private_part = salt where event = 'share.page_read'")
    (row,) = seen(house, document)
    assert row[0].startswith("A person of the ")
    assert house.events()[-1] == ("alarm.raised", "done", "")


def test_a_readers_name_is_in_the_originators_part_and_in_no_log_of_the_originator(house: House) -> None:
    _, share = shared(house)
    read(house, share, 1)
    assert reader_name(house) not in house.guest(house.cast.auditor).log()


def test_a_name_of_any_length_and_script_stops_no_reading() -> None:
    for name in ("A" * 900, "\U00010400" * 200, "ł" * 300):
        kept = reader(name)["reader"]
        assert name.startswith(kept)
        assert len(kept) >= 30
    assert reader("Omar Haddad") == {"reader": "Omar Haddad"}


def test_the_log_is_asked_only_under_a_permit_for_this_document_and_this_act(house: House) -> None:
    document, _ = shared(house)
    other = house.guest(house.cast.uploader).deposit(f"{house.cast.body}/2026/XSM/9")
    subject = subject_of(house, house.cast.confidentiality)

    def ask(uow, permit: Permit, target):  # type: ignore[no-untyped-def]
        return disclosures(uow.session, permit, UUID(document), sealer=uow.holder)

    for action, asked in ((Action.DOCUMENT_READ, document), (Action.DISCLOSURE_READ, other)):
        guard = Guard(action=action, event=Event.DISCLOSURES_READ, locate=facts.document)
        with pytest.raises(RuntimeError, match="does not tell who saw"):
            house.passage.read(Errand(guard=guard, subject=subject, where={"document_id": UUID(asked)}), ask)


@pytest.mark.sqlite
def test_the_question_goes_over_an_index_and_not_over_the_log(house: House) -> None:
    with house.parts.read() as uow:
        statement = _summed(uow.session, "CTED", uuid4()).compile(uow.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = uow.session.connection().exec_driver_sql(f"explain query plan {statement}").fetchall()
    words = " ".join(str(row) for row in plan)
    assert "ix_audit_event_document" in words
    assert "SCAN" not in words
