"""Shredding and what may come between: the commit is the act. Before it nothing is destroyed; after it the loop finishes what is left."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

import portal.cases.shred_document as shredding
from portal.gateway.sessions import COOKIE
from portal.kernel.errors import Unavailable
from portal.vault.objects import Vault
from portal.vault.store import HEADER_SUFFIX
from tests.cases.keeping import confirm, propose, waiting
from tests.common.house import PORTAL, House, shared
from tools.tour.stage import ROOT

#: Confirm a shredding in a process of its own, which is killed at the first thing it would remove from the store.
KILLED = """
import os, signal, sys
from pathlib import Path
from portal.app import create_app
from portal.kernel.config import load_config
from portal.vault.objects import Vault

config, cookie, token, path, symbol = sys.argv[1:]
Vault.destroy = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
client = create_app(load_config(Path(config)), background=False).test_client()
client.set_cookie({cookie!r}, cookie, domain="localhost", secure=True)
print(client.post(path, base_url={portal!r}, data={{"csrf": token, "symbol": symbol}}).status_code)
"""


def killed_in_between(house: House, document: str) -> None:
    """Dana confirms; the process dies after the commit, before anything was removed."""
    dana = house.guest("dana")
    cookie = dana.client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    path = f"/documents/{document}/shredding/{waiting(house)}/confirm"
    script = KILLED.format(cookie=COOKIE, portal=PORTAL)
    command = [sys.executable, "-c", script, str(house.folder / "config.toml"), cookie.value, dana.token(), path, house.cast.symbol]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -9, done.stdout + done.stderr


def test_a_portal_killed_after_the_commit_is_finished_by_the_loop_of_the_next_one(house: House) -> None:
    document, share = shared(house)
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    propose(house, document)
    killed_in_between(house, document)
    assert ("document.shredded", "done", "") in house.events()
    assert house.sql("select count(*) from key_wrap") == [(0,)]
    assert house.sql("select count(*) from sealed_object where header is not null") == [(0,)]
    assert len(house.objects()) == 8
    assert house.guest("ada").get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code == 403
    house.worker.tick()
    assert house.objects() == set()
    assert house.parts.holder.floor_of(UUID(document), "CTED") == 1
    floors = (house.folder / "keys" / "floors.jsonl").read_bytes()
    house.worker._begun.clear()
    house.worker._objects._next_sweep = house.worker._objects._paused_until = float("-inf")
    house.worker.tick()  # once more changes nothing
    assert (house.folder / "keys" / "floors.jsonl").read_bytes() == floors
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403


def test_an_act_broken_off_before_its_commit_destroys_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every floor that is raised before the commit is raised by then; the originator still opens everything."""
    document, _ = shared(house)
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    before, stored = house.sql("select * from key_wrap"), house.objects()
    propose(house, document)

    def cut(*given: Any) -> None:
        real(*given)
        raise Unavailable("the power failed")

    real = shredding.close_to
    monkeypatch.setattr(shredding, "close_to", cut)
    assert confirm(house, document).status_code == 503
    monkeypatch.undo()
    assert house.parts.holder.floor_of(UUID(document), "OCT") > 0
    assert house.parts.holder.floor_of(UUID(document), "CTED") == 0
    assert house.sql("select * from key_wrap") == before
    house.worker.tick()
    assert house.objects() == stored
    assert house.guest("ada").get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code == 200
    assert house.guest("carla").get(f"/documents/{document}/passages/1").status_code == 200
    assert confirm(house, document).status_code == 302  # and what was begun can be carried out


@contextmanager
def refusing(house: House, suffix: str) -> Iterator[None]:
    """The store does not let go of what ends so: a retention lock, or it cannot be reached."""
    store = house.parts.vault._store
    real = type(store).delete

    def delete(key: str) -> None:
        if key.endswith(suffix) and (suffix or not key.endswith(HEADER_SUFFIX)):
            raise Unavailable("the store keeps this")
        real(store, key)

    store.delete = delete  # type: ignore[attr-defined]
    yield
    del store.delete  # type: ignore[attr-defined]


def test_a_payload_that_the_store_keeps_stays_as_ciphertext_and_is_tried_again(house: House) -> None:
    document, _ = shared(house)
    propose(house, document)
    with refusing(house, ""):
        assert confirm(house, document).status_code == 302
        assert len(house.objects()) == 4
        assert not [name for name in house.objects() if name.endswith(HEADER_SUFFIX)]
        house.worker.tick()
        assert len(house.objects()) == 4
    house.worker._begun.clear()
    house.worker._objects._next_sweep = house.worker._objects._paused_until = float("-inf")
    house.worker.tick()
    assert house.objects() == set()


def test_a_store_out_of_reach_does_not_undo_the_act_and_headers_go_when_it_is_back(house: House) -> None:
    document, _ = shared(house)
    propose(house, document)
    with refusing(house, HEADER_SUFFIX):
        assert confirm(house, document).status_code == 302
        assert len(house.objects()) == 8
        assert house.parts.holder.floor_of(UUID(document), "CTED") == 1
    house.worker.tick()
    assert house.objects() == set()


def test_a_header_left_alone_in_the_store_is_found(house: House) -> None:
    document, _ = shared(house)
    names = {name.rsplit("/", 1)[-1]: content for name, content in house.everything_at_rest().items() if name.startswith("objects/")}
    propose(house, document)
    confirm(house, document)
    sidecar = next(name for name in names if name.endswith(HEADER_SUFFIX))
    house.parts.vault._store.put(sidecar, [names[sidecar]], len(names[sidecar]))  # a bucket restored in part
    house.worker.tick()
    assert house.objects() == set()


@pytest.mark.parametrize("edit", ["update keeping set mac = x'00'", "update keeping set originator = 'OCT'"])
def test_a_row_that_is_not_the_portals_makes_the_sweep_destroy_nothing(house: House, edit: str) -> None:
    document, _ = shared(house)
    propose(house, document)
    house.sql("update keeping set act = 'shredded'")
    house.sql(edit)
    house.worker.tick()
    assert len(house.objects()) == 8
    assert house.parts.holder.floor_of(UUID(document), "CTED") == 0


def test_a_file_that_arrives_while_its_document_is_shredded_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rendition is built without a transaction: when it comes to be entered, the document is gone."""
    document, _ = shared(house)
    propose(house, document)
    house.guest("dana")
    real, answers = Vault.seal, []

    def while_sealing(*given: Any, **more: Any) -> Any:
        monkeypatch.undo()
        other = threading.Thread(target=lambda: answers.append(confirm(house, document).status_code))
        other.start()
        other.join(timeout=60)
        return real(*given, **more)

    monkeypatch.setattr(Vault, "seal", while_sealing)
    assert house.guest("ada").prepare(document).status_code == 403
    assert answers == [302]
    assert house.objects() == set()
    assert house.sql("select count(*) from key_wrap") == [(0,)]
