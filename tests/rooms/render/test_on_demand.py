"""A file that stays with the parent: the child sees it as it is, asks only for what it has, and does not grow with it."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.look import look
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.remote import BLOCK, OnDemand
from portal.confidentiality.render.sandbox import Sandbox
from portal.kernel.errors import Unavailable
from tests.rooms.render.test_sandbox import PROBES
from tools.bench.memory import MIB, large_pdf
from tools.tour.sample import SAMORIA

SANDBOX = Sandbox(memory_bytes=1 << 30, seconds=60)


def held(content: bytes) -> OnDemand:
    return OnDemand(len(content), lambda offset, length: content[offset : offset + length])


def run(job: str, part: OnDemand, *, sandbox: Sandbox = SANDBOX, **header: Any) -> list[bytes]:
    with sandbox.run(PROBES + job, header, part) as answers:
        frames = []
        while (frame := answers.next(GOOD=1 << 22)) is not None:
            frames.append(frame.payload)
        return frames


def test_whatever_is_read_is_what_stands_there() -> None:
    content = os.urandom(3 * BLOCK + 1000)
    chance = random.Random(7)
    places = [(0, 5), (BLOCK - 2, 4), (0, len(content)), (len(content) - 3, 9), (len(content), 5), (len(content) + 9, 5)]
    places += [(chance.randrange(len(content)), chance.randrange(2 * BLOCK)) for _ in range(60)]
    *pieces, ends = run("wander", held(content), reads=places)
    assert pieces == [content[offset : offset + length] for offset, length in places]
    assert ends.decode() == str([len(content), len(content) - 3, 3, b""])


def test_more_blocks_than_are_kept_are_asked_for_again() -> None:
    content = os.urandom(70 * BLOCK)
    places = [(index * BLOCK, 10) for index in (*range(70), 0, 69)]
    *pieces, _ = run("wander", held(content), reads=places)
    assert pieces == [content[offset : offset + 10] for offset, _ in places]


def test_inspection_look_rendition_and_proof_are_the_same_either_way() -> None:
    withheld = Withheld(frozenset({2}), ())
    assert inspect_pdf(SANDBOX, held(SAMORIA)) == inspect_pdf(SANDBOX, [SAMORIA])
    assert look(SANDBOX, held(SAMORIA), page=3).text == look(SANDBOX, [SAMORIA], page=3).text
    built = build(SANDBOX, held(SAMORIA), withheld=withheld, title="A title")
    assert built.pages == 4
    assert built.pack == build(SANDBOX, [SAMORIA], withheld=withheld, title="A title").pack
    assert prove(SANDBOX, held(SAMORIA), built.pdf, built.pack, built.withheld).findings == ()


@pytest.mark.parametrize(("content", "reason"), [(b"", Reason.EMPTY), (b"PK\3\4" * 99, Reason.NOT_PDF), (SAMORIA[:3000], Reason.BROKEN)])
def test_a_file_that_cannot_be_taken_is_refused_for_the_same_reason(content: bytes, reason: Reason) -> None:
    with pytest.raises(FileRefused) as caught:
        inspect_pdf(SANDBOX, held(content))
    assert caught.value.reason is reason


def test_a_file_of_two_gibibytes_is_inspected_and_rendered_in_less_memory_than_it_has() -> None:
    size, at = sparse(2048 * MIB)
    sandbox = Sandbox(memory_bytes=1 << 30, seconds=60, max_input=1 << 32)
    assert inspect_pdf(sandbox, OnDemand(size, at)).pages == 4
    assert build(sandbox, OnDemand(size, at), withheld=Withheld(frozenset(), ()), title="A title").pages == 4


@pytest.mark.parametrize("asks", [[(0, 101)], [(100, 1)], [(1 << 63, 1)], [(0, 2 * MIB)]])
def test_a_child_that_asks_beyond_the_file_gets_nothing(asks: list[tuple[int, int]]) -> None:
    with pytest.raises(RenderFailed):
        run("ask", held(bytes(100)), asks=asks)


def test_a_child_that_asks_gets_the_piece_and_nothing_else() -> None:
    assert run("ask", held(b"0123456789"), asks=[(3, 4), (0, 10)]) == [b"DATA3456", b"DATA0123456789"]


def test_a_child_to_which_nothing_was_offered_may_not_ask() -> None:
    with pytest.raises(RenderFailed), SANDBOX.run(PROBES + "ask", {"asks": [(0, 1)]}, [b"x"]) as answers:
        answers.end()


def test_a_child_that_asks_for_ever_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        run("ask", held(bytes(100)), asks=[(0, 1)], times=40_000)
    assert caught.value.reason is Reason.TOO_HEAVY


def test_a_file_that_is_too_large_is_refused_before_it_is_offered() -> None:
    with pytest.raises(FileRefused) as caught:
        run("wander", held(bytes(1000)), sandbox=Sandbox(seconds=9, max_input=999), reads=[])
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_store_that_fails_on_the_way_is_said_as_it_is_and_ends_the_child() -> None:
    def fails(offset: int, length: int) -> bytes:
        raise Unavailable("the store is away")

    with pytest.raises(Unavailable):
        inspect_pdf(SANDBOX, OnDemand(5000, fails))
    with pytest.raises(RenderFailed):
        inspect_pdf(SANDBOX, OnDemand(5000, lambda offset, length: b"too little"))


def sparse(size: int) -> tuple[int, Callable[[int, int], bytes]]:
    """The large report, made where it is read: (its length, its bytes at an offset)."""
    length, pieces = large_pdf(size)
    head, *_, tail = pieces
    end = length - len(tail)

    def at(offset: int, wanted: int) -> bytes:
        stop = offset + wanted
        filled = max(0, min(stop, end) - max(offset, len(head)))
        return head[offset:stop] + b"0" * filled + tail[max(0, offset - end) : max(0, stop - end)]

    return length, at
