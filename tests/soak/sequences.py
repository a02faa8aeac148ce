"""Sequences of acts by chance, as long as one likes; PORTAL_SEQUENCES says how many, PORTAL_TEST_DATABASE on which database.

Not collected by `make test`: `python -m pytest -s -n0 tests/soak/sequences.py`. About five seconds a sequence.
"""

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.cases.sequences import ACTS, Sequences
from tests.cases.test_sequences import house as house
from tests.common.house import House

SEQUENCES, STEPS = int(os.environ.get("PORTAL_SEQUENCES", "100")), 25


@pytest.mark.timeout(3600)
def test_everybody_gets_what_is_theirs_after_many_acts(house: House) -> None:
    by_chance = settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    ACTS.clear()
    began = time.monotonic()
    run_state_machine_as_test(lambda: Sequences(house), settings=by_chance)
    print(f"\n{SEQUENCES} sequences: {ACTS[True]:,} acts done, {ACTS[False]:,} refused, each as promised; {time.monotonic() - began:.0f} s")
