"""Round trips with other people's age, both ways: Debian's `age` command and `pyrage` (npm's is in tests/browser).

What is sealed here is `header + payload`, opened there; what is made there is cut in two, opened here. Both know X25519 only.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.vault.age import new_recovery_identity, open_header, write_header
from portal.vault.filekey import FileKey
from portal.vault.stream import Opening, Sealing
from tests.rooms.vault.stage import IDENTITY, RECIPIENT

AGE = shutil.which("age")
assert AGE, "the tests need the age command: apt-get install age"

SIZES = [0, 1, 65535, 65536, 65537, (1 << 20) + 3]


def words(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


def sealed_here(plain: bytes, recipient: str) -> bytes:
    key = FileKey.new()
    return write_header(key, recipient) + b"".join(map(bytes, Sealing(key, [plain], len(plain))))


def opened_here(file: bytes, identity: str) -> bytes:
    end = file.index(b"\n", file.index(b"\n--- ") + 1) + 1
    header, payload = file[:end], file[end:]
    opening = Opening(open_header(header, identity), payload[:16], len(payload), lambda offset, length: payload[offset : offset + length])
    return b"".join(opening.stream())


def command(*arguments: str, given: bytes) -> bytes:
    assert AGE
    return subprocess.run([AGE, *arguments], input=given, capture_output=True, check=True, timeout=60).stdout


@pytest.fixture
def opened_by_age(tmp_path: Path) -> Callable[[bytes], bytes]:
    (tmp_path / "identity").write_text(IDENTITY + "\n")
    return lambda file: command("-d", "-i", str(tmp_path / "identity"), given=file)


@pytest.mark.parametrize("size", SIZES)
def test_debians_age_opens_what_is_sealed_here_and_the_other_way_round(opened_by_age: Callable[[bytes], bytes], size: int) -> None:
    assert opened_by_age(sealed_here(words(size), RECIPIENT)) == words(size)
    assert opened_here(command("-r", RECIPIENT, given=words(size)), IDENTITY) == words(size)


def test_debians_age_keeps_its_hands_off_a_damaged_one_too(opened_by_age: Callable[[bytes], bytes]) -> None:
    """Lest the test above would pass with any command."""
    file = bytearray(sealed_here(words(100), RECIPIENT))
    file[-1] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        opened_by_age(bytes(file))


def test_an_identity_made_here_is_one_that_debians_age_takes(tmp_path: Path) -> None:
    identity, recipient = new_recovery_identity()
    (tmp_path / "identity").write_text(identity + "\n")
    file = command("-r", recipient, given=b"abc")
    assert command("-d", "-i", str(tmp_path / "identity"), given=file) == b"abc"


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_opens_what_is_sealed_here_and_the_other_way_round(size: int) -> None:
    identity, recipient = pyrage.x25519.Identity.from_str(IDENTITY), pyrage.x25519.Recipient.from_str(RECIPIENT)
    assert pyrage.decrypt(sealed_here(words(size), RECIPIENT), [identity]) == words(size)
    assert opened_here(pyrage.encrypt(words(size), [recipient]), IDENTITY) == words(size)


@settings(max_examples=50, deadline=None)
@given(plain=st.binary(max_size=300) | st.integers(65_500, 65_600).map(words))
def test_pyrage_and_the_portal_understand_each_other_whatever_the_words(plain: bytes) -> None:
    identity = pyrage.x25519.Identity.generate()
    recipient = identity.to_public()
    assert pyrage.decrypt(sealed_here(plain, str(recipient)), [identity]) == plain
    assert opened_here(pyrage.encrypt(plain, [recipient]), str(identity)) == plain
