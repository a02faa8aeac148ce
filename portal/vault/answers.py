"""What a request to an S3 server can end in, and what that means here. Nothing in an error names an object, but for our own keys."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from portal.kernel.errors import Unavailable
from portal.vault.errors import Broken
from portal.vault.line import time_for

#: Bytes that are read from an answer at once.
READ = 256 * 1024
#: All that a request can end in: SyntaxError and ValueError are an answer that is not the XML it should be.
FAILURES = (MinioException, HTTPError, OSError, SyntaxError, ValueError)


def read_body(response: BaseHTTPResponse, length: int) -> bytes:
    """The body; never more than one byte too many in memory, whatever the server sends, and in bounded time, however slowly."""
    data, end = bytearray(), time.monotonic() + time_for(length)
    while len(data) <= length:
        piece = response.read1(min(READ, length + 1 - len(data)), decode_content=False)
        if not piece:
            break
        data += piece
        if time.monotonic() > end:
            raise TimeoutError("the answer came too slowly")
    return bytes(data)


def unavailable(error: BaseException) -> Unavailable:
    return Unavailable(f"the store failed: {(error.code if isinstance(error, S3Error) else None) or _name(error)}")


def _name(error: BaseException) -> str:
    """What kind of failure it was; of one that was tried again, the last. Its text could name objects."""
    return type(getattr(error, "reason", None) or error).__name__


@contextmanager
def within_reach(key: str = "") -> Iterator[None]:
    """Around one request. With a key, an answer that the object is gone or shorter is `Broken`."""
    try:
        yield
    except S3Error as error:
        if key and error.code in {"NoSuchKey", "NoSuchUpload"}:
            raise Broken(f"object {key} is gone") from None
        if key and error.code == "InvalidRange":
            raise Broken(f"object {key} is shorter than recorded") from None
        raise unavailable(error) from error
    except FAILURES as error:
        raise unavailable(error) from error
