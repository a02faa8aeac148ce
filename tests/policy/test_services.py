"""What acts without a person: each service does its own tasks and nothing else, and no person passes for one."""

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import cedarpy
import pytest

from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Misconfigured
from portal.kernel.permit import Permit
from portal.kernel.services import Mandate, Service, Task
from portal.policy import lint
from portal.policy.decide import entrust
from portal.policy.engine import Undecided
from portal.policy.load import PolicySet
from tests.policy.worlds import BODIES, FOLDER, context, person, thing

TABLE: dict[str, Any] = tomllib.loads((FOLDER / "decisions.toml").read_text(encoding="utf-8"))["task"]
SCHEMA = (FOLDER / "portal.cedarschema").read_text(encoding="utf-8")
NOW = context().now


def test_every_task_has_a_row_and_every_row_a_task() -> None:
    assert sorted(TABLE) == sorted(Task)
    assert not set(Task) & set(Action)


@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize("task", Task)
def test_a_service_does_what_the_table_says_and_no_more(policies: PolicySet, task: Task, service: Service) -> None:
    if TABLE[task]["service"] == service:
        mandate = entrust(policies, service, task, now=NOW, log_broken=False)
        assert (mandate.service, mandate.task, mandate.policy_hash) == (service, task, policies.hash)
        assert [rule[:2] for rule in mandate.rules] == ["P8"]
    else:
        with pytest.raises(Denied) as refused:
            entrust(policies, service, task, now=NOW, log_broken=False)
        assert [rule.partition("-only-the-")[2] for rule in refused.value.rules] == [TABLE[task]["service"]]


@pytest.mark.parametrize("task", Task)
def test_nothing_acts_by_itself_while_the_log_cannot_go_on(policies: PolicySet, task: Task) -> None:
    with pytest.raises(Denied) as refused:
        entrust(policies, Service(TABLE[task]["service"]), task, now=NOW, log_broken=True)
    assert refused.value.rules == ("F80-log-cannot-go-on",)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("service", Service)
def test_no_service_can_even_be_asked_about_what_a_person_may_do(policies: PolicySet, service: Service, action: Action) -> None:
    with pytest.raises(Undecided):
        policies.engine.entrusts(service, action, now=NOW, log_broken=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", Task)
def test_no_person_can_even_be_asked_about_a_task(policies: PolicySet, task: Task) -> None:
    with pytest.raises(Undecided):
        policies.engine.ask(person(), task, thing(Action.HOME_READ), context())  # type: ignore[arg-type]


def test_a_mandate_is_no_permit_and_names_no_body_whose_key_it_could_open() -> None:
    assert not issubclass(Mandate, Permit)
    assert not hasattr(Mandate, "body")
    assert not hasattr(Mandate, "must_cover")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("principal: User, resource: Proposal,", "principal: [User, Service], resource: Proposal,"),
        ("principal: Service, resource: Portal,", "principal: [Service, User], resource: Portal,"),
        ("principal: Service, resource: Portal,", "principal: Service, resource: [Portal, Document],"),
        ("principal: Service, resource: Portal,", "principal: User, resource: Portal,"),
        ('"log:sum_refusals",', '"log:sum_refusals", "log:rewrite",'),
        ('"log:sum_refusals",', ""),
        ('entity Service enum ["sequencer", ', 'entity Service enum ["sequencer", "renderer", '),
    ],
)  # fmt: skip
def test_a_schema_that_mixes_persons_and_services_is_refused(old: str, new: str) -> None:
    assert not list(lint.of_schema(cedarpy.Schema.from_str(SCHEMA)))
    assert SCHEMA.count(old) == 1
    assert list(lint.of_schema(cedarpy.Schema.from_str(SCHEMA.replace(old, new))))


def test_a_permit_that_would_let_a_service_approve_does_not_load(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "rules")
    rules = folder / "services.cedar"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(re.sub(r'Action::"share:expire"', 'Action::"share:approve"', text, count=1), encoding="utf-8")
    with pytest.raises(Misconfigured) as stopped:
        PolicySet.load(folder, BODIES)
    assert "P81-expiry" in stopped.value.detail


def test_every_task_is_done_somewhere() -> None:
    portal = FOLDER.parent / "portal"
    doors = [path.read_text(encoding="utf-8") for room in ("gateway", "worker", "cli") for path in (portal / room).glob("*.py")]
    done = {name for text in doors for name in re.findall(r"\bTask\.([A-Z_]+)", text)}
    assert done == {task.name for task in Task}


def test_only_the_decision_makes_a_mandate() -> None:
    portal = FOLDER.parent / "portal"
    makers = [path.name for path in portal.rglob("*.py") if "Mandate(" in path.read_text(encoding="utf-8")]
    assert makers == ["decide.py"]
