"""Publishing to a branch of a git repository: one commit on top of what is there, and one push.

Only git's own plumbing is used, on an index of its own: nothing is checked out, and files that stay are not touched,
so that earlier releases keep their very objects.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import weakref
from pathlib import Path

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish.plan import MANIFEST, Plan, State, read_owned
from reportgen.publish.tree import File, file_of

_NAME = re.compile(r"(?!-)[^\s~^:?*\[\\\x00-\x1f]+\Z")


class GitBranch:
    """A branch of a remote repository.

    Parameters
    ----------
    remote : str
        Name of a remote of the repository here, or the address or path of a repository.
    branch : str
        Made if it does not exist.
    """

    promise = "a publication is one commit and one push, so readers see it whole or not at all"

    def __init__(self, remote: str, branch: str) -> None:
        if not _NAME.match(branch) or ".." in branch or remote.startswith("-"):
            raise UsageError(f"'git:{_without_password(remote)}#{branch}' names no branch", "write git:REMOTE#BRANCH")
        self.address = f"the branch {branch} of {_without_password(remote)}"
        self._remote, self._branch = remote, branch
        self._folder = tempfile.mkdtemp(prefix="reportgen-publish-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._here = self._is_known(remote)
        self._ref = f"refs/reportgen/{branch}"
        self._tip = ""
        self._objects: dict[str, str] = {}
        if not self._here:
            self._git("init", "--quiet", "--bare", self._folder, bare=True)

    def state(self, recover: bool) -> State:
        """See `Destination`. There is nothing to recover: a push arrives or does not."""
        self._tip = self._fetch()
        self._objects, sizes = {}, {}
        for line in self._git("ls-tree", "-r", "-z", "-l", "--full-tree", self._tip).split("\0") if self._tip else ():
            if line:
                about, name = line.split("\t", 1)
                mode, _, digest, size = about.split()
                sizes[name] = int(size) if size.isdigit() and mode != "120000" else -1
                self._objects[name] = digest
        return State(sizes, read_owned(self.read(MANIFEST), self.address))

    def read(self, name: str) -> bytes | None:
        """See `Destination`."""
        if name not in self._objects:
            return None
        return self._run(["cat-file", "blob", self._objects[name]]).stdout

    def same(self, name: str, file: File, state: State) -> bool:
        """See `Destination`. Git names a file by a hash of its content."""
        digest = self._objects[name]
        made = hashlib.sha1(usedforsecurity=False) if len(digest) == 40 else hashlib.sha256()
        made.update(f"blob {file.size}\0".encode())
        made.update(file.read())
        return state.sizes[name] == file.size and made.hexdigest() == digest

    def send(self, plan: Plan) -> None:
        """See `Destination`."""
        index = str(Path(self._folder) / "index")
        Path(index).unlink(missing_ok=True)
        if self._tip:
            self._git("read-tree", self._tip, index=index)
        gone = [f"0 {'0' * len(self._tip)}\t{name}\0" for name in plan.remove]
        entries = [f"100644 {digest}\t{name}\0" for name, digest in self._store(plan).items()]
        words = "".join([*gone, *entries])
        self._git("update-index", "--add", "--replace", "-z", "--index-info", index=index, words=words)
        tree = self._git("write-tree", index=index).strip()
        parent = ["-p", self._tip] if self._tip else []
        commit = self._git("commit-tree", tree, *parent, "-m", f"Publish {plan.title}").strip()
        self._push(commit)

    def _store(self, plan: Plan) -> dict[str, str]:
        """Write the files to send into the repository's objects, and return their names there."""
        sent = {**plan.send, MANIFEST: file_of(plan.manifest)}
        paths = []
        for number, file in enumerate(sent.values()):
            path = Path(self._folder) / f"file-{number}"
            path.write_bytes(file.read())
            paths.append(str(path))
        found = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", words="\n".join(paths)).split()
        for written in paths:
            Path(written).unlink()
        return dict(zip(sent, found, strict=True))

    def _fetch(self) -> str:
        """Fetch the branch, and return its commit; "" where there is none yet."""
        listed = self._git("ls-remote", "--", self._remote, f"refs/heads/{self._branch}")
        if not listed.strip():
            return ""
        shallow = not self._here or self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        depth = ["--depth=1"] if shallow else []
        refs = f"+refs/heads/{self._branch}:{self._ref}"
        self._git("fetch", "--quiet", "--no-tags", *depth, "--", self._remote, refs)
        return self._git("rev-parse", "--verify", self._ref).strip()

    def _push(self, commit: str) -> None:
        done = self._run(["push", "--quiet", "--", self._remote, f"{commit}:refs/heads/{self._branch}"], check=False)
        if done.returncode == 0:
            return
        said = done.stderr.decode(errors="replace")
        if re.search(r"\[(remote )?rejected\]|non-fast-forward|fetch first|stale info", said):
            raise ReportgenError(
                f"{self.address} has moved meanwhile, or refuses the push; nothing was published",
                f"publish again to build on what is there now\n{_last(said)}",
            )
        raise ReportgenError(f"git cannot push to {self.address}", _last(said))

    def _is_known(self, remote: str) -> bool:
        """Whether the repository here has a remote of this name."""
        done = self._run(["remote", "get-url", "--", remote], check=False)
        if done.returncode and "/" not in remote and ":" not in remote and not Path(remote).is_dir():
            raise UsageError(
                f"there is no git remote '{remote}' here", "git remote -v lists them; git:ADDRESS#BRANCH needs none"
            )
        return done.returncode == 0

    def _git(self, *arguments: str, index: str = "", words: str | None = None, bare: bool = False) -> str:
        done = self._run(list(arguments), index=index, words=words, bare=bare)
        return done.stdout.decode(errors="surrogateescape")

    def _run(
        self, arguments: list[str], *, index: str = "", words: str | None = None, check: bool = True, bare: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "LC_ALL": "C", **({"GIT_INDEX_FILE": index} if index else {})}
        place = [] if getattr(self, "_here", True) or bare else ["--git-dir", self._folder]
        try:
            done = subprocess.run(
                ["git", *place, *self._identity(arguments), *arguments],
                input=None if words is None else words.encode(errors="surrogateescape"),
                stdin=subprocess.DEVNULL if words is None else None,
                capture_output=True,
                env=environment,
                check=False,
            )
        except FileNotFoundError as error:
            raise UsageError("git is not installed", "publishing to a branch needs it") from error
        if check and done.returncode:
            raise ReportgenError(
                f"git {arguments[0]} failed for {self.address}", _last(done.stderr.decode(errors="replace"))
            )
        return done

    def _identity(self, arguments: list[str]) -> list[str]:
        """Return a committer for machines that name none."""
        if arguments[0] != "commit-tree" or self._run(["var", "GIT_COMMITTER_IDENT"], check=False).returncode == 0:
            return []
        return ["-c", "user.name=reportgen", "-c", "user.email=reportgen@localhost"]


def _last(said: str) -> str:
    """Return the lines of git's words that tell what is wrong."""
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    return _without_password("\n  ".join(lines[-4:]))


def _without_password(text: str) -> str:
    """Remove what stands before the host in addresses, for that can be a token."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)
