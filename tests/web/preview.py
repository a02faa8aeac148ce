"""Renders every template with invented contexts into build/preview, so that people can look at them without a server.

`python -m tests.web.preview [--image page.png]`; also pages in the Arabic direction (`-rtl`) and in a forced dark mode (`-dark`).
"""

import argparse
import base64
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.web.samples import pages

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "portal" / "web"
LEVELS = ("Unclassified", "Confidential", "Strictly Confidential")
DOORS = {
    "home.home": "home.html",
    "integrity.index": "integrity.html",
    "documents.index": "documents.html",
    "documents.suggest": "documents.html",
    "documents.new": "document_new.html",
    "documents.register": "document_new.html",
    "approvals.index": "approvals.html",
    "received.index": "received.html",
    "audit.index": "audit.html",
    "audit_pages.seen": "audit_seen.html",
    "audit_pages.unusual": "audit_unusual.html",
    "people.index": "people.html",
    "sessions.index": "sessions.html",
    "accounts.index": "accounts.html",
    "policy.index": "policy.html",
    "own_account.show": "account.html",
    "own_account.password": "account.html",
    "own_account.renew": "account.html",
    "local_sign_in.password": "sign_in_local.html",
    "local_sign_in.code": "sign_in_code.html",
    "local_sign_in.confirm": "confirm_local.html",
    "entrance.sign_in": "sign_in.html",
    "entrance.sign_out": "sign_in.html",
}


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


@cache
def environment() -> Environment:
    """Strict, escaping, with stand-ins for what the application adds."""
    made = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True, undefined=StrictUndefined)
    made.filters["utc"] = lambda at: f"{_day(at)}, {at:%H:%M} UTC"
    made.filters["day"] = _day
    made.filters["size"] = _size
    made.globals["url_for"] = lambda endpoint, **_: DOORS[endpoint]
    return made


#: Handed over as context, not as globals, because that is how the application does it: a macro imported without context lacks them.
STAND_INS: dict[str, Any] = {"asset": lambda name: f"static/{name}", "level_words": lambda level: LEVELS[level]}


def render(name: str, **more: Any) -> str:
    """One page of `samples.pages()`, with globals changed where `more` says so."""
    template, context = pages()[name]
    return environment().get_template(template).render({**STAND_INS, **context, **more})


def write_all(into: Path, image: Path | None) -> int:
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    shutil.copytree(WEB / "static", into / "static")
    more = {"image_url": "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode()} if image else {}
    for name in pages():
        html = render(name, **(more if name.startswith("reader") else {}))
        (into / f"{name}.html").write_text(html, encoding="utf-8")
        (into / f"{name}-dark.html").write_text(html.replace("<html ", '<html data-bs-theme="dark" ', 1), encoding="utf-8")
        rtl = render(name, dir="rtl", lang="ar", **(more if name.startswith("reader") else {}))
        (into / f"{name}-rtl.html").write_text(rtl, encoding="utf-8")
    return len(pages())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--image", type=Path, help="a picture of a page for the reader")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "preview")
    given = parser.parse_args()
    write_all(given.into, given.image)
