"""A hidden thing and an absent one are the same to whoever asks: in the answer, in the statements run, in the shape of what is recorded."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from portal.cases.change_policy import _enter
from portal.kernel.actions import OPEN_ACTIONS
from portal.kernel.database import Base
from portal.policy.changes import PolicyActWord
from tests.cases import consulting, deputies, ends, keeping, remarks, test_saved_filters, transfers, withholding
from tests.common import local, tus
from tests.common.entity import asked
from tests.common.house import PORTAL, House, open_house, shared
from tests.common.s3server import S3Server

#: Whoever has the right roles, in the body whose business it is not; for shares, somebody of the recipient who is no reader; for a change
#: of the rules, which is every body's, somebody who may not see them.
STRANGERS = {"share": ("pedro",), "transfer": ("pedro",), "account": ("nadia", "quentin"), "policy": ("omar",)}
STRANGERS |= {"audit": ("rana",)}
STRANGERS |= dict.fromkeys(("person", "deputy", "session"), ("sven",))
OFFICERS = ("pedro", "nadia", "quentin")
PIECE = b"%PDF"
PROBED = ("GET", "POST", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def local_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both bodies have local accounts: there their ids can be tried."""
    folder = tmp_path_factory.mktemp("absence") / "portal"
    shutil.copytree(template, folder)
    with (folder / "config.toml").open("a") as file:
        file.write('\n[local]\nenabled = true\nbodies = ["CTED", "OCT"]\n')
    return folder


