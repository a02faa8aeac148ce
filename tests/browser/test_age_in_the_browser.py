"""Round trips with npm's `age-encryption` (tests/vendor), both ways and for both kinds of recipient: in the browser, so no node is needed.

The page is served to the browser from here, as http://localhost: only a secure context has cryptography. No portal, no network.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from portal.vault.age import new_recovery_identity
from portal.vault.recipients import parse_identity
from tests.rooms.vault.test_interop import SIZES, opened_here, sealed_here, words

BUNDLE = Path(__file__).parents[1] / "vendor" / "age-encryption" / "age.js"
PAGE = '<!doctype html><script type="module">import * as age from "/age.js"; window.age = age</script>'

OPEN = """async ([identity, file]) => {
    const decrypter = new age.Decrypter()
    decrypter.addIdentity(identity)
    return (await decrypter.decrypt(Uint8Array.fromBase64(file))).toBase64()
}"""
SEAL = """async ([recipient, plain]) => {
    const encrypter = new age.Encrypter()
    encrypter.addRecipient(recipient)
    return (await encrypter.encrypt(Uint8Array.fromBase64(plain))).toBase64()
}"""


def _serve(route: Route) -> None:
    if route.request.url == "http://localhost/age.js":
        route.fulfill(body=BUNDLE.read_text(encoding="utf-8"), content_type="text/javascript")
    elif route.request.url == "http://localhost/":
        route.fulfill(body=PAGE, content_type="text/html")
    else:
        route.abort()


@pytest.fixture(scope="module")
def elsewhere(browser: Browser) -> Iterator[Page]:
    """A page in which npm's age is `age`."""
    context = browser.new_context()
    context.route("**", _serve)
    page = context.new_page()
    page.goto("http://localhost/")
    page.wait_for_function("window.age")
    yield page
    context.close()


def run(page: Page, script: str, name: str, data: bytes) -> bytes:
    return base64.b64decode(page.evaluate(script, [name, base64.b64encode(data).decode()]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("post_quantum", [False, True], ids=["X25519", "mlkem768x25519"])
def test_npms_age_opens_what_is_sealed_here_and_the_other_way_round(elsewhere: Page, size: int, post_quantum: bool) -> None:
    identity, recipient = new_recovery_identity(post_quantum=post_quantum)
    assert run(elsewhere, OPEN, identity, sealed_here(words(size), recipient)) == words(size)
    assert opened_here(run(elsewhere, SEAL, recipient, words(size)), identity) == words(size)


@pytest.mark.parametrize("make", ["generateX25519Identity", "generateHybridIdentity"])
def test_npms_identities_are_ours_and_name_the_same_recipient(elsewhere: Page, make: str) -> None:
    identity, recipient = elsewhere.evaluate(
        f"async () => {{ const i = await age.{make}(); return [i, await age.identityToRecipient(i)] }}"
    )
    assert parse_identity(identity).recipient() == recipient
    assert opened_here(run(elsewhere, SEAL, recipient, b"abc"), identity) == b"abc"
