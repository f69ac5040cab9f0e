"""In what environment runs are made: versions, machine and commit; never a host's, a user's or a path's name."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_VECTORS = ("avx512f", "avx2", "avx", "sse4_2", "sve2", "sve", "asimd", "neon")
"""Names of vector instructions in the kernel's list, widest first."""


def collect(device: str = "cpu") -> dict[str, Any]:
    """Return the columns of ``reportgen.store.tables.ENVIRONMENTS`` but for ``environment_id``.

    Parameters
    ----------
    device : str
        As PyTorch names it: ``cpu``, ``cuda``, ``cuda:1``.
    """
    return {**machine(device), **repository()}


def machine(device: str = "cpu") -> dict[str, Any]:
    """Return what belongs to this process and its machine. PyTorch is asked only if it is already imported."""
    torch = sys.modules.get("torch")
    return {
        "reportgen": _version("reportgen"),
        "python": platform.python_version(),
        "torch": _version("torch"),
        "numpy": _version("numpy"),
        "blas": _blas(torch),
        "os": platform.platform(),
        "cpu": _processor(),
        "threads": int(torch.get_num_threads()) if torch else 1,
        "device": str(torch.cuda.get_device_name(device)) if torch and device.startswith("cuda") else device,
    }


def repository(folder: Path | None = None) -> dict[str, Any]:
    """Return the commit of a folder's repository, and whether files that it tracks were changed since.

    Untracked files do not count: results that are written beside a study would else make every run dirty. Commands
    that the repository's own configuration names are not run: it may have come with a study that someone sent.
    """
    commit = _git("rev-parse", "HEAD", folder=folder)
    if not commit:
        return {"commit": "", "dirty": False}
    named = _git("config", "--name-only", "--get-regexp", r"^filter\.", folder=folder).splitlines()
    filters = sorted({name.rpartition(".")[0] for name in named})
    off = [f"{name}.{key}" for name in filters for key in ("clean=", "smudge=", "process=", "required=false")]
    settings = [word for setting in ("core.fsmonitor=false", "core.hooksPath=", *off) for word in ("-c", setting)]
    changed = _git(*settings, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules", folder=folder)
    return {"commit": commit, "dirty": bool(changed)}


def _git(*arguments: str, folder: Path | None) -> str:
    try:
        answer = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        import reportgen

        return str(getattr(reportgen, "__version__", "")) if package == "reportgen" else ""


def _blas(torch: Any) -> str:
    if torch is None:
        return ""
    settings = dict(
        part.split("=", 1) for part in torch.__config__.show().replace("\n", ",").split(", ") if "=" in part
    )
    return str(settings.get("BLAS_INFO", settings.get("LAPACK_INFO", "")))


def _processor() -> str:
    facts = _processor_facts()
    model = facts.get("model name") or facts.get("cpu model") or platform.processor() or platform.machine()
    flags = (facts.get("flags") or facts.get("features") or "").split()
    return f"{model} {next((name for name in _VECTORS if name in flags), '')}".strip()


def _processor_facts() -> Mapping[str, str]:
    """Return what the kernel says about the first processor."""
    try:
        block = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in block.splitlines() if ":" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}
