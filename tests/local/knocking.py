"""One worker process of an installation, for tests of several: does what it is told on its standard input, a line of JSON each.

`["open", configuration]`, then `["get", path]` or `["post", path, fields, address]`; answers with the status. Forms get their token.
"""

import json
import sys

from flask.testing import FlaskClient

from portal.app import create_app
from portal.cases.sign_in import csrf_token
from portal.gateway.sessions import COOKIE
from portal.kernel.config import load_config

PORTAL = "http://localhost:8000"


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    client: FlaskClient | None = None
    for line in sys.stdin:
        verb, path, *rest = json.loads(line)
        if verb == "open":
            client = create_app(load_config(path), background=False).test_client()
            _tell("200")
            continue
        assert client is not None
        if verb == "get":
            answer = client.get(path, base_url=PORTAL, follow_redirects=True)
        else:
            cookie = client.get_cookie(COOKIE, domain="localhost")
            fields = {"csrf": csrf_token(cookie.value) if cookie else "", **rest[0]}
            answer = client.post(path, base_url=PORTAL, data=fields, environ_overrides={"REMOTE_ADDR": rest[1]})
        _tell(str(answer.status_code))


if __name__ == "__main__":
    main()
