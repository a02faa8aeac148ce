"""Five hundred files that went wrong by chance; PORTAL_FILES says how many, PORTAL_SEED which.

Not collected by `make test`: `python -m pytest -s -n0 tests/soak/mutated_files.py`. About five minutes.
"""

import os
import time

import pytest

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.forgery import TITLE
from tests.rooms.render.mutated import fates, files
from tests.rooms.render.papers import plain

FILES, SEED = int(os.environ.get("PORTAL_FILES", "500")), int(os.environ.get("PORTAL_SEED", "1"))


@pytest.mark.timeout(3600)
def test_every_file_comes_to_an_end_and_the_next_is_served() -> None:
    sandbox, began = Sandbox(seconds=20), time.monotonic()
    ends = fates(sandbox, files(FILES, SEED))
    print(
        f"\n{FILES} files, seed {SEED}, {time.monotonic() - began:.0f} s: "
        + ", ".join(f"{count} {end}" for end, count in ends.most_common())
    )
    assert not [end for end in ends if end.startswith("failed")]
    assert build(sandbox, [plain()], withheld=Withheld(), title=TITLE).pages == 3
