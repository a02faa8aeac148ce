"""The store against the rows: what no row names is collected, what a row misses is reported once, and nothing else is touched."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import portal.cases.check_objects as check_objects
import portal.cases.sweep as sweeping
from portal.cases.report_objects import MissingObject, missing_objects
from portal.cases.sweep import sweep
from portal.kernel.errors import Unavailable
from portal.kernel.ids import new_object_key
from portal.vault.store import HEADER_SUFFIX, Stored
from portal.worker.objects import ObjectRounds
from tests.common.house import House, shared
from tests.common.slips import SAMORIA

TWO_HOURS = timedelta(hours=2)
MISSING, DAMAGED = "store.object_missing", "store.object_damaged"


def key_of(house: House, number: int = 0) -> str:
    """That of the file of a version."""
    named = "select store_key from sealed_object join version on version.object_id = sealed_object.id order by deposited_at"
    return str(house.sql(named)[number][0])


def lose(house: House, key: str) -> None:
    house.parts.vault._store.delete(key)


def replace(house: House, key: str, content: bytes) -> None:
    lose(house, key)
    house.parts.vault._store.put(key, [content], len(content))


def stored(house: House, key: str) -> bytes:
    store = house.parts.vault._store
    return store.get(key, 0, store.stat(key))


def rounds(house: House) -> ObjectRounds:
    return ObjectRounds(house.passage)


def alarms(house: House) -> list[tuple[str, str]]:
    """(event, fault) of each alarm of the store."""
    found = house.sql(f"select event, detail from audit_event where event in ('{MISSING}', '{DAMAGED}') order by at, rowid")
    return [(event, json.loads(detail)["fault"]) for event, detail in found]


def missing(house: House) -> list[MissingObject]:
    with house.parts.read() as uow:
        return missing_objects(uow)


# ---- what no row names
def test_an_orphan_is_collected_with_its_header_after_an_hour(house: House) -> None:
    house.guest("ada").deposit()
    kept = house.objects()
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    assert sweep(house.parts).orphans == 0
    house.age_objects(TWO_HOURS)
    assert sweep(house.parts).orphans == 1
    assert house.objects() == kept


def test_an_orphan_counts_from_its_header_which_comes_last(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some servers date an upload in parts from its beginning: one that took two hours looks old when it has just come."""
    house.parts.vault.seal([b"content"], 7, house.parts.recovery["CTED"])
    vault = type(house.parts.vault)
    listed = vault.listed

    def listing(self: Any, prefix: str = "") -> Iterator[Stored]:
        for entry in listed(self, prefix):
            yield entry if entry.key.endswith(HEADER_SUFFIX) else Stored(entry.key, entry.size, TWO_HOURS)

    monkeypatch.setattr(vault, "listed", listing)
    assert sweep(house.parts).orphans == 0
    assert len(house.objects()) == 2


def test_a_payload_without_header_is_collected_when_two_sweeps_saw_it_so(house: House) -> None:
    """At the first look its header may be on the way."""
    key = new_object_key()
    house.parts.vault._store.put(key, [b"half"], 4)
    house.age_objects(TWO_HOURS)
    lonely: set[str] = set()
    assert (sweep(house.parts, lonely).orphans, lonely) == (0, {key})
    assert (sweep(house.parts, lonely).orphans, lonely) == (1, set())
    assert house.objects() == set()


def test_a_header_without_payload_is_collected(house: House) -> None:
    house.parts.vault._store.put(new_object_key() + HEADER_SUFFIX, [b"a put that landed late"], 22)
    house.age_objects(TWO_HOURS)
    assert sweep(house.parts).orphans == 1
    assert house.objects() == set()


