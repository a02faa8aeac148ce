"""What many tests begin with, done once in a while through every door, and copied: the same rows, objects, files and sessions.

Only a house that nobody touched is given a copy. What was done is done anew after half a minute, so that nothing of it is older than
on a slow day.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from portal.gateway.sessions import COOKIE
from portal.kernel.config import load_config
from tests.common import databases

if TYPE_CHECKING:
    from tests.common.house import House

Result = TypeVar("Result")
Given = ParamSpec("Given")
#: Where houses keep their objects if tests run on S3, one house at a time in each process.
BUCKET = "house"
_FRESH = timedelta(seconds=30)


@dataclass(frozen=True)
class Beginning:
    """A house as it was after an act. `cookies`: of who was signed in; `objects`: what is not in the folder."""

    folder: Path
    made: datetime
    result: Any
    cookies: dict[str, str]
    objects: dict[str, bytes]


_MADE: dict[Hashable, Beginning] = {}


def beginning(act: Callable[Concatenate["House", Given], Result]) -> Callable[Concatenate["House", Given], Result]:
    """For what is done to a house: done to this one, or to another one like it, of which this one becomes a copy."""

    @wraps(act)
    def begun(house: "House", *args: Given.args, **named: Given.kwargs) -> Result:
        what = (act.__module__, act.__qualname__, args, *sorted(named.items()))
        return _begun(house, what, lambda: act(house, *args, **named))

    return begun


def _begun(house: "House", what: Hashable, act: Callable[[], Result]) -> Result:
    if house.template is None or house.clock.at != house.opened:
        return act()
    key = (house.template, house.cast, _said(house.folder), what)
    known = _MADE.get(key)
    if known is not None and timedelta() <= house.opened - known.made < _FRESH:
        _become(house, known)
        return known.result  # type: ignore[no-any-return]
    result = act()
    if known is not None:
        _forget(known)
    _MADE[key] = _kept(house, result)
    return result


def _said(folder: Path) -> str:
    """The configuration, whatever its database is called."""
    return re.sub(r"portal_[0-9a-f]{32}", "", (folder / "config.toml").read_text(encoding="utf-8"))


def _kept(house: "House", result: Any) -> Beginning:
    house.parts.database.close()  # it opens again by itself
    folder = Path(tempfile.mkdtemp(prefix="beginning-", dir=house.folder.parent.parent)) / "portal"
    shutil.copytree(house.folder, folder)
    databases.cloned(folder)
    held = {login: guest.client.get_cookie(COOKIE, domain="localhost") for login, guest in house.guests.items()}
    cookies = {login: cookie.value for login, cookie in held.items() if cookie is not None}
    return Beginning(folder, house.opened, result, cookies, house.s3.at_rest(BUCKET) if house.s3 else {})


def _become(house: "House", known: Beginning) -> None:
    house.stop()
    databases.discard(house.config.database.url)
    modes = {path: path.stat().st_mode for path in (house.folder, *house.folder.rglob("*")) if path.is_dir()}
    shutil.rmtree(house.folder)
    shutil.copytree(known.folder, house.folder)
    for path, mode in modes.items():
        path.chmod(mode)
    databases.cloned(house.folder)
    house.config = load_config(house.folder / "config.toml")
    if house.s3:
        for name, content in known.objects.items():
            house.s3.client().put_object(bucket_name=BUCKET, object_name=name, data=BytesIO(content), length=len(content))
    for login, cookie in known.cookies.items():
        house.welcome_back(login, cookie)


def _forget(known: Beginning) -> None:
    databases.discard_installed(known.folder)
    shutil.rmtree(known.folder.parent)
