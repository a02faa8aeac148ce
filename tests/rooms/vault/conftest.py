from pathlib import Path

import pytest

from portal.vault.objects import Vault
from tests.rooms.vault.stage import Exchange, new_exchange, new_vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return new_vault(tmp_path)


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return new_exchange(tmp_path)
