"""A share for the eyes of named persons, in both directions: nobody else of their body learns that it exists, and nobody looks them up."""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from portal.sharing.eyes import MOST, reference_of, written
from portal.sharing.statements import share_bytes
from portal.sharing.terms import Terms
from tests.cases.test_absence import told
from tests.common import directions
from tests.common.beginnings import beginning
from tests.common.house import House, proposal_of, shared
from tools.tour.sample import SAMORIA_TITLE

#: What is another on every page: the token of a form, and the time.
UNLIKE = re.compile(r'name="csrf[^>]*>|\d\d:\d\d')
REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


house = directions.house


def person_of(house: House, login: str) -> UUID:
    return UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0])


def told_by(house: House, login: str) -> str:
    """The reference that this person reads on their page."""
    (found,) = REFERENCE.findall(house.guest(login).get("/sessions").text)
    return str(found)


def named(house: House, *logins: str, **terms: str) -> tuple[str, str]:
    """Shared for the eyes of these persons; the reader, if none is named here. Returns (document, share)."""
    return shared(house, eyes=" ".join(told_by(house, login) for login in logins or (house.cast.reader,)), **terms)


@beginning
def prepared(house: House) -> str:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    return document


def lists(house: House, login: str) -> list[str]:
    """What somebody's list can be asked: pages, totals, options, searches, the export; and their home page."""
    words, reader = SAMORIA_TITLE.split()[0], house.guest(login)
    asked = ("", "?available=yes", "?available=no", f"?title={words}", f"?symbol={house.cast.symbol[:3]}")
    pages = [reader.get(f"/received{query}") for query in asked]
    assert {page.status_code for page in pages} == {200}
    return [UNLIKE.sub("", page.text) for page in (*pages, reader.get("/received/export"), reader.get("/"))]


def is_unknown(house: House, share: str, login: str) -> None:
    guest = house.guest(login)
    for path in ("", "/pages/1", "/onward", "/remarks", "/transfers", "/file"):
        assert guest.get(f"/received/{share}{path}").status_code == 404
    for path in ("/acknowledgement", "/confirmation", "/copies", "/onward", "/remarks"):
        assert guest.post(f"/received/{share}{path}").status_code == 404


# ---- who learns of it
def test_whom_it_names_reads_it_and_nobody_else_of_their_body_learns_of_it(house: House) -> None:
    colleague = house.cast.cleared_reader
    before = lists(house, colleague)
    _, share = named(house, use="file")
    is_unknown(house, share, colleague)
    assert lists(house, colleague) == before
    assert house.sql("select count(*) from audit_event where event = 'alarm.raised'") == [(0,)]
    reader = house.guest(house.cast.reader)
    assert [house.cast.symbol in text for text in lists(house, house.cast.reader)] == [True, True, False, True, True, True, True]
    read = reader.get(f"/received/{share}/pages/1")
    assert read.status_code == 200
    assert "eyes only" in read.text
    assert "Nobody else there learns that it exists" in read.text
    assert "the reviewers of" not in read.text
    assert reader.post(f"/received/{share}/acknowledgement").status_code == 302
    assert reader.post(f"/received/{share}/copies").status_code == 200


def test_several_are_named_and_none_of_them_reads_who_the_others_are(house: House) -> None:
    both = house.cast.reader, house.cast.cleared_reader
    _, share = named(house, *both)
    for login, other in (both, both[::-1]):
        read = house.guest(login).get(f"/received/{share}/pages/1")
        assert read.status_code == 200
        assert told_by(house, other) not in read.text


def test_a_share_for_their_eyes_and_an_absent_one_are_the_same_to_a_colleague(house: House) -> None:
    _, share = named(house)
    colleague = house.cast.cleared_reader
    house.guest(colleague).get("/")  # whatever is done once in a while is done
    for endpoint, more in (("received.show", {}), ("received.page", {"page": "1"}), ("onward.new", {}), ("downloads.file", {})):
        known, unknown = (told(house, colleague, "GET", endpoint, {"share_id": one, **more}) for one in (share, str(uuid4())))
        assert known.status == unknown.status == 404
        assert (known.headers, known.body) == (unknown.headers, unknown.body)
        assert len(known.statements) == len(unknown.statements)


