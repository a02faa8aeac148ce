"""The locks that make forgetting impossible: every door has a guard, every refusal leaves one trace, nothing is open by mistake."""

import re
from collections.abc import Iterator
from html import unescape
from uuid import UUID, uuid4

import pytest
from flask import Blueprint

from portal.gateway.guard import GuardedBlueprint, seal
from portal.gateway.passage import Guard
from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.events import QUIET, Event
from tests.cases import consulting, ends, keeping, remarks, transfers, withholding
from tests.common.house import DIRECTORATE, OFFICE, PORTAL, Cast, Guest, House, shared
from tests.common.slips import VELLAND
from tools.tour.sample import VELLAND_TITLE

ABSENT = str(uuid4())
#: One person of each role, body by body.
STAFF = {"CTED": ("ada", "carla", "dana", "elena", "farid", "greta"), "OCT": ("omar", "pedro", "quentin", "rana", "sven")}
FORM = "application/x-www-form-urlencoded"
#: Of local accounts; closed to everybody where no body has any.
LOCAL_DOORS = {f"local_sign_in.{name}" for name in ("password", "check", "code", "finish")} | {"enrolment.show", "enrolment.enrol"}
UNSAFE = {"POST", "PATCH", "DELETE"}
#: Doors that end sessions of whoever knocks, and read no form.
NO_FORM = {"/sign-out", "/sessions/end-others"}


def doors(house: House, **known: str) -> Iterator[tuple[Guard, str, str]]:
    """Every door, with an address that names nothing that exists but what is `known`."""
    adapter = house.app.url_map.bind("localhost")
    for rule in house.app.url_map.iter_rules():
        values = {name: ({"page": 1, "name": "portal.css"} | known).get(name, ABSENT) for name in rule.arguments}
        guard = house.app.view_functions[rule.endpoint].guard
        methods = set(rule.methods or ())
        for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
            yield guard, method, adapter.build(rule.endpoint, values, method=method)


def closed_doors(house: House, **known: str) -> list[tuple[Guard, str, str]]:
    return [door for door in doors(house, **known) if door[0].action not in OPEN_ACTIONS]


def knock(guest: Guest, method: str, path: str) -> int:
    if method == "GET":
        return guest.get(path).status_code
    if path.endswith("/file"):
        return guest.upload(path.split("/")[2], b"%PDF-1.4").status_code
    return guest.post(path).status_code


def test_leaving_out_the_guard_fails_at_import() -> None:
    bp = GuardedBlueprint("bare", __name__)
    with pytest.raises(TypeError, match="guard"):

        @bp.get("/bare")
        def bare() -> str:
            return "bare"


def test_an_endpoint_without_a_guard_stops_the_start(house: House) -> None:
    house.app.view_functions["naked"] = lambda: "naked"
    with pytest.raises(RuntimeError, match="naked"):
        seal(house.app)


def test_a_plain_blueprint_cannot_slip_a_route_in(house: House) -> None:
    plain = Blueprint("plain", __name__)
    plain.add_url_rule("/plain", "door", lambda: "in")
    house.app._got_first_request = False
    house.app.register_blueprint(plain)
    with pytest.raises(RuntimeError, match=r"plain\.door"):
        seal(house.app)


def test_only_uploads_in_pieces_answer_options_or_other_methods(house: House) -> None:
    assert house.stranger().client.options("/", base_url=PORTAL).status_code in {404, 405}
    answers = {(rule.endpoint, method) for rule in house.app.url_map.iter_rules() for method in rule.methods or ()}
    odd = {(endpoint, method) for endpoint, method in answers if method not in {"GET", "HEAD", "POST"}}
    assert odd == {("uploads.offer", "OPTIONS"), ("uploads.proceed", "PATCH"), ("uploads.terminate", "DELETE")}


def test_only_reviewed_doors_are_open(house: House) -> None:
    open_doors = {endpoint for endpoint, view in house.app.view_functions.items() if view.guard.action in OPEN_ACTIONS}
    assert (
        open_doors
        == {
            "entrance.health",
            "entrance.static",
            "entrance.sign_in",
            "entrance.start",
            "entrance.callback",
            "leaving.provider",
            "leaving.notice",
        }
        | LOCAL_DOORS
    )


def test_every_action_of_the_vocabulary_is_used_by_a_door_or_a_case(house: House) -> None:
    used = {view.guard.action for view in house.app.view_functions.values()}
    assert used == set(Action)


