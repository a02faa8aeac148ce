"""Names are erased from the log by destroying keys: two administrators, a closed account, no hold; the log verifies as before."""

import base64
import json
import re
import threading
from dataclasses import dataclass
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from portal.audit.names import ERASED, SEALED_READER, seal_of
from portal.cases.offline import verify
from portal.kernel.sealing import Place, Sealed, WrappedKey
from portal.vault import names
from portal.vault.errors import Broken, LabelMismatch
from portal.vault.fields import key_id_of, open_words
from portal.vault.keyring import load_keyring
from tests.cases import keeping
from tests.common.house import DIRECTORATE, OFFICE, House, proposal_of, shared


@dataclass(frozen=True)
class Erased:
    """Whose names go, by which two, and who reads the log of their body; `named` is how the log names them."""

    login: str
    named: str
    first: str
    second: str
    auditor: str


#: The reader of what the other body shared: named in the logs of both bodies.
READERS = {"CTED": Erased("omar", "Omar", "sven", "signe", "rana"), "OCT": Erased("elena", "Elena", "greta", "gustav", "farid")}


def person(house: House, login: str) -> str:
    return str(UUID(house.sql("select id from person where sub = ?", f"person-{login}")[0][0]))


def soon(house: House) -> None:
    """The log names nobody longer than their account is open."""
    object.__setattr__(house.parts.config.log, "erase_after_days", 0)


def press(house: House, by: str, whose: str, what: str, **fields: str) -> TestResponse:
    return house.guest(by).post(f"/people/{person(house, whose)}/names/{what}", fields)


def close(house: House, who: Erased) -> None:
    assert house.guest(who.first).post(f"/people/{person(house, who.login)}/close").status_code == 302


def erase(house: House, who: Erased) -> None:
    close(house, who)
    assert press(house, who.first, who.login, "propose").status_code == 302
    answer = press(house, who.second, who.login, "erase")
    assert answer.status_code == 302, answer.text[-800:]


def log_of(house: House, auditor: str) -> str:
    page = house.guest(auditor).get("/audit?before=")
    assert page.status_code == 200
    return re.sub(r"<[^>]+>", " ", page.text)


def opened(house: House) -> list[str]:
    """Every name, address and reader in the log that any key of the installation opens, past the holder and its floors."""
    config = house.config.keyring
    keyring = load_keyring(config.path, config.passphrase_file.read_text().strip())
    keys = []
    for identity, whose, body, sealed in house.sql("select id, whose, body, sealed from log_key where sealed is not null"):
        words = Sealed(bytes(sealed))
        wrapped = WrappedKey(UUID(identity), UUID(whose) if len(whose) == 32 else None, body, words)
        keys.append((names.opened(keyring.register(body, key_id_of(words)), wrapped), body))
    keys += [(keyring.active_register(body), body) for body in keyring.bodies]
    found = []

    def tried(place: Place, value: bytes) -> None:
        for key, body in keys:
            try:
                found.append(open_words(key, body, place, Sealed(value)))
            except (LabelMismatch, Broken):
                continue

    for event, who, address, private in house.sql("select id, who, address, private_part from audit_event"):
        for column, value in (("who", who), ("address", address), ("private_part", private)):
            tried(Place("audit_event", column, UUID(event)), bytes(value))
        facts = [words for words in found[-1:] if SEALED_READER in words]
        for words in facts:
            tried(Place("audit_event", "reader", UUID(event)), base64.b64decode(json.loads(words)[SEALED_READER]))
    for row, value in house.sql("select id, name from person"):
        tried(Place("person", "name", UUID(row)), bytes(value))
    return found


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def who(house: House, request: pytest.FixtureRequest) -> Erased:
    """A reader who saw a page of what the other body shared."""
    house.cast = request.param
    _, share = shared(house)
    who = READERS[house.cast.body]
    assert house.guest(who.login).get(f"/received/{share}/pages/1").status_code == 200
    house.worker.sequence()
    soon(house)
    return who


