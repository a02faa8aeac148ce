"""The real server, with gunicorn and the provider as processes of their own, on the database and the store that tests run on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.common import databases
from tests.common.s3server import S3Server
from tools.tour.elsewhere import OWN, Sections
from tools.tour.stage import Stage

#: Its bucket; houses have another.
BUCKET = "stage"


@contextmanager
def staged(
    folder: Path, s3: S3Server | None, prepared: Callable[[Stage], object] | None = None, *, kind: type[Stage] = Stage
) -> Iterator[Stage]:
    """An installation that serves, from here to the end of the block. `folder` must be empty. `prepared` is called before it starts."""
    text = databases.configured(OWN.text, folder)
    if s3:
        (folder / "keys").mkdir()
        s3.empty(BUCKET)
        text = text.replace('path = "objects"\n', s3.written(BUCKET, folder / "keys" / "store-secret"))
    stage = kind(folder, elsewhere=Sections(text))
    try:
        stage.prepare()
        if prepared:
            prepared(stage)
        stage.start()
        yield stage
    finally:
        stage.stop()
        databases.discard_installed(folder)
