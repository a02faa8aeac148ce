"""`policy diff` looks at everything: with one of each thing in the register, it reports every act that other rules would open."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

import cedarpy
import pytest

from portal.cases import compare_policies as comparing
from portal.cases.change_policy import propose_policy
from portal.cases.compare_policies import Change, compare
from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.permit import ResourceType
from portal.kernel.services import Service, Task
from portal.policy.canaries import ABOUT
from portal.policy.engine import Engine
from portal.policy.load import SCHEMA, PolicySet, schema_of, texts_of
from portal.policy.rules import Statement, read
from tests.cases import consulting, ends, keeping, withholding
from tests.cases.deputies import account, propose
from tests.common.entity import asked
from tests.common.house import House, open_house, proposal_of, shared
from tests.common.local import grant, proposed
from tests.common.rules import remark
from tests.common.s3server import S3Server

POLICIES = Path(__file__).parents[2] / "policies"
ACTIONS = [action for action in Action if action not in OPEN_ACTIONS]


@pytest.fixture(scope="module")
def full(local_template: Path, tmp_path_factory: pytest.TempPathFactory, house_s3: S3Server | None) -> Iterator[House]:
    """A register with one of each thing, such as its act is possible for somebody."""
    house = open_house(local_template, tmp_path_factory.mktemp("full") / "portal", s3=house_s3)
    everything(house)
    yield house
    house.close()


def everything(house: House) -> None:
    for login in ("carla", "dana", "elena", "farid", "greta", "gustav", "omar", "lena", "rana", "sven"):
        house.guest(login)
    uploader, releasing = house.guest("ada"), house.guest("dana")
    _, share = shared(house, use="file")
    with house.parts.write() as uow:
        found = uow.shares.get(UUID(share))
        assert found is not None
        asked(uow, found)
        uow.session.commit()
    recalled = uploader.deposit("CTED/2026/XSM/11")
    uploader.prepare(recalled)
    uploader.propose(recalled)
    assert releasing.approve(proposal_of(house)).status_code == 302
    assert releasing.recall(recalled, proposal_of(house)).status_code == 302
    waiting = uploader.deposit("CTED/2026/XSM/12")
    uploader.prepare(waiting)
    assert uploader.propose(waiting).status_code == 302
    uploader.register("CTED/2026/XSM/13")  # its file is still to come
    held = uploader.deposit("CTED/2026/XSM/14")
    assert keeping.hold(house, held).status_code == 302
    asked_for = uploader.deposit("CTED/2026/XSM/16")
    assert house.guest("carla").withhold(asked_for).status_code == 302
    assert withholding.propose(house, asked_for).status_code == 302
    confirmed = uploader.deposit("CTED/2026/XSM/20")
    assert house.guest("carla").withhold(confirmed).status_code == 302
    assert withholding.confirm(house, confirmed, "dana").status_code == 302
    consulted = uploader.deposit("CTED/2026/XSM/17")
    uploader.prepare(consulted)
    assert uploader.propose(consulted).status_code == 302
    assert consulting.consult(house, consulted).status_code == 302
    old = uploader.deposit("CTED/2026/XSM/15")
    assert keeping.propose(house, old).status_code == 302
    assert ends.propose(house, uploader.deposit("CTED/2026/XSM/18")).status_code == 302
    assert ends.archive(house, uploader.deposit("CTED/2026/XSM/19")).status_code == 302
    assert propose(house, "elena").status_code == 302
    assert grant(house, proposed(house)).status_code == 200
    other = shutil.copytree(POLICIES, house.folder / "next")
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), remark(other, "Proposed, and not answered."))


def statements() -> list[Statement]:
    texts, faults = texts_of(POLICIES), list[str]()
    return [one for name, text in texts.items() if name != SCHEMA for one in read(name, text, faults)]


def rules(*texts: str) -> PolicySet:
    """These rules beside the shipped forbids, and no permit of the shipped ones; without the gate, which would refuse them."""
    kept = [one.text for one in statements() if one.policy.effect == "forbid"]
    faults: list[str] = []
    found = read("mutants", "\n".join([*kept, *texts]), faults)
    assert not faults
    schema = schema_of(POLICIES, texts_of(POLICIES)[SCHEMA])
    engine = Engine(schema, cedarpy.PolicySet.from_str("\n".join(one.text for one in found)))
    return PolicySet(engine, {one.id: one.rule() for one in found}, "0" * 64, frozenset({"CTED", "OCT"}))


def permit(action: Action, number: int) -> str:
    notes = f'@id("P{number}-mutant-{number}")\n@reason("Anybody may do it.")\n@source("A mutant")\n'
    return f'{notes}permit (principal, action == Action::"{action}", resource);'


@pytest.fixture(scope="module")
def gained(full: House) -> Mapping[Action, list[Change]]:
    """What a mutant permit for each action opens, where no permit stood before."""
    mutants = rules(*(permit(action, number) for number, action in enumerate(ACTIONS, 10)))
    return _by_action(full, rules(), mutants, gain=True)


def _by_action(house: House, old: PolicySet, new: PolicySet, *, gain: bool) -> Mapping[Action, list[Change]]:
    found = compare(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_SIMULATE), old, new, lambda done, total: None).changes
    assert all(change.gained is gain for change in found)
    return {action: [change for change in found if change.action is action] for action in Action}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_mutant_permit_for_any_action_is_reported_with_whom_it_serves(gained: Mapping[Action, list[Change]], action: Action) -> None:
    number = 10 + ACTIONS.index(action)
    assert gained[action], f"{action} is gained by nobody"
    assert all(change.persons and change.things for change in gained[action])
    # whom this forbid alone holds up is asked to confirm, and then gets it
    expected = "F93-log-leaves-confirmed" if action is Action.AUDIT_EXPORT else f"P{number}-mutant-{number}"
    assert {rule for change in gained[action] for rule in change.after} == {expected}


def test_every_action_of_the_schema_is_about_something_that_is_walked() -> None:
    assert {action for actions in comparing.ACTIONS.values() for action in actions} == set(ACTIONS) == set(ABOUT)
    assert all(comparing.ACTIONS[kind] for kind in ResourceType)


def test_whoever_had_a_part_in_a_thing_is_asked_for_themself(full: House, gained: Mapping[Action, list[Change]]) -> None:
    """Dana could approve what Ada proposed; Ada could not, and Carla could not shred what Carla proposed."""
    ada, carla, dana = (UUID(account(full, login)) for login in ("ada", "carla", "dana"))
    approving = {person for change in gained[Action.SHARE_APPROVE] for person in change.persons}
    shredding = {person for change in gained[Action.DOCUMENT_SHRED] for person in change.persons}
    assert (ada in approving, dana in approving) == (False, True)
    assert (carla in shredding, dana in shredding) == (False, True)
    closing = {person for change in gained[Action.PERSON_CLOSE] for person in change.persons}
    assert UUID(account(full, "greta")) in closing  # of others, though never of themself


def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer(
    full: House, gained: Mapping[Action, list[Change]], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = rules(), rules(*(permit(action, number) for number, action in enumerate(ACTIONS, 10)))
    ask = comparing._Tally.put
    most: list[int] = []

    def watched(tally: comparing._Tally, *about: object) -> None:
        ask(tally, *about)  # type: ignore[arg-type]
        most.append(len(tally.answers))

    monkeypatch.setattr(comparing, "KNOWN", 50)
    monkeypatch.setattr(comparing._Tally, "put", watched)
    assert _by_action(full, old, new, gain=True) == gained
    assert max(most) <= 50


def test_what_is_gained_one_way_is_lost_the_other(full: House, gained: Mapping[Action, list[Change]]) -> None:
    mutants = rules(*(permit(action, number) for number, action in enumerate(ACTIONS, 10)))
    lost = _by_action(full, mutants, rules(), gain=False)
    assert {action: [change.persons for change in changes] for action, changes in lost.items()} == {
        action: [change.persons for change in changes] for action, changes in gained.items()
    }
