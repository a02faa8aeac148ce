"""The pages and addresses of the development sign-in: one page with a button for each person, and what OpenID Connect needs around it.

A script signs somebody in with a POST of `login=<name>` to the address it was sent to; `login` left out is a refusal by the person.
Nobody stays signed in here, so every sign-in is a new one, as `prompt=login` and `max_age` ask. A second factor is used when the request's
`acr_values` ask for it, or the person says so (`second_factor=yes`).
"""

import secrets
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.base import OAuth2Error
from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tools.devidp.persons import Persons
from tools.devidp.server import SCOPES, SECOND_FACTOR, Client, asks_for_second_factor, make_server


def create_app(issuer: str, client: Client, persons: Persons) -> Flask:
    """The application; a fresh ES256 key signs what it says."""
    key = ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(8), "use": "sig", "alg": "ES256"})
    app = Flask("tools.devidp")
    app.config["TRUSTED_HOSTS"] = [urlsplit(issuer).hostname]  # no other name may be made to point here
    server = make_server(app, issuer, client, key)
    portal = _origin(client.redirect_uri)

    @app.get("/.well-known/openid-configuration")
    def description() -> ResponseReturnValue:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "end_session_endpoint": f"{issuer}/end-session",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_supported": ["sub", "name", "email", "groups", "sid", "auth_time", "acr"],
            "acr_values_supported": [SECOND_FACTOR],
        }

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        return {"keys": [key.as_dict(private=False)]}

    @app.post("/token")
    def token() -> ResponseReturnValue:
        answer: Response = server.create_token_response()
        return answer

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> ResponseReturnValue:
        login = request.form.get("login")
        person = persons.by_login.get(login or "")
        try:
            grant = server.get_consent_grant(end_user=person)
        except OAuth2Error as error:
            return _refusal(error)
        if request.method == "GET" or (login and person is None):
            unknown = login if login and person is None else None
            asked = asks_for_second_factor(request.values)
            page = render_template("choose.html", sections=persons.sections, portal=portal, unknown=unknown, asked=asked)
            return page, 400 if unknown else 200
        answer: Response = server.create_authorization_response(grant_user=person, grant=grant)
        return answer

    def _refusal(error: OAuth2Error) -> ResponseReturnValue:
        """To the client if its address was proved, else to the person; Authlib adds the issuer (RFC 9207) to successes only."""
        if error.redirect_uri:
            return redirect(add_params_to_uri(error.redirect_uri, [*error.get_body(), ("iss", issuer)]))
        return render_template("said.html", portal=portal, title="Sign-in is not possible", text=str(error.description)), 400

    @app.route("/end-session", methods=["GET", "POST"])
    def end_session() -> ResponseReturnValue:
        """Nothing is remembered here, so there is only the way back, for whoever holds one of our tokens."""
        back, state = request.values.get("post_logout_redirect_uri", ""), request.values.get("state", "")
        if _is_ours(request.values.get("id_token_hint", ""), key) and back == client.post_logout_uri:
            return redirect(add_params_to_uri(back, [("state", state)] if state else []))
        return render_template("said.html", portal=portal, title="Signed out", text="You can close this page.")

    @app.after_request
    def guarded(answer: Response) -> Response:
        # `form-action` also binds where a form's answer redirects to, so the portal must be in it.
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {portal}; frame-ancestors 'none'; base-uri 'none'"
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    return app


def _is_ours(token: str, key: ECKey) -> bool:
    """Signed by this very start; a token past its time is still a good hint (RP-Initiated Logout, section 2)."""
    try:
        jwt.decode(token, key, algorithms=["ES256"])
    except (JoseError, ValueError):
        return False
    return True


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
