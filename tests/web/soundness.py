"""What a page must be, said once: reads a template's source or a rendered page and names every fault."""

import re
from html.parser import HTMLParser

FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "an inline handler": re.compile(r"\s(?:on[a-z]+|hx-on[\w:.-]*)\s*=", re.I),
    "a script address": re.compile(r"javascript:|\bjs:", re.I),
    "a foreign address": re.compile(r"""https?://|["'(]//""", re.I),
    "an unescaped value": re.compile(r"\|\s*(?:safe|forceescape)\b|autoescape\s+false|\bMarkup\b", re.I),
}

VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect"}
REFERENCES = ("aria-describedby", "aria-labelledby", "for")
Attributes = dict[str, str]


def source_faults(text: str) -> list[str]:
    """Forbidden things in a template's source."""
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


class Page(HTMLParser):
    """Every element with its attributes and its ancestors; void elements have no children."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes, list[str]]] = []
        self.open: list[str] = []
        self.forms: list[tuple[Attributes, list[Attributes]]] = []
        self.misnested: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if len(found) != len(attrs):
            self.misnested.append(f"<{tag}> has an attribute twice")
        self.elements.append((tag, found, list(self.open)))
        if tag == "form":
            self.forms.append((found, []))
        if tag == "input" and "form" in self.open:
            self.forms[-1][1].append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, list(self.open)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misnested.append(f"</{tag}> closes nothing that is open")

    def having(self, *tags: str) -> list[Attributes]:
        return [attributes for tag, attributes, _ in self.elements if tag in tags]

    def with_class(self, name: str) -> list[Attributes]:
        return [attributes for _, attributes, _ in self.elements if name in attributes.get("class", "").split()]


def page_faults(html: str) -> list[str]:
    """Everything that is wrong with a rendered page."""
    page = Page(html)
    return [*page.misnested, *_markup(page), *_forms(page), *_references(page), *_structure(page)]


def _markup(page: Page) -> list[str]:
    found = []
    for tag, attributes, _ in page.elements:
        found += [f"<{tag}> has {name}" for name in attributes if name.startswith(("on", "hx-on")) or name == "style"]
        found += [f"<{tag}> leads away: {attributes[key]}" for key in ("href", "src", "action") if _away(attributes.get(key, ""))]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(f"an inline <{tag}>")
        if tag == "img" and not attributes.get("alt"):
            found.append("an image without words")
    return found


def _away(address: str) -> bool:
    return bool(re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", address, re.I)) and not address.startswith("data:image/")


def _forms(page: Page) -> list[str]:
    found = []
    for form, inputs in page.forms:
        tokens = [given.get("value", "") for given in inputs if given.get("name") == "csrf"]
        if form.get("method", "get").lower() == "post":
            found += [] if len(tokens) == 1 and tokens[0] else ["a POST form without the csrf field"]
        elif tokens:
            found.append("a GET form that would put the csrf token into the address")
    labelled = {attributes.get("for") for attributes in page.having("label")}
    for tag, attributes, ancestors in page.elements:
        if tag not in {"input", "select", "textarea"} or attributes.get("type") == "hidden":
            continue
        if not (attributes.get("id") in labelled or "label" in ancestors or attributes.get("aria-label")):
            found.append(f"<{tag} name={attributes.get('name')}> without a label")
    return found


def _references(page: Page) -> list[str]:
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    found = [f"the id {name} occurs twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for tag, attributes, _ in page.elements:
        named = [name for key in REFERENCES for name in attributes.get(key, "").split()]
        if attributes.get("href", "").startswith("#"):
            named.append(attributes["href"][1:])
        found += [f"<{tag}> points to {name}, which is not there" for name in named if name not in ids]
    return found


def _structure(page: Page) -> list[str]:
    found = []
    if len(page.having("h1")) != 1:
        found.append("a page needs exactly one h1")
    if len(page.having("main")) != 1:
        found.append("a page needs exactly one main part")
    if len(page.with_class("p-expected")) > 1:
        found.append("more than one card where the person must act")
    if len(page.having("table")) != len(page.having("caption")):
        found.append("a table without a caption")
    found += ["a table heading without scope" for attributes in page.having("th") if "scope" not in attributes]
    if not all(attributes.get("lang") and attributes.get("dir") for attributes in page.having("html")):
        found.append("the page does not say its language and direction")
    return found
