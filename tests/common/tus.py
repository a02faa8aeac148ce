"""An upload in pieces as a client sends it, request by request, through the application in this process."""

import base64
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from tests.common.house import PORTAL, Guest

TUS = {"Tus-Resumable": "1.0.0"}
CONTENT_TYPE = "application/offset+octet-stream"


def said(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def headers(guest: Guest, **more: str) -> dict[str, str]:
    return {**TUS, "X-CSRF-Token": guest.token(), **{name.replace("_", "-"): value for name, value in more.items()}}


def create(guest: Guest, document: str, size: int, name: str = "report.pdf", fingerprint: str = "f" * 64) -> TestResponse:
    more = headers(guest, Upload_Length=str(size), Upload_Metadata=said(filename=name, fingerprint=fingerprint))
    return guest.client.post(f"/documents/{document}/uploads", base_url=PORTAL, headers=more)


@dataclass
class Sending:
    """One upload of one guest."""

    guest: Guest
    url: str
    more: dict[str, str] = field(default_factory=dict)

    def patch(self, start: int, content: bytes, **more: str) -> TestResponse:
        sent = headers(self.guest, Upload_Offset=str(start), **self.more, **more)
        return self.guest.client.patch(self.url, base_url=PORTAL, data=content, content_type=CONTENT_TYPE, headers=sent)

    def head(self) -> TestResponse:
        return self.guest.client.head(self.url, base_url=PORTAL, headers=headers(self.guest))

    def terminate(self) -> TestResponse:
        return self.guest.client.delete(self.url, base_url=PORTAL, headers=headers(self.guest))

    def deposit(self, language: str = "") -> TestResponse:
        said = {"language": language} if language else {}
        sent = headers(self.guest, Accept="application/json")
        return self.guest.client.post(f"{self.url}/deposit", base_url=PORTAL, data=said, headers=sent)

    def send(self, content: bytes, piece: int = 20_000, start: int = 0) -> None:
        for at in range(start, len(content), piece):
            answer = self.patch(at, content[at : at + piece])
            assert answer.status_code == 204, answer.text


def begin(guest: Guest, document: str, size: int, name: str = "report.pdf") -> Sending:
    answer = create(guest, document, size, name)
    assert answer.status_code == 201, answer.text
    return Sending(guest, answer.headers["Location"])
