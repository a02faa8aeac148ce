"""A true rendition, made once for each file of tests."""

import pytest

from portal.confidentiality.render.build import BuiltRendition, build
from tests.rooms.render.forgery import SANDBOX, SECOND, SOURCE, TITLE


@pytest.fixture(scope="module")
def good() -> BuiltRendition:
    return build(SANDBOX, [SOURCE], withheld=SECOND, title=TITLE)
