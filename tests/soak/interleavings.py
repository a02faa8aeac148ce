"""A request recorded while an approval commits: PORTAL_MEETINGS says how often, PORTAL_TEST_DATABASE on which database.

Not collected by `make test`: `python -m pytest -s -n0 tests/soak/interleavings.py`. About two seconds each.
"""

import os
import time

import pytest

from tests.cases.interleaving import request_meets_approval
from tests.common.house import House

MEETINGS = int(os.environ.get("PORTAL_MEETINGS", "1000"))


@pytest.mark.timeout(7200)
def test_a_request_and_an_approval_are_never_both_effective(house: House) -> None:
    began = time.monotonic()
    met = [request_meets_approval(house, seed) for seed in range(MEETINGS)]
    first = sum(meeting.approved for meeting in met)
    orders = len({meeting.order for meeting in met})
    assert 0 < first < MEETINGS
    print(
        f"\n{MEETINGS:,} meetings in {orders:,} orders of statements: {first:,} approved before the request and closed by it, "
        f"{MEETINGS - first:,} refused; never both effective; {time.monotonic() - began:.0f} s"
    )
