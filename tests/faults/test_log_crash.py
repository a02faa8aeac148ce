"""The sequencer, and an approval, are killed at one call after another, with clocks that jump: the log goes on without a gap, nothing is
lost and nothing stands in it twice, and the tables say what the log says.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response

from portal.app import create_app
from portal.cases.offline import verify
from tests.common.house import House, proposal_of
from tests.faults.test_crash import killed

#: Jumps of the clock before each start; events and checkpoints bear these times.
JUMPS = (timedelta(minutes=7), timedelta(days=40), -timedelta(days=39), -timedelta(hours=3), timedelta(hours=2))


def begun_again(house: House) -> None:
    house.parts.database.engine.dispose()
    house.app = create_app(house.config, clock=house.clock, background=False)


def in_order(house: House) -> None:
    """Started again and sequenced by two, one after the other: every event has one leaf, and all of it verifies."""
    begun_again(house)
    house.worker.sequence()
    begun_again(house)
    house.worker.sequence()
    report = verify(house.config)
    assert report.ok, report.findings
    assert house.sql("select count(*) from audit_pending") == [(0,)]
    events, leaves = house.sql("select count(*) from audit_event")[0][0], house.sql("select count(event_id) from audit_leaf")[0][0]
    assert events == leaves
    assert house.sql("select count(*), max(leaf_index) + 1 from audit_leaf")[0][0] == report.size


def sequencing(house: House) -> Callable[[], Any]:
    def act() -> Response:
        house.worker.sequence()
        return Response(status=201)

    return act


def test_a_sequencer_killed_anywhere_leaves_no_gap_and_no_double(house: House) -> None:
    alive = kills = 0
    while not alive:
        kills += 1
        house.clock.advance(JUMPS[kills % len(JUMPS)])
        assert house.stranger().get("/documents").status_code == 401  # one event more: the first of its minute
        _, alive = killed(house, sequencing(house), kills)
    assert 15 < kills < 200
    in_order(house)


def test_an_approval_killed_anywhere_is_done_with_its_event_or_not_at_all(house: House) -> None:
    ada, dana = house.guest("ada"), house.guest("dana")
    document = ada.deposit()
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    proposal = proposal_of(house)

    def approving() -> Response:
        return Response(status=201 if dana.approve(proposal).status_code == 302 else 500)

    shares = kills = 0
    while not shares:
        kills += 1
        done, _ = killed(house, approving, kills)
        shares = house.sql("select count(*) from share")[0][0]
        assert shares == house.sql("select count(*) from audit_event where event = 'share.approved' and outcome = 'done'")[0][0]
        assert shares or not done
    assert 5 < kills < 200
    in_order(house)
