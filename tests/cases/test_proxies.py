"""Who asks: only the proxies of the configuration may say it, and only what they wrote themselves."""

import re
import socket
from collections.abc import Iterable
from html import unescape

import pytest
import requests

from portal.gateway.proxies import Proxies
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.cases.test_serve import served_by
from tests.common.house import House
from tests.functional.test_downloads import cookie_of

PROXY, CLIENT, OTHER = "192.0.2.1", "203.0.113.7", "198.51.100.9"
CLAIMED = {
    "HTTP_FORWARDED": f"for={OTHER}",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PORT": "81",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_ORIGINAL_URL": "/health",
    "HTTP_X_REAL_IP": OTHER,
    "HTTP_X_REWRITE_URL": "/health",
}


def seen(named: tuple[str, ...], peer: str, forwarded: str | None) -> dict[str, str]:
    """What the application behind the layer is told."""
    told: dict[str, str] = {}

    def application(environ: dict[str, str], start_response: object) -> Iterable[bytes]:
        told.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "HTTP_HOST": "portal.example", **CLAIMED}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    Proxies(application, named)(environ, lambda *_: None)  # type: ignore[arg-type, return-value]
    return told


@pytest.mark.parametrize(
    ("named", "peer", "forwarded", "asks"),
    [
        ((), PROXY, CLIENT, PROXY),
        ((), "127.0.0.1", CLIENT, "127.0.0.1"),
        ((), "::1", CLIENT, "::1"),
        ((), "", CLIENT, ""),
        ((PROXY,), PROXY, CLIENT, CLIENT),
        ((PROXY,), PROXY, None, PROXY),
        ((PROXY,), PROXY, "2001:DB8::7", "2001:db8::7"),
        ((PROXY,), PROXY, f"::ffff:{CLIENT}", CLIENT),
        ((PROXY,), f"::ffff:{PROXY}", CLIENT, CLIENT),
        ((PROXY,), OTHER, CLIENT, OTHER),
        ((PROXY,), "127.0.0.1", CLIENT, "127.0.0.1"),
        (("unix",), "", CLIENT, CLIENT),
        (("unix",), "127.0.0.1", CLIENT, "127.0.0.1"),
        (("192.0.2.0/24",), "192.0.2.200", CLIENT, CLIENT),
        (("2001:db8::/32",), "2001:db8::1", CLIENT, CLIENT),
    ],
)
def test_only_a_proxy_of_the_configuration_says_who_asks(named: tuple[str, ...], peer: str, forwarded: str | None, asks: str) -> None:
    assert seen(named, peer, forwarded)["REMOTE_ADDR"] == asks


@pytest.mark.parametrize(
    ("forwarded", "asks"),
    [
        (f"{OTHER}, {CLIENT}", CLIENT),
        (f"{OTHER},{CLIENT}", CLIENT),  # two header fields arrive as one list
        (f"{OTHER}, {CLIENT}, 192.0.2.2", CLIENT),
        (f"{CLIENT}, 192.0.2.2, 192.0.2.1", CLIENT),
        ("x" * 10_000 + f", {CLIENT}", CLIENT),
        (f"{OTHER}, " * 1000 + CLIENT, CLIENT),
        ("192.0.2.2, 192.0.2.3", PROXY),
    ],
)
def test_what_stands_before_the_last_hop_changes_nothing(forwarded: str, asks: str) -> None:
    assert seen(("192.0.2.0/24",), PROXY, forwarded)["REMOTE_ADDR"] == asks


@pytest.mark.parametrize(
    "end",
    [
        "",
        " ",
        "unknown",
        "_hidden",
        "evil.example",
        "203.0.113",
        "203.0.113.7:80",
        "[2001:db8::7]",
        "fe80::1%<b>",
        "2130706433",
        "x" * 10_000,
    ],
)
def test_an_end_that_is_no_address_leaves_the_proxy_as_the_one_who_asks(end: str) -> None:
    assert seen((PROXY,), PROXY, f"{CLIENT}, {end}")["REMOTE_ADDR"] == PROXY
    assert seen((PROXY,), PROXY, end)["REMOTE_ADDR"] == PROXY


@pytest.mark.parametrize("named", [(), (PROXY,)])
def test_nothing_behind_the_layer_sees_what_was_claimed(named: tuple[str, ...]) -> None:
    told = seen(named, PROXY, CLIENT)
    assert told.keys() == {"REMOTE_ADDR", "HTTP_HOST"}


@pytest.mark.parametrize("name", ["portal.example", "10.0.0.1/8", "0.0.0.0/0", "::/0", "", "Unix", "10.0.0.0-10.0.0.9", "127.0.0.1:80"])
def test_a_proxy_that_is_no_address_or_everybody_stops_the_start(house: House, name: str) -> None:
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace("port = 8000", f'port = 8000\nproxies = ["192.0.2.1", "{name}"]'))
    with pytest.raises(Misconfigured, match=r"server\.proxies: "):
        load_config(file)


