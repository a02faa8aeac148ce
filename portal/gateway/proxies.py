"""Who asks: the peer of the connection, or whom a proxy names, if the configuration names the proxy (`[server] proxies`).

Anybody can write `X-Forwarded-For` (RFC 7239, section 8.1), so it counts from nobody else, and of it only what our own proxies wrote: each
appends the address it was asked from, so the list is read from its end, past the proxies, to the first address that is none of them. What
stands before that came from outside. Header fields of one name are one list (RFC 9110, section 5.3); a flood in front of the end changes
nothing, and whoever makes the end unreadable is known by the proxy's own address.

No other such header counts, from anyone: the address of the portal is the configuration's, and nothing is built from what was claimed.
Behind this layer none of them is left.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from portal.kernel.consistency import UNIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What proxies say of whom they ask for, and of what they were asked.
CLAIMS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_ORIGINAL", "HTTP_X_REWRITE")


class Proxies:
    """A WSGI layer in front of the application: `REMOTE_ADDR` becomes the address of whoever asks, and the claims are gone."""

    def __init__(self, app: "WSGIApplication", named: Sequence[str]) -> None:
        self._app = app
        self._unix = UNIX in named
        self._networks = [ip_network(name) for name in named if name != UNIX]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        for name in [name for name in environ if name.startswith(CLAIMS)]:
            del environ[name]
        peer = environ.get("REMOTE_ADDR", "")
        if self._is_proxy(peer):
            environ["REMOTE_ADDR"] = self._asked_for(forwarded) or peer
        return self._app(environ, start_response)

    def _asked_for(self, forwarded: str) -> str | None:
        """The last address of the list that is no proxy of ours; None if there is none, or if something there is no address."""
        for entry in reversed(forwarded.split(",")):
            address = _read(entry.strip())
            if address is None:
                return None
            if not self._holds(address):
                return str(address)
        return None

    def _is_proxy(self, peer: str) -> bool:
        address = _read(peer)
        return self._unix if address is None else self._holds(address)

    def _holds(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address; one of version 4 in the clothes of version 6 is what it is. A zone (RFC 4007) is free text, and so no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address