def test_a_stranger_opens_no_door_and_each_refusal_is_accounted_for(house: House) -> None:
    stranger = house.stranger()
    before = len(house.events())
    tried = closed_doors(house)
    assert len(tried) > 15
    for _, method, path in tried:
        reply = stranger.client.open(path, method=method, base_url=PORTAL)
        assert reply.status_code == 401, (method, path, reply.status_code)
    house.passage.sum_refusals(everything=True)
    made = house.sql("select event, outcome, detail from audit_event order by at, rowid")[before:]
    firsts = [row for row in made if row[1] == "refused"]
    summed = [row for row in made if row[0] == Event.REFUSALS_SUMMED]
    assert len(firsts) + sum(int(row[2].split('"refusals":')[1].split("}")[0].split(",")[0]) for row in summed) == len(tried)
    assert len(firsts) <= 2  # the walk may cross into the next minute


@pytest.mark.parametrize("login", ["ada", "carla", "dana", "elena", "farid", "greta", "omar", "pedro", "quentin", "rana", "sven"])
def test_a_signed_in_person_leaves_exactly_one_event_for_each_refusal(house: House, login: str) -> None:
    guest = house.guest(login)
    refusals = 0
    for guard, method, path in closed_doors(house):
        if path == "/sign-out":
            continue
        token = guest.token()
        before = len(house.events())
        headers = {"X-CSRF-Token": token} if method in UNSAFE else {}
        reply = guest.client.open(path, method=method, base_url=PORTAL, headers=headers)
        made = house.events()[before:]
        if reply.status_code >= 400:
            refusals += 1
            assert reply.status_code < 500, (method, path)
            if reply.status_code == 422:  # a form that can be shown again is one more page seen
                made = made[:1]
            assert [event for event, *_ in made] == [guard.event], (method, path, reply.status_code, made)
            assert made[0][1] != "done"
        else:
            assert len(made) == (0 if guard.event in QUIET else 1), (method, path, made)
    assert refusals > 5


@pytest.mark.parametrize("login", ["ada", "carla", "dana", "greta"])
def test_a_body_that_is_too_large_or_no_form_is_one_refusal_at_every_door(house: House, login: str) -> None:
    """Forms are read while a door locates and gathers, too: what the framework refuses there is refused under the door's own name."""
    document, _ = shared(house)
    proposal = str(UUID(house.sql("select id from proposal")[0][0]))
    guest = house.guest(login)
    headers = {"X-CSRF-Token": guest.token()}
    bodies = [
        (b"{}", "application/json"),
        (b"x" * 400_000, "application/json"),
        (b"x=" + b"y" * 400_000, FORM),
        (b"x", "multipart/form-data"),
    ]
    for place, (guard, method, path) in enumerate(closed_doors(house, document_id=document, proposal_id=proposal)):
        if method not in UNSAFE or path in NO_FORM:
            continue
        waiting = bodies[place % 4 :] + bodies[: place % 4]
        while waiting:
            body, kind = waiting.pop(0)
            before = len(house.events())
            reply = guest.client.open(path, method=method, base_url=PORTAL, data=body, content_type=kind, headers=headers)
            made = house.events()[before:]
            refused = [event for event in made if event[1] != "done"]
            if reply.status_code in {403, 404}:
                waiting = []  # closed to this person, whatever they bring: the next door is tried with the next body first
            if guard.looks and kind != FORM and reply.status_code == 200:  # no form that can be read: nothing is asked of the page
                assert made == [(guard.event, "done", "")], (path, made)
                continue
            assert 400 <= reply.status_code < 500, (path, kind, reply.status_code)
            assert [event for event, *_ in refused] == [guard.event], (path, kind, reply.status_code, made)
            # A form that can be shown again is one more page seen, and nothing else.
            seen = {
                (event, "done", "") for event in ("document.read", "version.page_read", "accounts.listed", "remarks.read", "share.found")
            }
            assert all(event in seen for event in made if event not in refused), (path, kind, made)
            assert len(made) == 1 or (reply.status_code == 422 and kind == "multipart/form-data"), (path, kind, made)


