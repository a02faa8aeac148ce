"""`make bench`."""

import json
import platform
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from portal.app import create_app
from portal.cases.sign_in import admit, begin_session, find_session
from portal.gateway.sessions import COOKIE
from portal.identity.oidc import Claims
from portal.kernel.config import load_config
from tools.bench.measures import Figure, alternating, bare_insert, installation, sealing, timed
from tools.tour.stage import ROOT

ROUNDS = 200


def guard(folder: Path) -> Figure:
    """A small page behind the guard (session, decision, event, commit), against one bare INSERT."""
    app = create_app(load_config(installation(folder / "portal")), background=False)
    passage = app.extensions["passage"]
    claims = Claims(
        issuer="http://127.0.0.1:8001",
        subject="bench",
        name="Bench Person",
        email="bench@directorate.invalid",
        groups=frozenset({"cted-security"}),
        provider_session=None,
        authenticated_at=None,
        acr=None,
        id_token=secrets.token_hex(8),
    )
    with passage.bookkeeping() as uow:
        begun = find_session(uow, begin_session(uow, {}))
        assert begun is not None
        token = admit(uow, begun.id, claims)
    client = app.test_client()
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)

    def ours() -> object:
        return client.get("/people", base_url="http://localhost:8000")

    theirs = bare_insert(folder)
    assert client.get("/people", base_url="http://localhost:8000").status_code == 200
    a, b = alternating(lambda: _each(ours), lambda: _each(theirs))
    return Figure("a small page behind the guard, against one bare INSERT", a, b, "ms", "<= 1.5")


def _each(act: Callable[[], object]) -> float:
    """Milliseconds of one act, over `ROUNDS` of them."""
    return timed(lambda: [act() for _ in range(ROUNDS)]) / ROUNDS * 1000


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-", dir=ROOT / "build"))
    try:
        figures = [*sealing(folder), guard(folder)]
    finally:
        shutil.rmtree(folder)
    for figure in figures:
        print(
            f"{figure.what:<58} {figure.ours:9.1f} / {figure.theirs:9.1f} {figure.unit:<6} = {figure.ratio:5.2f}  (target {figure.target})"
        )
    result = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "figures": [
            {"what": f.what, "ours": f.ours, "theirs": f.theirs, "unit": f.unit, "ratio": f.ratio, "target": f.target} for f in figures
        ],
    }
    (ROOT / "build" / "bench.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
