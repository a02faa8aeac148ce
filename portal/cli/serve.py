"""Serve with gunicorn: threads, HTTP/1.1, no control socket. There is no access log: the audit log is the record."""

from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi
from gunicorn.http.unreader import SocketUnreader

from portal.gateway.safety import HEADERS
from portal.kernel.config import Config
from portal.kernel.process import settle_process

#: How much of a body is taken from the connection at once, in bytes. gunicorn would take 1 MiB, and copy what is left of it at every read.
RECEIVED = 64 * 1024


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, config: Config, create_app: Callable[..., Any]) -> None:
        self._portal, self._create = config, create_app
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._portal.server.host}:{self._portal.server.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._portal.server.threads,
            "timeout": 300,
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # else SCRIPT_NAME and the scheme are what anybody on this machine says
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "worker_exit": stop_worker,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._create(self._portal)


def stop_worker(arbiter: Any, worker: Any) -> None:
    """Write what is still to be summed and sequenced before the process ends."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["worker"].stop()


def refuse_unread(connection: Any, status: int, reason: str, _: str) -> None:
    """What the server itself answers to what it cannot read as a request: as safe as every answer, and without a word of what was sent."""
    head = {**HEADERS, "Connection": "close", "Content-Length": "0", "Server": wsgi.SERVER}
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    util.write_nonblock(connection, "\r\n".join(lines).encode("ascii"))


def serve(config: Config, create_app: Callable[..., Any]) -> None:
    settle_process()
    wsgi.SERVER = "portal"  # gunicorn writes this header itself, after the application: which server it is, is nobody's business
    util.write_error = refuse_unread
    SocketUnreader.max_body_chunk = RECEIVED
    Server(config, create_app).run()