def test_after_it_no_key_that_is_left_opens_the_name_and_the_log_verifies(house: House, who: Erased) -> None:
    document = str(UUID(house.sql("select id from document")[0][0]))
    before = opened(house)
    assert sum(who.named in words for words in before) > 2  # in their own log, in the originator's, in the register
    assert who.named in log_of(house, who.auditor)
    seen = f"/documents/{document}/seen"
    officer = house.guest(house.cast.confidentiality)
    assert who.named in officer.get(seen).text
    erase(house, who)
    house.worker.sequence()
    assert not [words for words in opened(house) if who.named in words]
    report = verify(house.config)
    assert report.ok, report.findings
    said = log_of(house, who.auditor)
    assert who.named not in said
    assert ERASED in said
    assert "Not in order" not in said
    page = officer.get(seen)
    assert page.status_code == 200
    assert who.named not in page.text
    assert "cannot be told" not in page.text
    assert who.named not in house.guest(who.first).get("/people").text
    told = house.sql("select detail, rules from audit_event where event = 'person.erased'")
    assert len(told) == 1
    assert person(house, who.login) in told[0][0]
    assert told[0][1] == ",P74-erase-person,"


def test_others_are_still_named(house: House, who: Erased) -> None:
    erase(house, who)
    assert any("Ada" in words or "Pedro" in words for words in opened(house))
    assert "192." in " ".join(opened(house)) or "127.0.0.1" in " ".join(opened(house))


def test_it_takes_two_and_a_closed_account(house: House, who: Erased) -> None:
    keys = house.sql("select count(*) from log_key where sealed is not null")
    open_account = press(house, who.first, who.login, "propose")
    assert open_account.status_code == 422
    assert "The account is open" in open_account.text
    close(house, who)
    assert press(house, who.second, who.login, "erase").status_code == 422  # nobody proposed it
    assert press(house, who.first, who.login, "propose").status_code == 302
    alone = press(house, who.first, who.login, "erase")
    assert alone.status_code == 422
    assert "Another security administrator" in alone.text
    assert house.sql("select count(*) from log_key where sealed is not null")[0][0] >= keys[0][0]
    assert press(house, who.second, who.login, "withdraw").status_code == 302
    assert press(house, who.second, who.login, "erase").status_code == 422
    assert who.named in log_of(house, who.auditor)


def test_not_before_its_time(house: House, who: Erased) -> None:
    object.__setattr__(house.parts.config.log, "erase_after_days", 30)
    close(house, who)
    early = press(house, who.first, who.login, "propose")
    assert early.status_code == 422
    assert "The log names this person until" in early.text


def test_a_legal_hold_on_a_document_that_the_person_saw_blocks_it(house: House, who: Erased) -> None:
    document = str(UUID(house.sql("select id from document")[0][0]))
    close(house, who)
    assert press(house, who.first, who.login, "propose").status_code == 302
    assert keeping.hold(house, document).status_code == 302
    blocked = press(house, who.second, who.login, "erase")
    assert blocked.status_code == 422
    assert "These names are still needed" in blocked.text
    assert "egal hold" not in blocked.text, "what the originator holds is theirs to know"
    assert who.named in log_of(house, who.auditor)


def test_a_hold_on_the_person_blocks_it_until_another_lifts_it(house: House, who: Erased) -> None:
    close(house, who)
    assert press(house, who.first, who.login, "propose").status_code == 302
    assert press(house, who.second, who.login, "hold", reason="A court asked").status_code == 302
    assert press(house, who.second, who.login, "erase").status_code == 422
    assert press(house, who.second, who.login, "lift").status_code == 422  # who placed it
    house.sql("delete from person_act where act = 'held'")  # nor by editing it away
    assert press(house, who.second, who.login, "erase").status_code == 422
    assert press(house, who.second, who.login, "hold", reason="A court asked").status_code == 302
    assert press(house, who.first, who.login, "lift").status_code == 302
    assert press(house, who.second, who.login, "erase").status_code == 302


@pytest.mark.parametrize("login", ["farid", "carla", "ada", "rana"])
def test_nobody_else_erases(house: House, login: str) -> None:
    house.guest("ada")
    house.guest("greta").post(f"/people/{person(house, 'ada')}/close")
    soon(house)
    assert press(house, "greta", "ada", "propose").status_code == 302
    if login == "ada":
        login = "sven"  # an administrator, of another body
    for what in ("hold", "lift", "propose", "withdraw", "erase"):
        assert press(house, login, "ada", what, reason="Just because").status_code in {403, 404}, what
    assert house.guest(login).get(f"/people/{person(house, 'ada')}/names").status_code in {403, 404}
    assert house.guest("greta").get(f"/people/{person(house, 'greta')}/names").status_code == 403  # one's own


