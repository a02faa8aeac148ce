"""Files that went wrong by chance, and files made to go on for ever: each comes to an end, and the next good file is served."""

import time

import pytest

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.refusal import FileRefused, Reason
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.forgery import TITLE
from tests.rooms.render.mutated import fates, files
from tests.rooms.render.papers import plain
from tests.rooms.render.test_inspection import one_page


def spinner(depth: int = 12, width: int = 20) -> bytes:
    """Forms that draw forms: some hundred lines of text that ask for width ** depth pictures."""
    page = b"/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>"
    objects = [b"4 0 obj<</Length 5>>stream\n/F Do\nendstream endobj\n"]
    for number in range(5, 5 + depth):
        draws = b"/F Do " * width if number < 4 + depth else b"0 0 9 9 re f "
        inner = b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 1) if number < 4 + depth else b""
        head = b"%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 600 800]%s/Length %d>>stream\n" % (number, inner, len(draws))
        objects.append(head + draws + b"\nendstream endobj\n")
    return one_page(page, *objects)


def test_a_page_that_is_never_done_is_ended_and_the_next_file_is_served() -> None:
    sandbox = Sandbox(seconds=3)
    began = time.monotonic()
    with pytest.raises(FileRefused) as caught:
        build(sandbox, [spinner()], withheld=Withheld(), title=TITLE)
    assert caught.value.reason in (Reason.TOO_SLOW, Reason.TOO_HEAVY)
    assert time.monotonic() - began < 60
    assert build(sandbox, [plain()], withheld=Withheld(), title=TITLE).pages == 3


def test_files_that_went_wrong_by_chance_end_in_a_rendition_or_a_refusal() -> None:
    """Never in a failure of ours. A few here; five hundred with `make soak`."""
    sandbox = Sandbox(seconds=20)
    ends = fates(sandbox, files(15, seed=7))
    assert ends.total() == 15
    assert not [end for end in ends if end.startswith("failed")], ends
    assert any(end.startswith("refused") for end in ends)
    assert build(sandbox, [plain()], withheld=Withheld(), title=TITLE).pages == 3
