"""What people of the other body are told of a document, on every page that they can come to.

Nothing before it is released to them, and its symbol alone once it is closed.
"""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.cases.remarks import ANSWERED, ASKED, answer, say
from tests.cases.test_embargo import at
from tests.cases.test_newer import TOLD
from tests.cases.versions import FIRST, SECOND
from tests.common.house import DIRECTORATE, OFFICE, Cast, Guest, House, proposal_of
from tools.tour.sample import SAMORIA_TITLE

PURPOSE = "Planning of the second mission"
BOTH = pytest.mark.parametrize("house", [DIRECTORATE, OFFICE], indirect=True, ids=["from the Directorate", "from the Office"])


def strangers(cast: Cast) -> tuple[str, ...]:
    return cast.reader, cast.cleared_reader, cast.other_auditor, cast.other_administrator


#: How large a page is shown, and of which hours of this one day a list is: of the same page, one is read.
ALIKE = frozenset({"zoom", "since", "until", "from", "to"})


def alike(path: str) -> str:
    """The same for addresses under which the same is told."""
    parts = urlsplit(path)
    return f"{parts.path}?{urlencode(sorted((name, value) for name, value in parse_qsl(parts.query) if name not in ALIKE))}"


def all_pages(guest: Guest, most: int = 120) -> dict[str, str]:
    """Every page that leads on from home, and what it says; no picture, no file, and nothing that signs out."""
    pages: dict[str, str] = {}
    waiting, known = ["/"], set()
    while waiting and len(pages) < most:
        path = waiting.pop(0)
        if alike(path) in known or re.match(r"/(sign-|static|confirm)", path):
            continue
        known.add(alike(path))
        reply = guest.get(path)
        pages[path] = unescape(reply.text) if reply.mimetype == "text/html" else reply.get_data(as_text=False).decode("latin-1")
        if reply.mimetype == "text/html":
            for link in re.findall(r'href="([^"#]+)', reply.text):
                parts = urlsplit(unescape(link))
                if not parts.netloc:
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert len(pages) > 1
    return pages


def told(house: House, *words: str) -> dict[str, set[str]]:
    """Who of the other body read which of these words, on any page."""
    texts = {login: "\n".join(all_pages(house.guest(login)).values()) for login in strangers(house.cast)}
    return {each: {login for login, text in texts.items() if each in text} for each in words}


def found(house: House, *words: str) -> bool:
    """Does the walk find each of these words while the document is open?"""
    text = "\n".join(all_pages(house.guest(house.cast.reader)).values())
    return all(word in text for word in words)


def nobody(found: dict[str, set[str]]) -> bool:
    return not any(found.values())


def sent_in(house: House) -> str:
    return house.guest(house.cast.uploader).deposit(content=FIRST)


def shared(house: House, document: str, **terms: str) -> str:
    house.clock.advance(timedelta(seconds=1))
    assert house.guest(house.cast.confidentiality).prepare(document).status_code == 302
    assert house.guest(house.cast.confidentiality).propose(document, purpose=PURPOSE, **terms).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return re.findall(r"/received/([0-9a-f-]{36})", house.guest(house.cast.reader).get("/received").text)[0]


@BOTH
def test_nothing_of_a_document_is_told_before_it_is_released(house: House) -> None:
    document = sent_in(house)
    assert house.guest(house.cast.confidentiality).prepare(document).status_code == 302
    assert house.guest(house.cast.confidentiality).propose(document, purpose=PURPOSE).status_code == 302
    assert nobody(told(house, SAMORIA_TITLE, house.cast.symbol, PURPOSE, document))


@BOTH
@pytest.mark.parametrize("how", ["recalled", "requested", "over"])
def test_once_it_is_closed_no_page_tells_more_than_its_symbol(house: House, how: str) -> None:
    document = sent_in(house)
    share = shared(house, document, until=(house.clock.now() + timedelta(days=1)).date().isoformat())
    assert say(house, share).status_code == 302
    assert answer(house, document).status_code == 302
    assert found(house, SAMORIA_TITLE, ASKED, ANSWERED)
    if how == "recalled":
        assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    elif how == "requested":
        assert house.guest(house.cast.confidentiality).withhold(document).status_code == 302
    else:
        for login in strangers(house.cast):
            house.guest(login)
        at(house, house.clock.now() + timedelta(days=2))
    known = told(house, SAMORIA_TITLE, ASKED, ANSWERED, PURPOSE, house.cast.symbol)
    assert house.cast.reader in known.pop(house.cast.symbol)
    assert nobody(known)


@BOTH
def test_a_newer_version_that_was_not_released_is_told_nowhere_and_one_that_was_closed_no_more(house: House) -> None:
    document = sent_in(house)
    older = shared(house, document)
    before = set(all_pages(house.guest(house.cast.reader)))
    assert house.guest(house.cast.uploader).upload(document, SECOND).status_code == 201
    assert house.guest(house.cast.confidentiality).prepare(document).status_code == 302
    assert set(all_pages(house.guest(house.cast.reader))) == before
    assert shared(house, document) != older
    assert found(house, TOLD)
    house.clock.advance(timedelta(seconds=1))
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    assert nobody(told(house, TOLD, SAMORIA_TITLE))  # a recall takes back every version from that body
