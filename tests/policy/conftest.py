import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from portal.policy.load import PolicySet
from tests.policy.kept import METADATA
from tests.policy.worlds import BODIES, FOLDER


@pytest.fixture(scope="session")
def policies() -> PolicySet:
    """The rules that the portal ships."""
    return PolicySet.load(FOLDER, BODIES)


@pytest.fixture(scope="module")
def database() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(engine)
    return engine
