"""A server that shows a folder to this machine, and nothing but that folder."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

LOOPBACK = "127.0.0.1"
NAMES = frozenset({LOOPBACK, "localhost", "[::1]"})
"""Names under which a browser of this machine asks; another one is a foreign page that reads along (DNS rebinding)."""


class Handler(SimpleHTTPRequestHandler):
    """Answers with files of the folder; without lists of folders, hidden files, and links that lead out."""

    def send_head(self) -> BinaryIO | None:
        """Refuse what is not the site's, else answer as usual."""
        host = self.headers.get("Host", "").lower()
        if host and host.rpartition(":")[0] not in NAMES and host not in NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "This server is for this machine only")
            return None
        if not self._is_shown():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _is_shown(self) -> bool:
        root = Path(self.directory).resolve()
        try:
            path = Path(self.translate_path(self.path)).resolve()
        except (OSError, ValueError):  # such as a name with a NUL in it
            return False
        return path.is_relative_to(root) and not any(part.startswith(".") for part in path.relative_to(root).parts)

    def list_directory(self, path: object) -> None:
        """Say that there is nothing, where a folder has no page."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Have files taken for what their endings say, and shown anew after each build."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder on this machine's loopback address; port 0 takes any free one."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(folder)))
