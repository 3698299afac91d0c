# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the tools work: the checkout, what they leave in it, and the environment they run their commands in.

Nothing outside the checkout is read or written: the caller's home, Ansible settings and Dokploy credentials have no
say in what a test sees.
"""

from __future__ import annotations

import configparser
import functools
import io
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Real paths: in a checkout whose path has blanks or ansible_collections, these two are links to a place without.
CACHE = (ROOT / ".cache").resolve()
VENV = Path(sys.prefix).resolve()

NAMESPACE = "ansible_collections/community/dokploy"
# The checkout itself, by the name Ansible looks for.
LIVE = CACHE / "collections"
# A copy without what git ignores, at a real path, for the tools that will not have a link.
COPY = CACHE / "copy"


def environment(collections: Path | None = None, venv: Path = VENV) -> dict[str, str]:
    """The environment for a command.

    :param collections: the only folder where Ansible looks for collections; default: the checkout itself.
    :param venv: the virtual environment whose programs come first.
    """
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "DOKPLOY_", "PYTHON", "MOLECULE_", "XDG_", "MAKE", "MFLAGS", "GIT_"))
        and name != "VIRTUAL_ENV"
    }
    # Shims of a version manager answer to every name and then refuse; ansible-test takes each name for a Python.
    path = [entry for entry in keep.get("PATH", os.defpath).split(os.pathsep) if entry and not entry.endswith("/shims")]
    keep.update(
        HOME=str(home),
        PATH=os.pathsep.join([str(venv / "bin"), *path]),
        # Ansible refuses to start in another encoding.
        LC_ALL="C.UTF-8",
        TERM="dumb",
        NO_COLOR="1",
        PIP_CACHE_DIR=str(CACHE / "pip"),
        ANSIBLE_HOME=str(home / ".ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(collections or live()),
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        # For Ansible a key beside a merge key that has it, too, is such a one; yamllint finds the others.
        ANSIBLE_DUPLICATE_YAML_DICT_KEY="ignore",
    )
    _keep_pip_settings(home)
    return keep


@functools.cache
def _keep_pip_settings(home: Path) -> None:
    """Give pip its caller's settings in the private home: ansible-test passes no PIP_* variables on."""
    settings = configparser.RawConfigParser()
    own = Path(os.environ.get("HOME") or "/nonexistent")
    settings.read([own / ".pip/pip.conf", own / ".config/pip/pip.conf", os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    if not settings.has_section("global"):
        settings.add_section("global")
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name not in ("PIP_CONFIG_FILE", "PIP_CACHE_DIR"):
            settings.set("global", name[4:].lower().replace("_", "-"), value)
    settings.set("global", "cache-dir", str(CACHE / "pip"))
    target = home / ".config/pip/pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    text = io.StringIO()
    settings.write(text)
    # Others may read it at this moment.
    if target.read_text() != text.getvalue():
        target.write_text(text.getvalue())


def live() -> Path:
    """The folder for ANSIBLE_COLLECTIONS_PATH in which the checkout itself is the collection."""
    link = LIVE / NAMESPACE
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or os.readlink(link) != str(ROOT):
        # Others may need it at this moment, or make it themselves.
        new = LIVE / uuid.uuid4().hex
        new.symlink_to(ROOT)
        new.replace(link)
    return LIVE


def tracked_files() -> list[str]:
    """The checkout's files as git sees them, new ones included, ignored ones not."""
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        env=environment(COPY),
        stdout=subprocess.PIPE,
    ).stdout.decode()
    return sorted(name for name in names.split("\0") if name and (ROOT / name).is_file())


def copy(base: Path = COPY, without: tuple[str, ...] = ()) -> Path:
    """Bring the copy of the checkout at C(base) up to date; returns the collection's folder in it.

    :param without: beginnings of the names of files that the copy does not have.

    The copy is a git repository of its own: inside a folder that git ignores ansible-test would find no file, skip
    every test and be content.
    """
    folder = base / NAMESPACE
    names = [name for name in tracked_files() if not name.startswith(without)]
    wanted = set(names)
    # Children come after their folder, so that in reverse a folder is already empty when all in it is gone.
    for path in sorted(folder.rglob("*"), reverse=True):
        inner = path.relative_to(folder)
        if inner.parts[0] == ".git" or str(inner) in wanted:
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        else:
            path.unlink()
    for name in names:
        source, target = ROOT / name, folder / name
        if target.is_file() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    git = ["git", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=/dev/null"]
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run([*git, *command], cwd=folder, check=True, env=environment(base))
    return folder
