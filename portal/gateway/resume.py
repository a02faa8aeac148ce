"""What somebody was about to do when they were asked to confirm that it is them: kept in their sealed session, for ten minutes.

So nothing typed is lost, and nothing of it stands in an address. An address is made anew from the name of its door, so it leads to one of
ours. A form is kept only for a door whose guard `resumes`, never with a file, and whoever sent it has to send it again with a button.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request, session, url_for

from portal.gateway.guard import passage_of
from portal.gateway.passage import Guard
from portal.gateway.safety import SAFE

#: Where it stands in the session's data.
PLACE = "about_to"
LIFE = timedelta(minutes=10)
#: Bytes of one, as it is kept; and how many are kept, the newest.
LARGEST = 16 * 1024
MOST = 4


@dataclass(frozen=True, slots=True)
class Intent:
    """A page to open (`what` is empty), or a form to send again: its address, its fields, and what its button says."""

    url: str
    what: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def keep() -> str:
    """Keep what this request was about; returns its name in the session, "" if it is not one to go on with."""
    door: Any = current_app.view_functions[request.endpoint or ""]
    if request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return ""  # a picture of a page, or a script's question: nothing to bring a person back to
    guard: Guard = door.guard
    entry: dict[str, object] = {
        "door": request.endpoint,
        "where": {name: str(value) for name, value in (request.view_args or {}).items()},
        "query": request.query_string.decode("ascii", "replace"),
        "at": passage_of(current_app).parts.clock.now().isoformat(),
    }
    if request.method not in SAFE:
        if not guard.resumes or request.mimetype != "application/x-www-form-urlencoded":
            return ""
        entry |= {"what": guard.resumes, "fields": [[n, v] for n, v in request.form.items(multi=True) if n != "csrf"]}
    if len(json.dumps(entry, ensure_ascii=False).encode()) > LARGEST:
        return ""
    name = secrets.token_urlsafe(16)
    older = sorted(_fresh().items(), key=lambda kept: datetime.fromisoformat(kept[1]["at"]))  # a session does not keep their order
    session[PLACE] = dict([*older, (name, entry)][-MOST:])
    return name


def kept() -> dict[str, object]:
    """What a session that follows this one takes over."""
    return {PLACE: _fresh()}


def find(name: str) -> Intent | None:
    """What was kept under this name, None if nothing was, or too long ago."""
    entry = _fresh().get(name)
    if entry is None:
        return None
    url = url_for(entry["door"], **entry["where"])
    query = f"?{entry['query']}" if entry["query"] else ""
    return Intent(url + query, entry.get("what", ""), tuple((n, v) for n, v in entry.get("fields", ())))


def _fresh() -> dict[str, dict[str, Any]]:
    now = passage_of(current_app).parts.clock.now()
    ages = {name: now - datetime.fromisoformat(entry["at"]) for name, entry in session.get(PLACE, {}).items()}
    return {name: session[PLACE][name] for name, age in ages.items() if timedelta(0) <= age < LIFE}
