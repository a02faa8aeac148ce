"""A person at a browser: signs in at the development provider, keeps the portal's cookie, sends forms with their token."""

import re
import socket
from collections.abc import Iterable
from html import unescape
from http.client import HTTPConnection
from urllib.parse import quote, urljoin, urlsplit

import requests

COOKIE = "__Host-portal"
TIMEOUT = 120


class Person:
    """One invented person. Python's cookie jar will not send `__Host-` cookies over http, so the portal's cookie is kept by hand."""

    def __init__(self, portal: str, login: str, *, patience: float = TIMEOUT) -> None:
        self.portal, self.login, self.patience = portal, login, patience
        self._http = requests.Session()
        self.cookie = ""

    def get(self, path: str) -> requests.Response:
        return self._send("GET", path, None, {})

    def stream(self, path: str, **headers: str) -> requests.Response:
        """An answer whose body is still to be read, piece by piece."""
        sent = {**headers, "Cookie": f"{COOKIE}={self.cookie}"}
        return requests.get(self.portal + path, headers=sent, timeout=TIMEOUT, allow_redirects=False, stream=True)

    def post(self, path: str, fields: dict[str, str] | None = None) -> requests.Response:
        """Send a form with this session's token; does not follow the redirect."""
        return self._send("POST", path, {"csrf": self.token(), **(fields or {})}, {})

    def upload(self, path: str, content: bytes, name: str) -> requests.Response:
        headers = {"Content-Type": "application/pdf", "X-File-Name": quote(name), "Accept": "application/json"}
        headers["X-CSRF-Token"] = self.token()
        return self._send("POST", path, content, headers)

    def upload_stream(self, path: str, size: int, chunks: Iterable[bytes], name: str) -> tuple[int, str]:
        """The same for a file that need not fit in memory: (status, answer)."""
        parts = urlsplit(self.portal)
        headers = {"Content-Type": "application/pdf", "Content-Length": str(size), "X-CSRF-Token": self.token()}
        headers |= {"X-File-Name": quote(name), "Accept": "application/json", "Cookie": f"{COOKIE}={self.cookie}"}
        connection = HTTPConnection(parts.hostname or "localhost", parts.port, timeout=TIMEOUT)
        try:
            connection.request("POST", path, body=chunks, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def upload_half(self, path: str, content: bytes) -> None:
        """Announce a file, send half of it, and lose the connection."""
        parts = urlsplit(self.portal)
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/pdf\r\nContent-Length: {len(content)}\r\n"
        head += f"Cookie: {COOKIE}={self.cookie}\r\nX-CSRF-Token: {self.token()}\r\nAccept: application/json\r\n\r\n"
        with socket.create_connection((parts.hostname or "localhost", parts.port or 80), timeout=TIMEOUT) as connection:
            connection.sendall(head.encode() + content[: len(content) // 2])

    def token(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("/").text)
        return found[1] if found else ""

    def sign_in(self) -> requests.Response:
        """The whole way through the provider. Returns the portal's last answer."""
        answer = self._through_the_provider("/sign-in/demo/start")
        return self.get(urlsplit(answer.headers["Location"]).path) if answer.is_redirect else answer

    def confirm(self) -> requests.Response:
        """Confirm with a second factor that it is still this person. Returns the portal's last answer."""
        return self._through_the_provider("/confirm/start")

    def _through_the_provider(self, start: str) -> requests.Response:
        answer = self.get(start)
        page = self._http.get(answer.headers["Location"], timeout=TIMEOUT, allow_redirects=False)
        if page.status_code == 200:
            page = self._http.post(page.url, data={"login": self.login}, timeout=TIMEOUT, allow_redirects=False)
        back = urlsplit(page.headers["Location"])
        return self.get(f"{back.path}?{back.query}")

    def follow(self, answer: requests.Response) -> requests.Response:
        return self.get(urljoin("/", urlsplit(answer.headers["Location"]).path))

    def _send(self, method: str, path: str, data: dict[str, str] | bytes | None, headers: dict[str, str]) -> requests.Response:
        if self.cookie:
            headers = {**headers, "Cookie": f"{COOKIE}={self.cookie}"}
        answer = requests.request(method, self.portal + path, data=data, headers=headers, timeout=self.patience, allow_redirects=False)
        if COOKIE in answer.cookies:
            self.cookie = answer.cookies[COOKIE] or ""
        return answer


def words(answer: requests.Response) -> str:
    """What a person reads on the page: no tags, no image data."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
