"""Browser safety: requests come from our own pages, answers tell the browser to keep nothing and trust nobody."""

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from portal.kernel.errors import Forged

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # not no-referrer: browsers would then send `Origin: null` with our own forms
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}


def refuse_forged() -> None:
    """Raise `Forged` unless an unsafe request carries the session's token and, where the browser says, comes from our own origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        raise Forged(f"Sec-Fetch-Site {site[:20]!r}")
    origin = request.headers.get("Origin")
    if origin is not None and origin != origin_of(current_app.config["PUBLIC_URL"]):
        raise Forged("another Origin")
    # A form is read here, whole and once, before anything is decided: one that is too large is refused under its own door.
    field = request.form.get("csrf", "") if request.mimetype in FORMS else ""
    sent = request.headers.get("X-CSRF-Token") or field
    if not g.csrf or not hmac.compare_digest(sent.encode(), g.csrf.encode()):
        raise Forged("no valid form token")


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def add_headers(app: Flask) -> None:
    public = app.config["PUBLIC_URL"]

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if public.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
