"""``reportgen serve`` shows the site to this machine, and nothing else to anyone."""

from __future__ import annotations

import http.client
import threading

import pytest

from reportgen.cli.serving import server


@pytest.fixture
def ask(tmp_path):
    site = tmp_path / "site"
    (site / "empty").mkdir(parents=True)
    (site / "study").mkdir()
    (site / "index.html").write_text("home")
    (site / "study" / "index.html").write_text("study")
    (site / ".git").mkdir()
    (site / ".git" / "config").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    (site / "out").symlink_to(tmp_path)
    running = server(site, 0)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    running.RequestHandlerClass.func.log_message = lambda *_: None
    thread.start()

    def get(path, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{running.server_port}")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body, answer

    yield get
    running.shutdown()
    running.server_close()
    thread.join()


def test_only_this_machine_is_answered(tmp_path):
    with server(tmp_path, 0) as running:
        assert running.server_address[0] == "127.0.0.1"


def test_pages_are_shown(ask):
    assert ask("/")[:2] == (200, "home")
    assert ask("/study/")[:2] == (200, "study")
    status, _, answer = ask("/index.html", "localhost:8000")
    assert status == 200 and answer.getheader("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/study/..%2f..%2fsecret.txt",
        "/study/../../secret.txt",
        "/..\\secret.txt",
        "/link.txt",
        "/out/secret.txt",
        "/out/",
        "/.git/config",
        "/%2egit/config",
        "//etc/passwd",
        "/%00",
    ],
)
def test_nothing_outside_the_folder_is_shown(ask, path):
    status, body, _ = ask(path)
    assert status in (400, 404) and "secret" not in body and "root:" not in body


def test_folders_are_not_listed(ask):
    status, body, _ = ask("/empty/")
    assert status == 404 and "Directory listing" not in body


def test_a_foreign_name_is_refused(ask):
    """A page of another site that points its own name here must not read what is not published yet."""
    assert ask("/", "evil.test")[0] == 403
    assert ask("/", "evil.test:8000")[0] == 403
    assert ask("/", "localhost.evil.test")[0] == 403


def test_a_redirect_stays_here(ask):
    status, _, answer = ask("//evil.test/%2e%2e/study")
    assert status in (301, 400, 404)
    assert not (answer.getheader("Location") or "/").startswith("//")