def asked_from(house: House) -> list[str]:
    """From which addresses people of the Office were refused, the latest first, as their auditor reads it."""
    page = house.guest("rana").get("/audit?outcome=refused").get_data(as_text=True)
    return re.findall(r'From <span dir="ltr">([^<]*)</span>', unescape(page))


@pytest.mark.parametrize(("named", "asks"), [("", "127.0.0.1"), ('"192.0.2.0/24"', "127.0.0.1"), ('"127.0.0.1"', CLIENT)])
def test_the_log_of_a_real_server_says_who_asked(house: House, named: str, asks: str) -> None:
    claims = {"X-Forwarded-For": f"{OTHER}, {CLIENT}", "X-Real-IP": OTHER, "Forwarded": f"for={OTHER}", "Cookie": cookie_of(house, "omar")}
    with served_by(house, f"proxies = [{named}]") as (address, _):
        reply = requests.get(address + "/no/such/page", headers=claims, timeout=10)
    assert reply.status_code == 404
    assert asked_from(house) == [asks]


@pytest.mark.parametrize("named", ["", '"127.0.0.1"'])
def test_a_real_server_is_moved_by_no_header_to_another_path_name_or_scheme(house: House, named: str) -> None:
    """gunicorn by itself believes SCRIPT_NAME from this machine, where every proxy in front of it is."""
    claims = {
        "SCRIPT_NAME": "/static",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Ssl": "on",
        "X-Original-URL": "/no/such/page",
    }
    with served_by(house, f"proxies = [{named}]") as (address, _):
        plain, claimed = (requests.get(address + "/sign-in", headers=headers, timeout=10) for headers in ({}, claims))
        assert (plain.status_code, plain.text) == (claimed.status_code, claimed.text)
        assert "evil" not in str(claimed.headers)
        lost = requests.get(address + "/static/portal.css", headers={"SCRIPT_NAME": "/static"}, timeout=10)
        assert lost.status_code == 200


def test_a_header_that_only_looks_like_it_on_the_way_in_counts_for_nothing(house: House) -> None:
    """`X_Forwarded_For` would become the same variable as `X-Forwarded-For`."""
    with served_by(house, 'proxies = ["127.0.0.1"]') as (address, _):
        headers = {"X_Forwarded_For": OTHER, "Cookie": cookie_of(house, "omar")}
        assert requests.get(address + "/no/such/page", headers=headers, timeout=10).status_code == 404
    assert asked_from(house) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:8000", "localhost@evil.example", "localhost.", "localhost:x", "", "a b"],
)
def test_asked_under_another_name_nobody_answers(house: House, host: str) -> None:
    for cookie in ("", cookie_of(house, "omar")):
        for path in ("/", "/sign-in", "/static/portal.css", "/no/such/page", "/health"):
            before = len(house.events())
            reply = house.app.test_client(use_cookies=False).get(path, headers={"Host": host, "Cookie": cookie})
            assert reply.status_code == 421, (host, path)
            assert "evil" not in reply.get_data(as_text=True) + str(reply.headers)
            if cookie:
                assert house.events()[before:] == [("door.missed", "refused", "misdirected")]


def test_the_portal_answers_under_its_name_with_any_port_and_tells_loopback_only_its_health(house: House) -> None:
    stranger = house.stranger()
    for host in ("localhost", "localhost:8000", "LOCALHOST:81"):
        assert stranger.client.get("/sign-in", headers={"Host": host}).status_code == 200, host
    for host in ("127.0.0.1:8000", "[::1]", "[::1]:8000"):
        assert stranger.client.get("/health", headers={"Host": host}).status_code == 200, host
        assert stranger.client.get("/sign-in", headers={"Host": host}).status_code == 421, host


def test_no_address_is_built_from_the_name_that_was_asked_under(house: House) -> None:
    """Two slashes would be answered by the framework, before any door, with a redirect to the name that was asked under."""
    for path in ("//documents", "/static//portal.css", "/static/vendor//tabler", "//localhost:81//sign-in", "/sign-in/", "/documents//"):
        reply = house.stranger().client.get("/", headers={"Host": "localhost:81"}, environ_overrides={"PATH_INFO": path})
        assert reply.status_code in {401, 404}, path
        assert "Location" not in reply.headers
        assert "localhost:81" not in reply.get_data(as_text=True)


def test_a_host_that_is_named_twice_is_no_name(house: House) -> None:
    with served_by(house, "") as (address, _):
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("localhost", port), timeout=10) as line:
            line.sendall(f"GET /sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
            status = line.recv(64).split()[1]
    assert status in {b"400", b"421"}
