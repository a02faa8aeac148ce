"""One worker process of an installation, for tests of several: does what it is told on its standard input, a line of JSON each.

`["get", path]` or `["post", path, fields, address]`; answers with the status. The form's token is added.
"""

import json
import sys

from portal.app import create_app
from portal.cases.sign_in import csrf_token
from portal.gateway.sessions import COOKIE
from portal.kernel.config import load_config

PORTAL = "http://localhost:8000"


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(configuration: str) -> None:
    client = create_app(load_config(configuration), background=False).test_client()
    _tell("ready")
    for line in sys.stdin:
        verb, path, *rest = json.loads(line)
        if verb == "get":
            answer = client.get(path, base_url=PORTAL, follow_redirects=True)
        else:
            cookie = client.get_cookie(COOKIE, domain="localhost")
            fields = {"csrf": csrf_token(cookie.value) if cookie else "", **rest[0]}
            answer = client.post(path, base_url=PORTAL, data=fields, environ_overrides={"REMOTE_ADDR": rest[1]})
        _tell(str(answer.status_code))


if __name__ == "__main__":
    main(sys.argv[1])
