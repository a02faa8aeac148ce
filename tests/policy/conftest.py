import pytest

from portal.policy.load import PolicySet
from tests.policy.worlds import BODIES, FOLDER


@pytest.fixture(scope="session")
def policies() -> PolicySet:
    """The rules that the portal ships."""
    return PolicySet.load(FOLDER, BODIES)
