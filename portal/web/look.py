"""What every template knows: who I am, what I may open, how times and sizes are written."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, g, session, url_for

from portal.cases.names import day
from portal.cases.navigation import allowed_doors
from portal.cases.sign_in_local import LOCAL
from portal.gateway.passage import Passage
from portal.kernel.vocabulary import Level

STATIC = Path(__file__).parent / "static"


def add_look(app: Flask, passage: Passage) -> None:
    config = passage.parts.config

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "me": _me(passage),
            "csrf": g.get("csrf", ""),
            "samples": config.portal.samples,
            "bodies": config.body,
            "nav": "",
            "now": passage.parts.clock.now(),
            "asset": asset,
            "level_words": lambda level: Level(level).words,
            "lang": "en",
            "dir": "ltr",
        }

    app.add_template_filter(utc, "utc")
    app.add_template_filter(day, "day")
    app.add_template_filter(size, "size")


def _me(passage: Passage) -> SimpleNamespace | None:
    subject = g.get("subject")
    if subject is None:
        return None
    body = passage.parts.config.named(subject.body)
    return SimpleNamespace(
        name=subject.name,
        roles_words=", ".join(sorted(role.words for role in subject.roles)),
        body=subject.body,
        body_short=body.short,
        body_name=body.name,
        local=session.get("provider") == LOCAL,
        may={action.value for action in allowed_doors(passage.parts, subject)},
    )


def asset(name: str) -> str:
    """The address of a static file, with a mark of its content, so that browsers may keep it and still see the next release."""
    return url_for("entrance.static", name=name, v=_mark(name))


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def utc(at: datetime) -> str:
    return f"{day(at)}, {at:%H:%M} UTC"


def size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:.1f} GB"