@pytest.mark.parametrize("closed_by", ["recall", "request"])
def test_once_closed_its_stub_is_for_their_eyes_as_well(house: House, closed_by: str) -> None:
    colleague = house.cast.cleared_reader
    before = lists(house, colleague)
    document, share = named(house)
    if closed_by == "recall":
        house.guest(house.cast.releasing).recall(document, proposal_of(house))
    else:
        house.guest(house.cast.confidentiality).withhold(document, "2")
    is_unknown(house, share, colleague)
    assert lists(house, colleague) == before
    assert "No longer available" in house.guest(house.cast.reader).get(f"/received/{share}").text
    assert house.guest(house.cast.reader).post(f"/received/{share}/confirmation").status_code == 302


def test_to_name_one_more_takes_a_recall_and_two_officers(house: House) -> None:
    document, share = named(house)
    ada, both = house.guest(house.cast.uploader), f"{told_by(house, house.cast.reader)}, {told_by(house, house.cast.cleared_reader)}"
    assert ada.propose(document, eyes=both).status_code == 409
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    ada.prepare(document)
    assert ada.propose(document, eyes=both).status_code == 302
    assert "eyes only" not in "".join(lists(house, house.cast.cleared_reader))
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    assert "eyes only" in lists(house, house.cast.cleared_reader)[0]
    is_unknown(house, share, house.cast.cleared_reader)


def test_being_named_replaces_no_role(house: House) -> None:
    administrator = house.cast.other_administrator
    house.guest(administrator)
    _, share = shared(house, eyes=reference_of(person_of(house, administrator)))
    is_unknown(house, share, administrator)
    is_unknown(house, share, house.cast.reader)


def test_their_auditors_read_what_the_named_did(house: House) -> None:
    _, share = named(house)
    house.guest(house.cast.reader).get(f"/received/{share}/pages/1")
    log = house.guest(house.cast.other_auditor).log()
    assert "Share page read" in log
    assert SAMORIA_TITLE not in log


# ---- nobody is looked up
def test_a_reference_that_nobody_has_reads_like_one_that_somebody_has(house: House) -> None:
    ada, dana, read = house.guest(house.cast.uploader), house.guest(house.cast.releasing), []
    for reference in (told_by(house, house.cast.reader), written([reference_of(uuid4())])[0]):
        symbol = f"{house.cast.body}/2026/XSM/{10 + len(read)}"
        document = ada.deposit(symbol)
        ada.prepare(document)
        assert ada.propose(document, eyes=reference).status_code == 302
        pages = [guest.get(f"/documents/{document}{page}").text for guest, page in ((ada, ""), (dana, ""), (dana, "/who"))]
        assert reference in pages[0]
        assert reference in pages[1]
        assert dana.approve(proposal_of(house)).status_code == 302
        pages += [dana.get(f"/documents/{document}{page}").text for page in ("", "/who", "/seen")]
        read.append([plain(text).replace(reference, "").replace(symbol, "") for text in pages])
    assert read[0] == read[1]


