"""The keyring file: made once, for its owner, opened by its passphrase, and never giving a key away."""

import gc
import json
from pathlib import Path
from typing import Any

import pytest

from portal.kernel.errors import Misconfigured
from portal.vault.age import decode_identity, decode_recipient, open_header, write_header
from portal.vault.errors import Broken
from portal.vault.filekey import FileKey, derived
from portal.vault.keyring import PORTAL, Cipher, Keyring, _mac, _root, _seal_key, create_keyring, load_keyring
from tests.rooms.vault.stage import CHEAP, PASSPHRASE, new_keyring

#: A file as it was written on the first day. It must open for good.
FIRST_DAY = """{
 "bodies": {
  "CTED": {
   "keks": [
    {
     "id": "CTED/1",
     "sealed": "d40810974f051e912a46d64db21b90afbfd2d3e33dad494b302fbbecb2b98465f3a6b51eabfc12865d3bec07ac2db01be8ceb96f56c3a0bab0f964e5",
     "state": "active"
    }
   ],
   "mac": [
    {
     "id": "CTED/mac/1",
     "kek": "CTED/1",
     "sealed": "671b8c695908c4fdd7cb9937ad0c29b667555b11eebf6dccabb3e01e74f590b08cb8a148b5d2f9e05ccff19437b93d98c7aab1789c976a28c9aea132",
     "state": "active"
    }
   ],
   "recovery": "age18yrertp2t30tcnczsy2t4j2s5zg4uhe5ul7nf7tcy3w9u9ce7suqgz8dlp",
   "register": [
    {
     "id": "CTED/register/1",
     "kek": "CTED/1",
     "sealed": "e5f07651e450bf7bc79323012eb497b6a6b7e672f3141c774389d09430eda78d723ff897f43c8f3c39246489e4cc604d8516d2edaeff1d177a892a3f",
     "state": "active"
    }
   ]
  },
  "OCT": {
   "keks": [
    {
     "id": "OCT/1",
     "sealed": "93091e91332d46900cfc3e03035d4150788e73b675c4b5e6eac9a7c78a8e195168dc7d9d7fe68c81ace8e3bfe2cba8204a3e6b368a729f0a7e296844",
     "state": "active"
    }
   ],
   "mac": [
    {
     "id": "OCT/mac/1",
     "kek": "OCT/1",
     "sealed": "be248c6ef6d857d30bb463c18ea7a80781d500ede79c06c490f7ae96ba2ef3675e501e5cd1a5ec11e09761991edcc237daf6bd0563cb661a854d3d00",
     "state": "active"
    }
   ],
   "recovery": "age1rhmjfjetx686l79g8tzlehadsl8sq9w8dknt4782r5n583esrdzsxnpwrq",
   "register": [
    {
     "id": "OCT/register/1",
     "kek": "OCT/1",
     "sealed": "7f14e81a2e7f90f7c0ee6a49b2dedcaff8b134a2013e8fe5c798dc16006da265952607ab3cc0e62c31a7211d57548c60e83578377fd5879d4d8c5fb9",
     "state": "active"
    }
   ]
  },
  "PORTAL": {
   "keks": [
    {
     "id": "PORTAL/1",
     "sealed": "93d5df544ffd9afe621c3ea1b8fea264fb12267122d5346568e0062712a26451bf21e52def75a7d753e00a87e62a7e1f5d5c6eac8212ce437950674a",
     "state": "active"
    }
   ],
   "mac": [
    {
     "id": "PORTAL/mac/1",
     "kek": "PORTAL/1",
     "sealed": "ace0fca1cdf9703c605b4b0332dde3c30ab1128158422028a296ab15af14327449452e3a8368bf1e216952bb624e055be61850750af9683dab7af683",
     "state": "active"
    }
   ],
   "recovery": "",
   "register": [
    {
     "id": "PORTAL/register/1",
     "kek": "PORTAL/1",
     "sealed": "d720510d2e7d6d91cebb233d1f3c559374822512ba8b3e1cd0aee6294dc537464d3811240f6010e615f0adff70d25f05d4638b36d79325da568cc377",
     "state": "active"
    }
   ]
  }
 },
 "format": "portal/keyring/v1",
 "kdf": {
  "lanes": 1,
  "memory_kib": 64,
  "name": "argon2id",
  "passes": 1,
  "salt": "1c0d5656cd43b15ae0afc7c6c58f8eb7"
 },
 "mac": "ad68b3cf36df1326bc68a8578967e8fd681497ac86ef34e8181c931cdbfd959a"
}"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def test_it_is_made_with_a_recovery_identity_for_each_body_and_loads(path: Path) -> None:
    identities = create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    assert set(identities) == {"CTED", "OCT"}
    keyring = load_keyring(path, PASSPHRASE)
    assert keyring.bodies == ("CTED", "OCT")
    for body, identity in identities.items():
        assert len(decode_identity(identity)) == 32
        key = FileKey.new()
        assert open_header(write_header(key, keyring.recovery(body)), identity) == key
        assert identity not in path.read_text()
        assert keyring.active_kek(body).id == f"{body}/1"
        assert keyring.active_register(body).id == f"{body}/register/1"
    assert keyring.active_register(PORTAL).id == "PORTAL/register/1"
    assert len({decode_recipient(keyring.recovery(body)) for body in identities}) == 2


def test_a_keyring_of_the_first_day_still_opens(path: Path) -> None:
    path.write_text(FIRST_DAY)
    path.chmod(0o600)
    keyring = load_keyring(path, PASSPHRASE)
    context = keyring.macs("CTED")[0]
    context.update(b"message")
    assert context.hexdigest() == "edf9fb594faa4c0b6ea6433a148e5abf4afaaeb54335963860ff48c40349e5f4"


def test_only_its_owner_may_read_it(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o644, 0o640, 0o604, 0o620, 0o601):
        path.chmod(mode)
        with pytest.raises(Misconfigured, match="chmod 600"):
            load_keyring(path, PASSPHRASE)


def test_it_is_never_made_over_another(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="nothing was changed"):
        create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_defaults_of_the_derivation_are_the_strong_ones(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED"])
    kdf = json.loads(path.read_text())["kdf"]
    assert (kdf["name"], kdf["memory_kib"], kdf["passes"], kdf["lanes"]) == ("argon2id", 65536, 3, 4)
    load_keyring(path, PASSPHRASE)


def test_a_wrong_passphrase_says_what_to_do(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED"], **CHEAP)
    with pytest.raises(Misconfigured, match="check keyring"):
        load_keyring(path, PASSPHRASE + "x")


def test_any_change_to_the_file_is_found(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    original = json.loads(path.read_text())

    def leaves(node: Any, trail: tuple[Any, ...] = ()) -> Any:
        if isinstance(node, str | int):
            yield trail, node
        else:
            for step, child in node.items() if isinstance(node, dict) else enumerate(node):
                yield from leaves(child, (*trail, step))

    found = list(leaves(original))
    assert len(found) > 30
    for trail, value in found:
        changed = json.loads(json.dumps(original))
        node = changed
        for step in trail[:-1]:
            node = node[step]
        node[trail[-1]] = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1:] != "0" else "1")
        path.write_text(json.dumps(changed))
        with pytest.raises(Misconfigured):
            load_keyring(path, PASSPHRASE)
    del changed["bodies"]["OCT"]
    path.write_text(json.dumps(changed))
    with pytest.raises(Misconfigured):
        load_keyring(path, PASSPHRASE)


def test_a_recipient_put_in_by_somebody_else_is_found(path: Path) -> None:
    create_keyring(path, PASSPHRASE, ["CTED", "OCT"], **CHEAP)
    document = json.loads(path.read_text())
    document["bodies"]["CTED"]["recovery"] = document["bodies"]["OCT"]["recovery"]
    path.write_text(json.dumps(document))
    with pytest.raises(Misconfigured, match="the file was changed"):
        load_keyring(path, PASSPHRASE)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "portal/keyring/v2"}', '{"format": "portal/keyring/v1"}', "\xff"])
def test_a_file_that_is_no_keyring_is_told(path: Path, text: str) -> None:
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(Misconfigured):
        load_keyring(path, PASSPHRASE)


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_keyring(path, PASSPHRASE)


@pytest.mark.parametrize("bodies", [["CTED", "PORTAL"], ["CTED", "CTED"], ["cted"], ["C/1"], [""], ["A" * 17], ["CTED\n"]])
def test_a_body_of_an_impossible_name_is_refused(path: Path, bodies: list[str]) -> None:
    with pytest.raises(Misconfigured):
        create_keyring(path, PASSPHRASE, bodies, **CHEAP)
    assert not path.exists()


@pytest.mark.parametrize(
    "derivation", [{"memory_kib": 7, "passes": 1, "lanes": 1}, {"memory_kib": 64, "passes": 0, "lanes": 1}, {"memory_kib": 1 << 40}]
)
def test_an_impossible_derivation_is_refused(path: Path, derivation: dict[str, int]) -> None:
    with pytest.raises(Misconfigured):
        create_keyring(path, PASSPHRASE, ["CTED"], **derivation)
    with pytest.raises(Misconfigured):
        create_keyring(path, "", ["CTED"], **CHEAP)


def test_a_body_has_its_own_keys_only(tmp_path: Path) -> None:
    keyring = new_keyring(tmp_path)
    for ask in (keyring.kek, keyring.register):
        for key_id in ("OCT/1", "OCT/register/1", "CTED/2", "", "PORTAL/1"):
            with pytest.raises(Broken):
                ask("CTED", key_id)
    for ask_body in (keyring.active_kek, keyring.active_register, keyring.macs):
        with pytest.raises(Broken):
            ask_body("XYZ")
    for body in ("XYZ", PORTAL):
        with pytest.raises(Misconfigured):
            keyring.recovery(body)


def test_a_destroyed_key_opens_nothing_and_one_for_opening_only_seals_nothing(path: Path) -> None:
    """A file as a rotation will leave it."""
    create_keyring(path, PASSPHRASE, ["CTED"], **CHEAP)
    document = json.loads(path.read_text())
    root = _root(PASSPHRASE, document["kdf"])
    sealed = _seal_key(derived(root, salt=None, info=b"portal/keyring/seal/v1"), bytes(32), "kek", "CTED", "CTED/2", "passphrase")
    keks = document["bodies"]["CTED"]["keks"]
    keks[0]["state"] = "decrypt_only"
    keks.append({"id": "CTED/0", "state": "destroyed", "sealed": ""})

    def loaded() -> Keyring:
        document["mac"] = _mac(root, document)
        path.write_text(json.dumps(document))
        return load_keyring(path, PASSPHRASE)

    with pytest.raises(Broken, match="no key is active"):
        loaded().active_kek("CTED")
    keks.append({"id": "CTED/2", "state": "active", "sealed": sealed})
    keyring = loaded()
    assert keyring.active_kek("CTED").id == "CTED/2"
    assert keyring.kek("CTED", "CTED/1").id == "CTED/1"
    with pytest.raises(Broken, match="destroyed"):
        keyring.kek("CTED", "CTED/0")
    assert keyring.active_register("CTED").id == "CTED/register/1"


def test_no_key_can_be_read_from_a_loaded_keyring(tmp_path: Path) -> None:
    """Not by its methods, not by its fields, not by what it prints: keys are inside ciphers."""
    keyring = new_keyring(tmp_path)
    seen: set[int] = set()
    todo: list[Any] = [keyring, keyring.active_kek("CTED")]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        assert not (isinstance(thing, bytes | bytearray) and len(thing) == 32)
        todo += [child for child in gc.get_referents(thing) if not isinstance(child, type) and not callable(child)]
    assert len(seen) > 10
    assert repr(keyring) == "<Keyring CTED OCT>"
    assert repr(keyring.active_kek("CTED")) == "Cipher(id='CTED/1')"
    assert isinstance(keyring.active_kek("CTED"), Cipher)