def test_a_database_put_back_does_not_bring_the_names_back(house: House, who: Erased) -> None:
    close(house, who)
    assert press(house, who.first, who.login, "propose").status_code == 302
    house.worker.sequence()
    keys = house.sql("select id, sealed from log_key where whose = ?", UUID(person(house, who.login)).hex)
    name = house.sql("select name from person where sub = ?", f"person-{who.login}")[0][0]
    assert press(house, who.second, who.login, "erase").status_code == 302
    for identity, sealed in keys:
        house.sql("update log_key set sealed = ?, destroyed_at = null where id = ?", sealed, identity)
    house.sql("update person set name = ? where sub = ?", name, f"person-{who.login}")
    house.sql("delete from person_act where act = 'erased'")
    assert who.named not in log_of(house, who.auditor)  # the floors know
    house.worker._finish_erasures()
    assert not [words for words in opened(house) if who.named in words]
    assert [row[0] for row in house.events() if row[0] == "names.expired"] == ["names.expired"]
    house.worker._finish_erasures()
    assert sum(row[0] == "names.expired" for row in house.events()) == 1


def test_a_key_that_is_gone_without_an_erasure_is_an_alarm(house: House, who: Erased) -> None:
    house.sql("update log_key set sealed = null where whose = ?", UUID(person(house, who.login)).hex)
    house.parts.holder._seals.forget()
    assert "an entry was changed" in log_of(house, who.auditor)


def test_many_who_write_for_one_person_at_once_make_one_key(house: House) -> None:
    stranger, begun, made = UUID(int=77), threading.Barrier(4), list[str]()

    def write() -> None:
        begun.wait(10)
        with house.parts.write() as uow:
            seal = seal_of(uow.session, house.parts.holder, stranger, "CTED", uow.at)
            assert seal is not None
            made.append(key_id_of(seal.seal(Place("audit_event", "who", UUID(int=1)), "Nobody")))
            uow.session.commit()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 4
    assert len(set(made)) == 1
    assert house.sql("select count(*) from log_key where whose = ?", stranger.hex) == [(1,)]


def test_addresses_of_strangers_lie_under_a_key_of_the_month_that_goes(house: House) -> None:
    house.stranger().get("/documents")
    months = house.sql("select whose, body from log_key where whose like '____-__'")
    assert months == [(f"{house.clock.at:%Y-%m}", "PORTAL")]
    soon(house)
    house.clock.at = house.clock.at.replace(
        day=1, month=house.clock.at.month % 12 + 1, year=house.clock.at.year + house.clock.at.month // 12
    )
    house.worker._finish_erasures()
    assert house.sql("select count(*) from log_key where whose = ? and sealed is not null", months[0][0]) == [(0,)]


def test_a_key_that_a_transaction_made_and_undid_is_not_used_again(house: House) -> None:
    holder, nobody = house.parts.holder, UUID(int=78)
    with house.parts.write() as uow:
        assert seal_of(uow.session, holder, nobody, "CTED", uow.at)
        assert seal_of(uow.session, holder, nobody, "CTED", uow.at)
    with house.parts.write() as uow:
        seal = seal_of(uow.session, holder, nobody, "CTED", uow.at)
        assert seal is not None
        uow.session.commit()
    words = seal.seal(Place("audit_event", "who", UUID(int=1)), "Nobody")
    assert house.sql("select id from log_key where whose = ?", nobody.hex) == [(holder.key_of(words).hex,)]  # type: ignore[union-attr]


def test_words_about_a_document_go_from_the_log_when_it_is_shredded(house: House) -> None:
    document, _ = shared(house)
    reason = "Sent to them by mistake"
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house), reason).status_code == 302
    keys = house.sql("select id, sealed from log_key where whose = ?", UUID(document).hex)
    assert len(keys) == 1
    assert any(reason in words for words in opened(house))
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert not [words for words in opened(house) if reason in words]
    house.worker.sequence()
    assert verify(house.config).ok
    assert "an entry was changed" not in log_of(house, house.cast.auditor)
    house.sql("update log_key set sealed = ?, destroyed_at = null where id = ?", keys[0][1], keys[0][0])  # as a restored database has it
    assert "an entry was changed" not in log_of(house, house.cast.auditor)
    house.worker._finish_erasures()
    assert not [words for words in opened(house) if reason in words]
