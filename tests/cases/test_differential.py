"""Lists and items agree, on whichever database the tests run. `make soak` compares a hundred thousand on each."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.database import Database
from portal.policy.load import PolicySet
from tests.common import databases
from tests.policy import differential
from tests.policy.kept import LISTED, METADATA
from tests.policy.worlds import BODIES, FOLDER

#: In the suite; every action is among them.
COMPARISONS = 16_000


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    opened = Database(databases.room(tmp_path)).engine.execution_options(portal_write=True)
    METADATA.create_all(opened)
    return opened


def test_every_list_holds_what_is_permitted_one_by_one(database: Engine) -> None:
    compared = differential.compare(PolicySet.load(FOLDER, BODIES), database, COMPARISONS, seed=7)
    assert compared.total >= COMPARISONS
    assert set(compared.decisions) == set(Action) - OPEN_ACTIONS  # all that the schema knows
    assert all(compared.permitted[action] for _, action in LISTED), compared.permitted


def test_a_difference_is_told_with_the_person_and_the_row(database: Engine) -> None:
    policies = PolicySet.load(FOLDER, BODIES)
    kept, action = LISTED[0]
    hidden = create_engine("sqlite://")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(kept), "listed", lambda *given, **named: set())
        with pytest.raises(AssertionError, match=action.value):
            differential.compare(policies, database, 2_000, seed=6)
    hidden.dispose()
