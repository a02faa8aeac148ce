"""What the portal does without a person: the rules let a service do its task, its events name it, and what is refused is not done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import cedarpy
import pytest

from portal.kernel.errors import Denied
from portal.kernel.ids import new_object_key
from portal.kernel.services import Service, Task
from portal.policy.engine import Engine
from portal.policy.rules import read
from tests.common.house import House, shared


def over(house: House) -> None:
    """A share whose time is over, while everybody is still signed in."""
    shared(house, until=house.clock.now().date().isoformat())
    for auditor in (house.cast.auditor, house.cast.other_auditor):
        house.guest(auditor)
    house.clock.advance(timedelta(days=2))
    micros = int(house.clock.now().timestamp() * 1_000_000)
    house.sql("update session set created_at = ?, last_seen = ?", micros, micros)


def log_of(house: House, auditor: str) -> str:
    """What this auditor reads, without the filters."""
    return house.guest(auditor).log()


def without(house: House, permit: str) -> None:
    """The house decides as if this permit were not among the rules."""
    rules = house.parts.policies
    files = house.config.policy.path.glob("*.cedar")
    kept = [found.text for file in files for found in read(file.name, file.read_text(encoding="utf-8"), []) if found.id != permit]
    assert len(kept) == len(rules.rules) - 1
    engine = Engine(rules.engine.schema, cedarpy.PolicySet.from_str("\n".join(kept)))
    house.passage.parts = replace(house.parts, policies=replace(rules, engine=engine))


def test_the_originator_reads_that_the_expiry_closed_a_share_and_its_recipient_only_that_it_is_closed(house: House) -> None:
    over(house)
    assert house.passage.close_expired() == 1
    assert house.sql("select action, actor_roles, rules from audit_event where event = 'share.closed'") == [("", "", "")]
    assert "Expiry of the portal" in log_of(house, house.cast.auditor)
    told = log_of(house, house.cast.other_auditor)
    assert "Share closed" in told
    assert "xpiry" not in told


def test_what_concerns_the_portal_itself_names_its_service_task_and_rule_to_every_auditor(house: House) -> None:
    for _ in range(2):  # the first has an event of its own
        house.stranger().client.get("/documents")
    house.passage.sum_refusals(everything=True)
    assert house.sql("select action, actor_roles, rules, actor_body from audit_event where event = 'refusals.summed'") == [
        ("log:sum_refusals", ",sequencer,", ",P80-sequencer,", "")
    ]
    for auditor in (house.cast.auditor, house.cast.other_auditor):
        assert "Sequencer of the portal" in log_of(house, auditor)


def test_a_task_that_no_rule_permits_is_not_done_and_leaves_one_refusal(house: House) -> None:
    over(house)
    without(house, "P81-expiry")
    for _ in range(3):
        with pytest.raises(Denied):
            house.passage.close_expired()
    assert house.sql("select count(*) from closure") == [(0,)]
    assert house.sql("select outcome, code, action, actor_roles, rules from audit_event where event = 'task.refused'") == [
        ("refused", "denied", "share:expire", ",expiry,", "")
    ]
    assert "Task refused" in log_of(house, house.cast.auditor)


def test_a_refused_task_keeps_no_other_from_its_turn(house: House) -> None:
    over(house)
    without(house, "P81-expiry")
    for _ in range(2):
        house.worker.tick()
    assert house.sql("select count(*) from closure") == [(0,)]
    assert house.sql("select count(*) from audit_pending") == [(0,)], "what was refused is sequenced and signed all the same"


TASKS: dict[str, Callable[[House], object]] = {
    "close_expired": lambda house: house.passage.close_expired(),
    "end_all_sessions": lambda house: house.passage.end_all_sessions(),
    "report_objects": lambda house: house.passage.report_objects([]),
    "sequence": lambda house: house.worker.sequence(),
    "sum_refusals": lambda house: house.passage.sum_refusals(everything=True),
    "keep": lambda house: house.worker._objects.keep(),
    "sweep": lambda house: house.worker._objects.sweep(),
    "tidy": lambda house: house.worker._tidy(),
    "finish_shreddings": lambda house: house.worker._finish_shreddings(),
    "a command": lambda house: house.passage.acting(Service.OPERATOR, Task.RESTORE_DISCARD),
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_nothing_is_done_while_the_log_cannot_go_on(house: House, task: Callable[[House], object]) -> None:
    over(house)
    house.stranger().client.get("/documents")
    house.passage.closed = True
    with pytest.raises(Denied) as refused:
        task(house)
    assert refused.value.rules == ("F80-log-cannot-go-on",)


def test_nothing_is_collected_from_the_store_while_the_log_cannot_go_on(house: House) -> None:
    orphan = new_object_key()
    house.parts.vault._store.put(orphan, [b"no row names it"], 15)
    house.age_objects(timedelta(hours=2))
    house.passage.closed = True
    for _ in range(2):  # what is seen once could be on its way
        with pytest.raises(Denied):
            house.worker._objects.sweep()
    assert any(orphan in name for name in house.objects())
    house.passage.closed = False
    for _ in range(2):
        house.worker._objects.sweep()
    assert not any(orphan in name for name in house.objects())


def test_a_service_is_refused_what_another_one_does(house: House) -> None:
    for service in set(Service) - {Service.OPERATOR}:
        with pytest.raises(Denied) as refused:
            house.passage.acting(service, Task.RECOVERY_EXPORT)
        assert refused.value.rules == ("F84-only-the-operator",)
    assert house.sql("select count(*) from audit_event where event = 'task.refused'") == [(3,)]
