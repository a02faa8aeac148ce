"""A hundred thousand decisions compared with their lists, on SQLite and on PostgreSQL; PORTAL_COMPARISONS says how many, PORTAL_SEED which.

Not collected by `make test`: `python -m pytest -s tests/soak/lists_and_items.py`. About three minutes.
"""

import os
import time
from pathlib import Path

import pytest

from portal.kernel.database import Database
from portal.policy.load import PolicySet
from tests.common import databases
from tests.policy import differential
from tests.policy.kept import METADATA
from tests.policy.worlds import BODIES, FOLDER

COMPARISONS, SEED = int(os.environ.get("PORTAL_COMPARISONS", "100000")), int(os.environ.get("PORTAL_SEED", "1"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_lists_and_items_agree(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "POSTGRESQL", kind == "postgresql")
    database = Database(databases.room(tmp_path)).engine.execution_options(portal_write=True)
    METADATA.create_all(database)
    began = time.monotonic()
    compared = differential.compare(PolicySet.load(FOLDER, BODIES), database, COMPARISONS, SEED)
    database.dispose()
    print(
        f"\n{kind}: {compared.total:,} decisions of {len(compared.decisions)} actions compared, "
        f"{compared.permitted.total():,} permitted, none differs; {time.monotonic() - began:.0f} s, seed {SEED}"
    )
    assert compared.total >= COMPARISONS
