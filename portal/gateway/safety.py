"""Browser safety: requests come from our own pages under our own name, answers tell the browser to keep nothing and trust nobody."""

import hmac
import re
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from portal.gateway.passage import Passage
from portal.kernel.config import LOOPBACK
from portal.kernel.errors import Forged, Misdirected

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
#: What no page of ours uses, and so no script that slipped in may: sensors, devices, the screen, money, the identity of others.
UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
#: Passkeys are for our own pages.
OURS = ("publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # not no-referrer: browsers would then send `Origin: null` with our own forms
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": ", ".join([f"{name}=()" for name in UNUSED] + [f"{name}=(self)" for name in OURS]),
    "Cache-Control": "no-store",
}

#: `Clear-Site-Data` at sign-out. Not "cookies": that would sign the person out of every neighbour under the same registered domain.
CLEARED = '"cache", "storage"'


def refuse_foreign(*, near: bool = False) -> None:
    """Raise `Forged` for a request that another site's page sends or embeds, as far as the browser says so (Fetch Metadata, RFC 6454).

    A link may be followed from anywhere, unless the door is `near`: it opens a page of its own. A frame, an image, a script, a form or a
    call of another site may not, not even of a neighbour under the same domain, to whom the browser would give our cookie.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method in SAFE:
        target = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
        if site not in {"same-origin", "none"} and (near or target != ("navigate", "document")):
            raise Forged(f"led or embedded: Sec-Fetch-Site {site[:20]!r}")
        return
    if site != "same-origin":
        raise Forged(f"Sec-Fetch-Site {site[:20]!r}")
    if request.headers.get("Origin", own := origin_of(current_app.config["PUBLIC_URL"])) != own:
        raise Forged("another Origin")


def refuse_forged() -> None:
    """Raise `Forged` unless an unsafe request carries the session's token."""
    # A form is read here, whole and once, before anything is decided: one that is too large is refused under its own door.
    field = request.form.get("csrf", "") if request.mimetype in FORMS else ""
    sent = request.headers.get("X-CSRF-Token") or field
    if not g.csrf or not hmac.compare_digest(sent.encode(), g.csrf.encode()):
        raise Forged("no valid form token")


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def add_name(app: Flask, passage: Passage) -> None:
    """Refuse what is asked under another name than the portal's: a name that was rebound, a proxy that passes on whatever it hears.

    Whoever watches from this machine may ask for the portal's health under any name of loopback.
    """
    own = _name(urlsplit(app.config["PUBLIC_URL"]).netloc)

    @app.before_request
    def misdirected() -> None:
        asked = _name(request.host)
        if not asked or (asked != own and not (request.endpoint == "entrance.health" and asked in LOOPBACK)):
            error = Misdirected(f"asked as {request.host[:60]!r}")
            passage.missed(g.subject, request.remote_addr or "", error)
            raise error


def _name(host: str) -> str:
    """The name of a host, without its port: proxies leave that out, and no answer depends on it. Empty if it is none."""
    found = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", host, re.IGNORECASE)
    return (found[1] or found[2]).lower() if found else ""


def add_headers(app: Flask) -> None:
    public = app.config["PUBLIC_URL"]

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.vary.add("Cookie")
        if public.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
