"""A hidden thing and an absent one are the same to whoever asks: in the answer, in the statements run, in the shape of what is recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from uuid import UUID, uuid4

from sqlalchemy import event

from portal.kernel.actions import OPEN_ACTIONS
from portal.kernel.database import Base
from tests.cases import keeping
from tests.common.entity import asked
from tests.common.house import House, shared

#: Whoever has the right roles, in the body whose business it is not; for shares, somebody of the recipient who is no reader.
STRANGERS = {"share": ("pedro",), "person": ("sven",)}
OFFICERS = ("pedro", "nadia", "quentin")
#: Ids of things that hardly anybody ever has in this house: their doors are walked elsewhere (tests about accounts, deputies, rules).
ELSEWHERE = {"account_id", "grant_id", "deputy_id", "upload_id", "change_id"}


def everything(house: House) -> dict[str, str]:
    """One of each thing of the Directorate's that has an id, by the name that doors give it."""
    document, share = shared(house)
    assert keeping.propose(house, document).status_code == 302
    assert keeping.hold(house, document).status_code == 302

    def one(statement: str) -> str:
        return str(UUID(house.sql(statement)[0][0]))

    with house.parts.write() as uow:
        found = uow.shares.get(UUID(share))
        assert found is not None
        onward = str(asked(uow, found))
        uow.session.commit()
    person = one("select id from person where body = 'CTED' order by created_at")
    return {
        "document_id": document,
        "share_id": share,
        "onward_id": onward,
        "rendition_id": one("select id from rendition"),
        "proposal_id": one("select id from proposal"),
        "hold_id": keeping.last(house, "held"),
        "shredding_id": keeping.waiting(house),
        "person_id": person,
        "session_id": one(
            "select id from session where person_id = (select id from person where body = 'CTED' order by created_at limit 1)"
        ),
    }


def walked(house: House) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(login, method, endpoint, arguments) of every door with an id."""
    for rule in house.app.url_map.iter_rules():
        names = {name for name in rule.arguments if name.endswith("_id")}
        guard = house.app.view_functions[rule.endpoint].guard
        if not names or names & ELSEWHERE or guard.action in OPEN_ACTIONS:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            kind = guard.action.value.split(":")[0]
            for login in STRANGERS.get(kind if names & {"share_id", "person_id"} else "", OFFICERS):
                yield login, method, rule.endpoint, {"page": "1"} if "page" in rule.arguments else {}


@dataclass(frozen=True)
class Told:
    """All that one request tells: to whoever asked, to whoever watches the database, and to the log."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    statements: list[str]
    event: list[tuple[str, object]]


def told(house: House, login: str, method: str, endpoint: str, ids: dict[str, str]) -> Told:
    guest = house.guest(login)
    path = house.app.url_map.bind("localhost").build(endpoint, ids, method=method)
    statements: list[str] = []

    def listen(connection, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
        statements.append(statement)

    engine = house.parts.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        answer = guest.get(path) if method == "GET" else guest.post(path)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    names = Base.metadata.tables["audit_event"].columns.keys()
    (row,) = house.sql(f"select {', '.join(names)} from audit_event order by at desc, rowid desc limit 1")
    shape = [(name, _shape(name, value)) for name, value in zip(names, row, strict=True)]
    headers = [(name, value) for name, value in answer.headers.items() if name not in {"Date", "Set-Cookie"}]
    body = answer.data
    for given in ids.values():
        body = body.replace(given.encode(), b"?" * len(given))
    return Told(answer.status_code, headers, body, statements, shape)


def _shape(name: str, value: object) -> object:
    """What differs between any two events is reduced to its type and length."""
    if name in {"id", "at", "salt"} or isinstance(value, bytes):
        return len(value) if isinstance(value, bytes) else type(value)
    return value


def test_at_every_door_with_an_id_a_hidden_thing_and_an_absent_one_are_the_same(house: House) -> None:
    """Status, headers, body, statements and event: of everything that has an id here."""
    known = everything(house)
    doors = list(walked(house))
    assert {name for _, _, endpoint, _ in doors for name in _names(house, endpoint)} == set(known)
    for login, method, endpoint, more in doors:
        house.guest(login).get("/")  # whatever is done once in a while is done
        names = _names(house, endpoint)
        hidden = told(house, login, method, endpoint, more | {name: known[name] for name in names})
        absent = told(house, login, method, endpoint, more | {name: str(uuid4()) for name in names})
        for field in fields(Told):
            if field.name == "statements" and method == "POST" and "share_id" in names:
                continue  # both bodies are parties of every share here: an act of theirs locks its document, whoever they are
            assert getattr(hidden, field.name) == getattr(absent, field.name), (field.name, login, method, endpoint)
        assert hidden.status == 404, (login, method, endpoint)


def test_a_share_of_the_readers_own_body_and_an_absent_one_are_the_same_to_them(house: House) -> None:
    """Only the originator's log says whose it was: it is theirs to know."""
    _, share = shared(house)
    hidden, absent = (told(house, "elena", "GET", "received.page", {"share_id": one, "page": "1"}) for one in (share, str(uuid4())))
    assert (hidden.status, hidden.headers, hidden.body) == (absent.status, absent.headers, absent.body)
    assert hidden.statements == absent.statements


def _names(house: House, endpoint: str) -> set[str]:
    return {name for rule in house.app.url_map.iter_rules(endpoint) for name in rule.arguments if name.endswith("_id")}


def test_the_originators_auditor_sees_the_probe_and_the_probers_auditor_only_that_it_missed(house: House) -> None:
    document, _ = shared(house)
    house.guest("omar").get(f"/documents/{document}")
    assert document in house.guest("farid").get("/audit").text
    assert document not in house.guest("rana").get("/audit").text
