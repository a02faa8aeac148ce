"""The process dies at each step of taking a piece; the piece is sent again with other bytes. Nothing half done, no key or nonce twice."""

from collections.abc import Sequence

import pytest

from tests.cases.uploading import opened
from tests.common.broken_off import STEPS, Pieces, Steps, collect_orphans, demand_sound, send_in_child
from tests.common.house import House


def broken_off_at_each(house: House, pieces: Pieces, kinds: Sequence[str]) -> tuple[int, int]:
    """How many died at a step of these kinds, and how many of them before the piece was entered.

    Pieces lie in folders by random keys, and a new folder takes more steps: the end is where a few in a row were spared.
    """
    number, spared, died, absent = 0, 0, 0, 0
    while spared < 3:
        number += 1
        steps = Steps(number, kinds)

        def count(steps: Steps = steps) -> None:
            steps.count(house.parts.database.engine)

        at, content = pieces.next(b"a")
        ended = send_in_child(house, pieces.sending, at, content, inside=count)
        assert ended in {0, 77}
        spared = 0 if ended else spared + 1
        died += ended == 77
        absent += not pieces.settle(content)
        demand_sound(house)
        if len(pieces.expected) == at:  # sent again, with other bytes
            again = pieces.next(b"b")[1]
            assert pieces.sending.patch(at, again).status_code == 204
            assert pieces.settle(again)
            demand_sound(house)
    return died, absent


@pytest.mark.sqlite
def test_a_piece_broken_off_at_any_step_is_whole_or_absent_and_goes_on_with_other_bytes(house: House) -> None:
    pieces = Pieces(house, many=150)
    died, absent = broken_off_at_each(house, pieces, STEPS)
    assert died > 25
    assert absent > 15
    assert broken_off_at_each(house, pieces, ("commit",)) == (2, 1)  # before the piece was entered, and after
    pieces.finish()
    collect_orphans(house)
    assert pieces.sending.deposit().status_code == 201
    assert opened(house, pieces.document) == bytes(pieces.expected)
    assert len(house.objects()) == 4
