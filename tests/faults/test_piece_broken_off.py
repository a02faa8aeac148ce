"""The process dies at each step of taking a piece; the piece is sent again with other bytes. Nothing half done, no key or nonce twice."""

import pytest

from tests.cases.test_upload_pieces import opened
from tests.common.broken_off import Pieces, Steps, collect_orphans, demand_sound, send_in_child
from tests.common.house import House


@pytest.mark.sqlite
def test_a_piece_broken_off_at_any_step_is_whole_or_absent_and_goes_on_with_other_bytes(house: House) -> None:
    pieces = Pieces(house, many=150)
    number, died, absent, ended = 0, 0, 0, 77
    while ended:
        number += 1
        steps = Steps(number)

        def count(steps: Steps = steps) -> None:
            steps.count(house.parts.database.engine)

        at, content = pieces.next(b"a")
        ended = send_in_child(house, pieces.sending, at, content, inside=count)
        assert ended in {0, 77}
        died += ended == 77
        absent += not pieces.settle(content)
        demand_sound(house)
        if len(pieces.expected) == at:  # sent again, with other bytes
            again = pieces.next(b"b")[1]
            assert pieces.sending.patch(at, again).status_code == 204
            assert pieces.settle(again)
            demand_sound(house)
    assert died > 25
    assert died > absent > 15  # some died before the piece was entered, some after
    pieces.finish()
    collect_orphans(house)
    assert pieces.sending.deposit().status_code == 201
    assert opened(house, pieces.document) == bytes(pieces.expected)
    assert len(house.objects()) == 2
