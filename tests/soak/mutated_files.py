"""Five hundred files that went wrong by chance, four senders at once before two places; PORTAL_FILES says how many, PORTAL_SEED which.

Then a page that is never done, one that unpacks without end, and one of 200,000 points. Afterwards every place is free.

Not collected by `make test`: `python -m pytest -s -n0 tests/soak/mutated_files.py`. About five minutes.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.look import look
from portal.confidentiality.render.places import Places
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.forgery import TITLE
from tests.rooms.render.mutated import fates, files
from tests.rooms.render.papers import plain
from tests.rooms.render.test_inspection import bomb, one_page
from tests.rooms.render.test_mutated import spinner

FILES, SEED = int(os.environ.get("PORTAL_FILES", "500")), int(os.environ.get("PORTAL_SEED", "1"))


@pytest.mark.timeout(3600)
def test_every_file_comes_to_an_end_and_every_place_is_free_afterwards(tmp_path: Path) -> None:
    places = Places(tmp_path / "places", workers=2, waiting=4, patience=600)
    sandbox, began = Sandbox(seconds=20, places=places), time.monotonic()
    with ThreadPoolExecutor(4) as senders:
        ends = sum(senders.map(lambda content: fates(sandbox, [content]), files(FILES, SEED)), Counter[str]())
        print(
            f"\n{FILES} files, seed {SEED}, {time.monotonic() - began:.0f} s: "
            + ", ".join(f"{count} {end}" for end, count in ends.most_common())
        )
        assert ends.total() == FILES
        assert not [end for end in ends if end.startswith("failed")]
        worst = senders.map(lambda content: fates(sandbox, [content]), [spinner(), bomb(600), one_page(b"/MediaBox[0 0 200000 200000]")])
        assert all(end.startswith("refused") for found in worst for end in found)
    with ExitStack() as held:
        for _ in range(places.workers):
            held.enter_context(Places(tmp_path / "places", workers=2, waiting=0, patience=0).taken(uuid4()))
        assert look(sandbox, [plain()], page=1).pages == 3
    assert build(sandbox, [plain()], withheld=Withheld(), title=TITLE).pages == 3
