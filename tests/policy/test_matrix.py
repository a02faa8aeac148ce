"""The access matrix says every action in words, and is what `make matrix` would write now."""

import tomllib
from collections import Counter
from typing import Any

import pytest

from portal.kernel.actions import Action
from portal.kernel.vocabulary import Role
from tests.policy.worlds import FOLDER
from tools import matrix

TABLE: dict[str, Any] = tomllib.loads((FOLDER / "decisions.toml").read_text(encoding="utf-8"))


def test_every_action_has_words_once() -> None:
    """A new action without a row here, and in [who] (test_decisions), fails."""
    assert Counter(action for words in TABLE["words"].values() for action in words) == Counter(Action)


def test_every_task_has_its_row_once_with_its_service() -> None:
    text = matrix.whole(TABLE, matrix.statements_of(FOLDER))
    for task, said in TABLE["task"].items():
        assert text.count(f"| {said['service']} | {said['words']} `{task}` | P8") == 1


def test_the_matrix_in_the_documentation_is_fresh() -> None:
    stale = [path.name for path, text in matrix.written().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make matrix`"


@pytest.mark.parametrize("change", [("who", ["auditor"]), ("duties", [])])
def test_another_decision_makes_it_stale(change: tuple[str, list[str]]) -> None:
    section, value = change
    other = {**TABLE, section: {**TABLE[section], "share:approve": value}}
    assert matrix.short(other) != matrix.short(TABLE)
    rules = matrix.statements_of(FOLDER)
    assert matrix.whole(other, rules) != matrix.whole(TABLE, rules)


def test_a_rule_that_is_reworded_makes_it_stale() -> None:
    rules = matrix.statements_of(FOLDER)
    assert matrix.whole(TABLE, rules[1:]) != matrix.whole(TABLE, rules)


def test_an_approval_is_marked_as_the_second_person_s() -> None:
    (approve,) = (act for act in matrix.acts(TABLE) if act.action == "share:approve")
    assert dict(zip(Role, approve.marks, strict=True))[Role.RELEASING_OFFICER] == matrix.SECOND
    assert set(approve.marks) == {"", matrix.SECOND}