def test_a_row_that_commits_after_the_listing_keeps_its_object(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listing sees the object of a deposit that is under way, and for once it looks old; then the deposit ends."""
    ada = house.guest("ada")
    document = ada.register()
    vault = type(house.parts.vault)
    listed = vault.listed

    def listing(self: Any, prefix: str = "") -> Iterator[Stored]:
        assert ada.upload(document, SAMORIA).status_code == 201
        yield from [Stored(entry.key, entry.size, TWO_HOURS) for entry in listed(self, prefix)]

    monkeypatch.setattr(vault, "listed", listing)
    assert sweep(house.parts).orphans == 0
    assert len(house.objects()) == 4  # the file and its passages, each with its header


def test_two_portals_that_sweep_collect_once_and_report_once(house: House) -> None:
    house.guest("ada").deposit()
    lose(house, key_of(house))
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.age_objects(TWO_HOURS)
    here, there = sweep(house.parts), sweep(house.parts)
    assert (here.orphans, there.orphans) == (1, 0)
    again = [*here.findings, *here.findings]  # both found it before either reported
    assert (house.passage.report_objects(again), house.passage.report_objects(again)) == (1, 0)


def test_many_objects_are_compared_in_pieces_by_their_first_digits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TOGETHER", 3), ("ROWS", 2)):
        monkeypatch.setattr(sweeping, name, value)
    ada = house.guest("ada")
    for n in range(4):
        ada.deposit(f"CTED/2026/XSM/{n}")
    for _ in range(6):
        house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    lose(house, key_of(house, 2))
    house.age_objects(TWO_HOURS)
    swept = sweep(house.parts)
    assert (swept.orphans, [finding.fault for finding in swept.findings]) == (6, ["payload_gone"])
    assert len(house.objects()) == 15


# ---- what a row misses
LOSSES: dict[str, Callable[[House, str], None]] = {
    "payload_gone": lambda house, key: lose(house, key),
    "header_gone": lambda house, key: lose(house, key + HEADER_SUFFIX),
    "payload_size": lambda house, key: replace(house, key, stored(house, key)[:-1]),
    "header_size": lambda house, key: replace(house, key + HEADER_SUFFIX, b"short"),
}


@pytest.mark.parametrize("fault", LOSSES)
def test_an_object_that_is_gone_or_has_another_size_is_reported_once_to_its_originator(house: House, fault: str) -> None:
    document = house.guest("ada").deposit()
    key = key_of(house)
    LOSSES[fault](house, key)
    worker = rounds(house)
    worker.sweep()
    worker.sweep()
    rounds(house).sweep()  # another portal, or this one restarted
    assert alarms(house) == [(MISSING, fault)]
    row = house.sql(f"select originator, bodies, document, outcome from audit_event where event = '{MISSING}'")[0]
    assert (row[0], row[1], str(UUID(row[2])), row[3]) == ("CTED", ",CTED,", document, "done")
    assert [(found.fault, str(found.document), found.originator, found.store_key) for found in missing(house)] == [
        (fault, document, "CTED", key)
    ]
    assert "Store object missing" in house.guest("farid").log()
    assert "Store object missing" not in house.guest("rana").log()


def test_an_object_that_is_back_is_no_longer_missing_and_may_be_reported_again(house: House) -> None:
    house.guest("ada").deposit()
    key, worker = key_of(house), rounds(house)
    content = stored(house, key)
    for n in range(2):
        lose(house, key)
        worker.sweep()
        assert len(missing(house)) == 1
        house.parts.vault._store.put(key, [content], len(content))
        worker.sweep()
        assert missing(house) == []
        assert alarms(house) == [(MISSING, "payload_gone")] * (n + 1)


def test_each_object_of_a_version_and_of_a_rendition_is_reported_under_its_document(house: House) -> None:
    document, _ = shared(house)
    for (key,) in house.sql("select store_key from sealed_object"):
        lose(house, key)
    rounds(house).sweep()
    assert [(str(found.document), found.originator) for found in missing(house)] == [(document, "CTED")] * 4
    assert len(alarms(house)) == 4


def test_what_is_in_order_is_not_reported(house: House) -> None:
    shared(house)
    house.age_objects(TWO_HOURS)
    before = house.objects()
    rounds(house).sweep()
    assert (alarms(house), missing(house), house.objects()) == ([], [], before)


def test_a_store_that_lost_everything_does_not_flood_the_log(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST", 2)
    shared(house)
    for (key,) in house.sql("select store_key from sealed_object"):
        lose(house, key)
    assert len(sweep(house.parts).findings) == 2
    worker = rounds(house)
    worker.sweep()
    worker.sweep()
    assert len(missing(house)) == 4


def test_a_row_that_says_it_was_shredded_is_not_missed_and_its_remains_are_removed(house: House) -> None:
    house.guest("ada").deposit()
    house.sql("update sealed_object set header = x''")
    rounds(house).sweep()
    assert (alarms(house), house.objects()) == ([], set())
    rounds(house).sweep()
    assert alarms(house) == []


# ---- bytes
def test_a_byte_that_changed_at_rest_is_found_and_reported_as_damage(house: House) -> None:
    document = house.guest("ada").deposit()
    key = key_of(house)
    content = stored(house, key)
    for at in (0, 20, len(content) - 1):
        changed = bytearray(content)
        changed[at] ^= 1
        replace(house, key, bytes(changed))
        rounds(house).sweep()
        assert [(found.fault, str(found.document)) for found in missing(house)] == [("payload_changed", document)]
        replace(house, key, content)
        rounds(house).sweep()
        assert missing(house) == []
    assert alarms(house) == [(DAMAGED, "payload_changed")] * 3


def test_a_header_that_was_changed_or_swapped_is_found(house: House) -> None:
    """With another header the recovery identity would open nothing."""
    ada = house.guest("ada")
    ada.deposit()
    ada.deposit("CTED/2026/XSM/4")
    other = stored(house, key_of(house, 1) + HEADER_SUFFIX)
    replace(house, key_of(house) + HEADER_SUFFIX, other)
    rounds(house).sweep()
    assert alarms(house) == [(DAMAGED, "header_changed")]


def test_payloads_that_were_swapped_are_found(house: House) -> None:
    ada = house.guest("ada")
    ada.deposit()
    ada.deposit("CTED/2026/XSM/4")
    one, two = stored(house, key_of(house)), stored(house, key_of(house, 1))
    replace(house, key_of(house), two)
    replace(house, key_of(house, 1), one)
    rounds(house).sweep()
    assert alarms(house) == [(DAMAGED, "payload_changed")] * 2


def test_a_round_reads_a_few_objects_those_first_that_were_not_read_for_longest(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_objects, "SAMPLE", 2)
    shared(house)  # four objects
    seen = []
    for _ in range(3):
        house.clock.advance(timedelta(hours=1))
        rounds(house).sweep()
        seen.append(
            {row[0] for row in house.sql("select id from sealed_object where checked_at = (select max(checked_at) from sealed_object)")}
        )
    assert [len(ids) for ids in seen] == [2, 2, 2]
    assert len(seen[0] | seen[1]) == 4
    monkeypatch.setattr(check_objects, "BYTES", 1)
    assert len(check_objects.check_objects(house.parts)) == 1


# ---- a store that does not answer
def test_a_store_that_is_down_is_no_missing_object_and_delays_the_round(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.guest("ada").deposit()
    store, worker = type(house.parts.vault._store), rounds(house)

    def down(*_: Any, **__: Any) -> Any:
        raise Unavailable("the store failed: down")

    for method in ("listed", "stat", "get"):
        with monkeypatch.context() as patched:
            patched.setattr(store, method, down)
            if method == "stat":
                lose(house, key_of(house))
            worker.tick()
            assert alarms(house) == []
            assert worker._paused_until > 0
            worker._paused_until = worker._next_sweep = float("-inf")
        if method == "stat":
            break
    worker.tick()
    assert alarms(house) == [(MISSING, "payload_gone")]