def plain(text: str) -> str:
    """A page without what is another each time: ids, tokens, times."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f-]{27})?", "", UNLIKE.sub("", text))


def test_what_is_asked_of_the_database_is_the_same_whoever_has_the_reference(house: House) -> None:
    ada, runs = house.guest(house.cast.uploader), []
    for reference in (told_by(house, house.cast.reader), written([reference_of(uuid4())])[0]):
        document = ada.deposit(f"{house.cast.body}/2026/XSM/{10 + len(runs)}")
        ada.prepare(document)
        statements: list[str] = []
        engine = house.parts.database.engine
        event.listen(engine, "before_cursor_execute", listen := lambda *said, into=statements: into.append(said[2]))
        assert ada.propose(document, eyes=reference).status_code == 302
        event.remove(engine, "before_cursor_execute", listen)
        runs.append(statements)
    assert runs[0] == runs[1] != []


def test_the_second_officer_reads_whom_it_is_for_before_they_approve(house: House) -> None:
    document = prepared(house)
    reference = told_by(house, house.cast.reader)
    house.guest(house.cast.uploader).propose(document, eyes=reference)
    decide = house.guest(house.cast.releasing).get(f"/documents/{document}").text
    assert reference in decide.split("Approve release")[0]
    assert "Ask each of them whether it is theirs" in decide


def test_who_can_see_it_tells_the_named_from_the_others_and_names_nobody(house: House) -> None:
    document, _ = named(house)
    page = house.guest(house.cast.confidentiality).get(f"/documents/{document}/who").text
    assert "Named in the terms" in page
    assert "Not named in the terms" in page
    assert "F76-eyes-only" in page
    (name,) = re.findall(r'class="p-drop-who">([^<]+)<', house.guest(house.cast.reader).get("/").text)
    assert name not in page


def test_only_who_reads_what_is_shared_has_a_reference_and_it_is_their_own(house: House) -> None:
    mine, theirs = told_by(house, house.cast.reader), told_by(house, house.cast.cleared_reader)
    assert mine != theirs
    assert written([reference_of(person_of(house, house.cast.reader))]) == [mine]
    assert "Your reference" not in house.guest(house.cast.other_administrator).get("/sessions").text


# ---- what was typed
def test_a_reference_is_taken_however_it_is_written(house: House) -> None:
    document = prepared(house)
    mine, theirs = told_by(house, house.cast.reader), told_by(house, house.cast.cleared_reader)
    typed = f" {mine.lower().replace('0', 'o').replace('1', 'l').replace('-', ' ')};{theirs.replace('-', '')},{mine}."
    assert house.guest(house.cast.uploader).propose(document, eyes=typed).status_code == 302
    (terms,) = house.sql("select terms from proposal")[0]
    assert written(Terms.from_text(terms).eyes) == sorted([mine, theirs])


@pytest.mark.parametrize(
    "typed",
    ["Omar", "0000-0000-0001", "{mine} 1", "{mine}-{mine} x", "{mine}\0", "\u202e{mine}", '{mine}","use":"file', "{slip}", "{swapped}"],
)
def test_what_is_no_reference_is_refused_and_nothing_typed_is_lost(house: House, typed: str) -> None:
    document = prepared(house)
    mine = told_by(house, house.cast.reader)
    slip = ("A" if mine[0] != "A" else "B") + mine[1:]
    at = next(place for place in range(3) if mine[place] != mine[place + 1])
    swapped = mine[:at] + mine[at + 1] + mine[at] + mine[at + 2 :]
    given = typed.format(mine=mine, slip=slip, swapped=swapped)
    refused = house.guest(house.cast.uploader).propose(document, eyes=given, purpose="For planning")
    assert refused.status_code == 422
    assert "One of these is no reference" in refused.text
    assert "For planning" in refused.text
    assert house.sql("select count(*) from proposal") == [(0,)]


def test_so_many_are_named_and_not_one_more(house: House) -> None:
    document = prepared(house)
    ada, many = house.guest(house.cast.uploader), [reference_of(UUID(int=person)) for person in range(MOST + 1)]
    refused = ada.propose(document, eyes=" ".join(many))
    assert refused.status_code == 422
    assert f"Name at most {MOST} persons" in refused.text
    assert ada.propose(document, eyes=" ".join(many[:-1])).status_code == 302


# ---- somebody edits the database
def test_who_takes_the_names_out_of_the_row_opens_nothing(house: House) -> None:
    _, share = named(house)
    house.sql("update share set terms = ?", Terms().to_text())
    for login in (house.cast.reader, house.cast.cleared_reader):
        assert house.guest(login).get(f"/received/{share}/pages/1").status_code == 500


def test_the_keys_are_bound_to_the_names(house: House) -> None:
    """A row that another name was put into, and even the row's own MAC made anew: the key was granted under other terms."""
    _, share = named(house)
    other = Terms(eyes=frozenset({told_by(house, house.cast.cleared_reader).replace("-", "")}))
    with house.parts.write() as uow:
        found = uow.shares.get(UUID(share))
        assert found is not None
        found.terms = other.to_text()
        found.mac = uow.holder.mac(found.originator, "share", share_bytes(found))
        uow.session.commit()
    assert house.guest(house.cast.cleared_reader).get(f"/received/{share}/pages/1").status_code == 500
    is_unknown(house, share, house.cast.reader)


def test_the_second_officer_approves_these_very_names(house: House) -> None:
    document = prepared(house)
    house.guest(house.cast.uploader).propose(document, eyes=told_by(house, house.cast.reader))
    other = Terms(eyes=frozenset({told_by(house, house.cast.cleared_reader).replace("-", "")}))
    house.sql("update proposal set terms = ?", other.to_text())
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 500
    assert house.sql("select count(*) from share") == [(0,)]


@pytest.mark.parametrize("said", ["[]", '"{0}"', '["{0}","{0}"]', '[["{0}"]]', '["x"]', "1", '{{"{0}":1}}', "null"])
def test_terms_of_another_form_are_no_terms(said: str) -> None:
    mine = reference_of(UUID(int=1))
    good = Terms(eyes=frozenset({mine})).to_text()
    assert Terms.from_text(good).eyes == {mine}
    with pytest.raises(ValueError, match="terms of another kind"):
        Terms.from_text(good.replace(f'["{mine}"]', said.format(mine)))