def test_the_other_body_walks_every_door_and_finds_no_document(house: House) -> None:
    document, share = shared(house, use="download")
    rendition = house.sql("select lower(hex(id)) from rendition")[0][0]
    proposal = house.sql("select lower(hex(id)) from proposal")[0][0]
    keeping.propose(house, document)
    keeping.hold(house, document)
    withholding.propose(house, document)
    remarks.say(house, share)
    transfers.record(house, document, share)
    ends_ids = ends.both(house, document)
    consulting.consult(house, document)
    consulting.attach(house, document, consulting.consultation_of(house))
    adapter = house.app.url_map.bind("localhost")
    for login in ("omar", "pedro", "quentin", "rana", "sven"):
        guest = house.guest(login)
        for rule in house.app.url_map.iter_rules():
            if not {"document_id", "proposal_id", "person_id"} & rule.arguments:
                continue
            known = {"document_id": document, "rendition_id": _uuid(rendition), "proposal_id": _uuid(proposal), "page": 1}
            known |= {"hold_id": keeping.last(house, "held"), "shredding_id": keeping.waiting(house)}
            known |= {"request_id": withholding.request_of(house), "lifting_id": withholding.waiting(house)}
            known["consultation_id"] = known["about_id"] = consulting.consultation_of(house)
            known["evidence_id"] = consulting.evidence_of(house)
            known |= ends_ids
            known["remark_id"] = remarks.remark_of(house)
            known |= {"share_id": share, "transfer_id": transfers.transfer_of(house)}
            known["upload_id"] = known["session_id"] = known["onward_id"] = ABSENT
            known["person_id"] = _uuid(house.sql("select lower(hex(id)) from person where body = 'CTED'")[0][0])
            for method in sorted(set(rule.methods or ()) - ({"HEAD"} if "GET" in (rule.methods or ()) else set())):
                real = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments}, method=method)
                absent = adapter.build(rule.endpoint, {name: 1 if name == "page" else ABSENT for name in rule.arguments}, method=method)
                headers = {"X-CSRF-Token": guest.token()} if method in UNSAFE else {}
                replies = [guest.client.open(path, method=method, base_url=PORTAL, headers=headers) for path in (real, absent)]
                assert replies[0].status_code == replies[1].status_code == 404, (login, real)
                assert replies[0].data == replies[1].data
                assert list(replies[0].headers) == list(replies[1].headers)


@pytest.mark.parametrize("cast", [DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def test_nothing_of_a_withheld_document_is_on_any_page_of_the_other_body(house: House, cast: Cast) -> None:
    """Every door, as every role of the other body: by withheld ids, and wherever a symbol, a title or a State can be asked for."""
    house.cast = cast
    shared(house)  # so that lists, pages and the log of the other body are not empty
    symbol = f"{cast.body}/2026/XVL/2"
    document = house.guest(cast.uploader).deposit(symbol, VELLAND_TITLE, VELLAND, state="XVL")
    house.guest(cast.confidentiality).withhold(document, state="XVL")
    share = _uuid(house.sql("select lower(hex(id)) from share")[0][0])
    known = {"document_id": document, "share_id": share, "page": 1, "name": "portal.css"}
    known["change_id"] = str(UUID(int=7))  # a change of the rules is everybody's: its own body's log says what was asked for
    asked = [{}, {"document": symbol}, {"document": document}, {"q": VELLAND_TITLE}, {"state": "XVL"}]
    everything = {"document": symbol, "q": VELLAND_TITLE, "state": "XVL"}
    traces = (document, document.replace("-", ""), VELLAND_TITLE, symbol, "Kingdom of Velland")
    adapter = house.app.url_map.bind("localhost")
    looked = 0
    for login, guest in [(login, house.guest(login)) for login in STAFF[cast.other]]:  # all first: the house's clock stands still
        for rule in house.app.url_map.iter_rules():
            values = {name: known.get(name, document) for name in rule.arguments}
            for method in (rule.methods or set()) - {"HEAD"}:
                if rule.endpoint == "entrance.sign_out" or "static" in rule.endpoint:
                    continue
                path = adapter.build(rule.endpoint, values, method=method)
                headers = {"X-CSRF-Token": guest.token()} if method in UNSAFE else {}
                waiting = list(asked)
                while waiting:
                    query = waiting.pop(0)
                    reply = guest.client.open(path, method=method, base_url=PORTAL, headers=headers, query_string=query)
                    if not query and reply.status_code >= 400:
                        waiting = [everything]  # a door that is closed is asked for all of it at once
                    told = unescape(reply.get_data(as_text=True))
                    for value in [path, *query.values()]:  # what was asked may be said again: it is the asker's own
                        told = told.replace(value, "")
                    told = re.sub(r"<(option|label)\b.*?</\1>", "", told, flags=re.S)  # States to choose from are the same for everyone
                    looked += 1
                    found = [told[max(0, told.find(trace) - 300) :][:600] for trace in traces if trace in told]
                    assert not found, (login, method, path, query)
    assert looked > 300


def test_a_refusal_whose_event_cannot_be_written_serves_nothing(house: House) -> None:
    guest = house.guest("omar")
    house.sql("alter table audit_event rename to audit_event_gone")
    reply = guest.get(f"/documents/{ABSENT}")
    assert reply.status_code == 503
    assert guest.get("/received").status_code == 503
    house.sql("alter table audit_event_gone rename to audit_event")
    assert guest.get("/received").status_code == 200


def test_quiet_events_are_reviewed() -> None:
    quiet = {
        "health.read",
        "asset.read",
        "session.offered",
        "session.started",
        "session.confirmation_started",
        "session.provider_left",
        "form.opened",
        "upload.asked",
        "upload.continued",
        "rendition.asked",
        "audit.check_asked",
    }
    assert quiet == QUIET


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