@pytest.fixture
def house(local_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    opened = open_house(local_template, tmp_path / "portal", s3=house_s3)
    yield opened
    opened.close()


def everything(house: House) -> dict[str, str]:
    """One of each thing of the Directorate's that has an id, by the name that doors give it."""
    document, share = shared(house, use="download")
    assert transfers.record(house, document, share).status_code == 302
    assert keeping.propose(house, document).status_code == 302
    assert keeping.hold(house, document).status_code == 302
    assert deputies.propose(house, "bruno").status_code == 302
    account = local.proposed(house, "iris")
    assert local.grant(house, account).status_code == 200
    sending = tus.begin(house.guest("ada"), house.guest("ada").register("CTED/2026/XSM/4"), 1000)
    assert withholding.propose(house, document).status_code == 302
    assert remarks.say(house, share).status_code == 302
    ended = ends.both(house, document)
    assert test_saved_filters.keep(house.guest("farid"), outcome="refused") == 302

    def one(statement: str) -> str:
        return str(UUID(house.sql(statement)[0][0]))

    with house.parts.write() as uow:
        found = uow.shares.get(UUID(share))
        assert found is not None
        onward = str(asked(uow, found))
        _enter(uow, PolicyActWord.PROPOSED, before=uow.last_policy(), hash_="0" * 64, differences=[])
        uow.session.commit()
    person = one("select id from person where body = 'CTED' order by created_at")
    assert consulting.consult(house, document).status_code == 302
    assert consulting.attach(house, document, consulting.consultation_of(house)).status_code == 201
    return {
        "consultation_id": consulting.consultation_of(house),
        "about_id": consulting.consultation_of(house),
        "evidence_id": consulting.evidence_of(house),
        "document_id": document,
        "share_id": share,
        **ended,
        "remark_id": remarks.remark_of(house),
        "transfer_id": transfers.transfer_of(house),
        "onward_id": onward,
        "rendition_id": one("select id from rendition"),
        "proposal_id": one("select id from proposal"),
        "request_id": withholding.request_of(house),
        "lifting_id": withholding.waiting(house),
        "hold_id": keeping.last(house, "held"),
        "shredding_id": keeping.waiting(house),
        "person_id": person,
        "session_id": one(
            "select id from session where person_id = (select id from person where body = 'CTED' order by created_at limit 1)"
        ),
        "filter_id": one("select id from saved_filter"),
        "deputy_id": deputies.proposed(house),
        "account_id": account,
        "grant_id": local.grant_of(house),
        "upload_id": sending.url.rsplit("/", 1)[-1],
        "change_id": one("select id from policy_act where act = 'proposed'"),
    }


def doors(house: House) -> Iterator[tuple[str, str, set[str]]]:
    """(method, endpoint, names of ids) of every door with an id: a new one is walked by itself, and fails here if nothing has its id."""
    for rule in house.app.url_map.iter_rules():
        names = {name for name in rule.arguments if name.endswith("_id")}
        if names and house.app.view_functions[rule.endpoint].guard.action not in OPEN_ACTIONS:
            methods = rule.methods or set()
            for method in [method for method in PROBED if method in methods] or sorted(methods & {"HEAD", "OPTIONS"})[:1]:
                yield method, rule.endpoint, names


def strangers(house: House, endpoint: str, names: set[str]) -> tuple[str, ...]:
    kind = house.app.view_functions[endpoint].guard.action.value.split(":")[0]
    return OFFICERS if "document_id" in names or "proposal_id" in names else STRANGERS[kind]


@dataclass(frozen=True)
class Told:
    """All that one request tells: to whoever asked, to whoever watches the database, and to the log."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    statements: list[str]
    event: list[tuple[str, object]]


def told(house: House, login: str, method: str, endpoint: str, ids: dict[str, str]) -> Told:
    guest = house.guest(login) if login else house.stranger()
    path = house.app.url_map.bind("localhost").build(endpoint, ids, method=method)
    guest.get("/no/such/page")  # whoever does something for the first time gets a key for their name in the log, whatever it is
    statements: list[str] = []

    def listen(connection, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
        statements.append(statement)

    engine = house.parts.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        if method in {"GET", "POST"}:
            answer = guest.get(path) if method == "GET" else guest.post(path)
        else:
            headers = tus.headers(guest, Upload_Offset="0")
            answer = guest.client.open(path, method=method, base_url=PORTAL, headers=headers, data=PIECE, content_type=tus.CONTENT_TYPE)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    names = Base.metadata.tables["audit_event"].columns.keys()
    (row,) = house.sql(f"select {', '.join(names)} from audit_event order by at desc, rowid desc limit 1")
    shape = [(name, _shape(name, value)) for name, value in zip(names, row, strict=True)]
    shown = [(name, value) for name, value in answer.headers.items() if name not in {"Date", "Set-Cookie"}]
    body = answer.data
    for given in ids.values():
        body = body.replace(given.encode(), b"?" * len(given))
    return Told(answer.status_code, shown, body, statements, shape)


def _shape(name: str, value: object) -> object:
    """What differs between any two events is reduced to its type and length."""
    if name in {"id", "at", "salt"} or isinstance(value, bytes):
        return len(value) if isinstance(value, bytes) else type(value)
    return value


def test_at_every_door_with_an_id_a_hidden_thing_and_an_absent_one_are_the_same(house: House) -> None:
    """Status, headers, body, statements and event: of everything that has an id here."""
    known = everything(house)
    tried = set[str]()
    for method, endpoint, names in doors(house):
        tried |= names
        page = {"page": "1"} if "page" in house.app.url_map._rules_by_endpoint[endpoint][0].arguments else {}
        for login in strangers(house, endpoint, names):
            house.guest(login).get("/")  # whatever is done once in a while is done
            hidden = told(house, login, method, endpoint, page | {name: known[name] for name in names})
            absent = told(house, login, method, endpoint, page | {name: str(uuid4()) for name in names})
            for field in fields(Told):
                if field.name == "statements" and method == "POST" and "share_id" in names:
                    continue  # both bodies are parties of every share here: an act of theirs locks its document, whoever they are
                assert getattr(hidden, field.name) == getattr(absent, field.name), (field.name, login, method, endpoint)
            assert hidden.status == 404, (login, method, endpoint)
    assert tried == set(known)


def test_a_share_of_the_readers_own_body_and_an_absent_one_are_the_same_to_them(house: House) -> None:
    """Only the originator's log says whose it was: it is theirs to know."""
    _, share = shared(house)
    hidden, absent = (told(house, "elena", "GET", "received.page", {"share_id": one, "page": "1"}) for one in (share, str(uuid4())))
    assert (hidden.status, hidden.headers, hidden.body) == (absent.status, absent.headers, absent.body)
    assert hidden.statements == absent.statements


@pytest.mark.parametrize(
    ("login", "method", "endpoint", "apart"),
    [
        ("bruno", "HEAD", "uploads.ask", "upload_id"),
        ("bruno", "PATCH", "uploads.proceed", "upload_id"),
        ("bruno", "DELETE", "uploads.terminate", "upload_id"),
        ("bruno", "POST", "uploads.finish", "upload_id"),
        ("carla", "POST", "sessions.end", "session_id"),
        ("greta", "POST", "sessions.end_of", "session_id"),
    ],
)
def test_what_is_a_colleagues_and_what_is_absent_are_the_same(house: House, login: str, method: str, endpoint: str, apart: str) -> None:
    """Of one's own body: an upload of another uploader, a session of another person."""
    known = everything(house)
    known["document_id"] = str(UUID(house.sql("select id from document where symbol = 'CTED/2026/XSM/4'")[0][0]))
    known["person_id"] = deputies.account(house, "carla")
    names = {name for rule in house.app.url_map.iter_rules(endpoint) for name in rule.arguments}
    house.guest(login).get("/")
    ids = {name: known[name] for name in names}
    hidden, absent = (told(house, login, method, endpoint, one) for one in (ids, ids | {apart: str(uuid4())}))
    assert hidden.status == 404
    assert hidden == absent


def test_a_link_to_enrol_tells_nobody_whether_there_is_such_an_account(house: House) -> None:
    account = local.proposed(house, "iris")
    local.invited(house, account)
    for method, endpoint in (("GET", "enrolment.show"), ("POST", "enrolment.enrol")):
        tried = []
        for one in (account, str(uuid4())):
            house.clock.advance(timedelta(minutes=1))  # of a stranger's refusals in one minute only the first is an event
            tried.append(told(house, "", method, endpoint, {"account_id": one, "token": "A" * 43}))
        hidden, absent = tried
        assert hidden.status in {403, 404}
        assert hidden == absent


def test_the_originators_auditor_sees_the_probe_and_the_probers_auditor_only_that_it_missed(house: House) -> None:
    document, _ = shared(house)
    house.guest("omar").get(f"/documents/{document}")
    assert document in house.guest("farid").log()
    assert document not in house.guest("rana").log()
