"""The templates keep the rules that the content security policy, the guard and people with assistive technology count on."""

import hashlib
import re
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError

from tests.web.preview import STAND_INS, WEB, environment, render
from tests.web.samples import pages
from tests.web.soundness import Page, page_faults, source_faults

TEMPLATES = sorted(path.name for path in (WEB / "templates").glob("*.html"))
PAGES = sorted(pages())
HOSTILE = "\"'><x-mark onload=1 style=1>{{ 7*7 }}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_carries_style_script_handler_or_foreign_address(name: str) -> None:
    assert source_faults((WEB / "templates" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_renders_and_is_sound(name: str) -> None:
    assert page_faults(render(name)) == []


@pytest.mark.parametrize("name", PAGES)
def test_words_that_people_typed_never_become_markup(name: str) -> None:
    template, context = pages()[name]
    html = environment().get_template(template).render({**STAND_INS, **_hostile(context)})
    page = Page(html)
    assert "<x-mark" not in html
    assert not [tag for tag, attributes, _ in page.elements if attributes.keys() & {"onload", "style"}]
    assert "{{ 7*7 }}" in html


def _hostile(value: Any) -> Any:
    if isinstance(value, str):
        return value + HOSTILE
    if isinstance(value, dict):
        return {key: _hostile(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_hostile(inner) for inner in value)
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**{key: _hostile(inner) for key, inner in vars(value).items()})
    return value


def test_every_template_has_a_sample() -> None:
    assert {template for template, _ in pages().values()} == {name for name in TEMPLATES if name[0] != "_" and name != "base.html"}


@pytest.mark.parametrize("name", [name for name in PAGES if name.split("-")[0] in {"document", "mark", "reader"}])
def test_a_page_of_a_document_begins_and_ends_with_its_level(name: str) -> None:
    page = Page(render(name))
    words = STAND_INS["level_words"](pages()[name][1].get("level", pages()[name][1].get("doc", {}).get("level")))
    tops = [a for tag, a, around in page.elements if around == ["html", "body"] and "p-skip" not in a.get("class", "")]
    assert "p-band-top" in tops[0]["class"]
    assert "p-band-bottom" in tops[-1]["class"]
    assert render(name).count(f"<strong>{words}</strong>") == 2


def test_a_share_that_is_gone_tells_nothing_but_its_symbol() -> None:
    gone, listed = render("share_gone"), render("received")
    row = next(part for part in listed.split("<tr>")[1:] if "No longer available" in part)
    for html in (gone, row):
        assert "CTED/2026/XTA/2" in html
        assert not re.search(r"p-level|p-band|p-st|suspend|recall|withdr|request of", html, re.I)
    assert set(re.findall(r'href="([^"]*)"', row)) == {"share_gone.html"}


def test_a_person_is_offered_only_what_they_may_ask_for() -> None:
    doors = {
        name: set(re.findall(r'href="(\w+)\.html"', render(name).split('id="nav"')[1].split("</nav>")[0])) for name in ("received", "audit")
    }
    assert doors == {"received": {"home", "received"}, "audit": {"home", "audit", "policy"}}


def test_a_proposal_that_is_not_yours_to_approve_has_its_reason_and_no_button() -> None:
    own = render("document-own")
    assert "The person who proposes a release cannot approve it." in own
    assert "Approve release" not in own
    assert "Approve release" in render("document")


def test_a_missing_value_is_an_error_and_an_unknown_icon_too() -> None:
    with pytest.raises(UndefinedError):
        environment().get_template("share_gone.html").render(
            {**STAND_INS, **{k: v for k, v in pages()["share_gone"][1].items() if k != "symbol"}}
        )
    with pytest.raises(UndefinedError):
        environment().from_string('{% from "_icons.html" import icon %}{{ icon("no-such-sign") }}').render()


def test_right_to_left_pages_take_the_other_sheet() -> None:
    assert "tabler.rtl.min.css" in render("home", dir="rtl")
    assert "tabler.rtl.min.css" not in render("home")


@pytest.mark.parametrize("name", ["deposit.js", "sending.js", "mark.js", "reader.js"])
def test_scripts_write_text_and_never_markup(name: str) -> None:
    text = (WEB / "static" / name).read_text(encoding="utf-8")
    markup = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|https?:|\.style\b|\.cookie"
    assert not re.search(markup, text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB", text)  # no name of a file stays on an officer's disk


def test_the_style_sheet_fetches_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", (WEB / "static" / "portal.css").read_text(encoding="utf-8"))


def test_vendored_sheets_and_scripts_are_the_published_ones() -> None:
    told = dict(re.findall(r"`(vendor/\S+\.(?:css|js))`[^\n]*`([0-9a-f]{64})`", (WEB / "README.md").read_text(encoding="utf-8")))
    found = {
        str(path.relative_to(WEB / "static")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (WEB / "static" / "vendor").rglob("*")
        if path.suffix in {".css", ".js"}
    }
    assert told == found
    assert all((folder / "LICENSE").is_file() for folder in (WEB / "static" / "vendor").iterdir())


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color:red">',
        "<p  STYLE = 'x'>",
        "<style>p{}</style>",
        "<script>go()</script>",
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<img src="https://a.example/x.png">',
        '<script src="//a.example/x.js"></script>',
        "{{ title|safe }}",
        "{% autoescape false %}",
    ],
)
def test_the_lint_sees_each_forbidden_thing(text: str) -> None:
    assert source_faults(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<form method="post"></form>', "csrf field"),
        ('<form method="post"><input type="hidden" name="csrf" value=""></form>', "csrf field"),
        ('<form><input type="hidden" name="csrf" value="x"></form>', "into the address"),
        ('<img src="a.png">', "without words"),
        ('<input name="a">', "without a label"),
        ('<select name="a"></select>', "without a label"),
        ('<p id="a"></p><p id="a"></p>', "twice"),
        ('<a href="#b"></a>', "not there"),
        ("<table></table>", "caption"),
        ("<p onmouseover=go()>", "onmouseover"),
        ('<a href="java&#115;cript:go()"></a>', "leads away"),
        ("<div></p>", "closes nothing"),
        ("<b class=p-expected></b><b class=p-expected></b>", "more than one card"),
    ],
)
def test_the_page_check_sees_each_fault(text: str, fault: str) -> None:
    sound = f'<html lang="en" dir="ltr"><main><h1></h1>{text}</main></html>'
    assert any(fault in found for found in page_faults(sound))
