# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git repositories, and their server over HTTP. It speaks the smart protocol: Dokploy clones with a depth of 1."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.real import bitbucket_host, ports, registries, tls
from tools.real.git_http import LOGIN
from tools.real.room import Failed, Room, until
from tools.workspace import ROOT

READY_SECONDS = 30
AUTHOR = ("-c", "user.name=real", "-c", "user.email=real@example.com")
# A branch, what its Dockerfile does, and what the container runs.
_SERVE = 'CMD ["httpd", "-f", "-p", "80", "-h", "/www"]'
BRANCHES = {
    "main": ("RUN cat /www/index.html", _SERVE),
    "broken": ('RUN echo "BUILD-FAILS: this line is why" >&2 && exit 3', _SERVE),
    "slow": ("RUN for step in 1 2 3 4 5 6 7 8; do echo step $step; sleep 5; done", _SERVE),
}


def up(room: Room) -> dict[str, str]:
    """Make the repositories and start the server. Returns the URLs: C(REAL_REPOSITORY), C(REAL_PRIVATE_REPOSITORY),
    C(REAL_GIT_HOSTS) of what stands in for Gitea and GitLab, C(REAL_GITHUB), C(REAL_BITBUCKET), and in
    C(REAL_AUTHORITY) the file that trusts these two.
    """
    ports.require_free(room, "git", "git")
    for name in ("web", "private"):
        if not repository(room, name).is_dir():
            _make(room, repository(room, name))
    server = Path(__file__).with_name("git_http.py")
    room.start("git", [sys.executable, server, room.folder / "git", str(ports.port("git"))])
    if not until(lambda: ports.answers("git"), READY_SECONDS):
        raise Failed(f"git: it does not answer; see {room.folder / 'log/git.log'}")
    ports.require_free(room, "git_hosts", "git_hosts")
    ports.require_free(room, "github", "git_hosts")
    numbers = [str(ports.port("git_hosts")), str(ports.port("github"))]
    bitbucket = ["bitbucket"] if tls.knows_hosts() else []
    arguments = [room.folder / "git", *numbers, tls.certificate(room), *bitbucket]
    room.start("git_hosts", [sys.executable, "-m", "tools.real.git_hosts", *map(str, arguments)], ROOT)
    if not until(lambda: ports.answers("git_hosts"), READY_SECONDS):
        raise Failed(f"git_hosts: it does not answer; see {room.folder / 'log/git_hosts.log'}")
    address = f"127.0.0.1:{ports.port('git')}"
    return {
        "REAL_GIT_HOSTS": f"http://127.0.0.1:{ports.port('git_hosts')}",
        "REAL_GITHUB": f"https://127.0.0.1:{ports.port('github')}",
        "REAL_AUTHORITY": str(tls.authority_file(room)),
        **({"REAL_BITBUCKET": f"https://{bitbucket_host.NAMES[0]}"} if bitbucket else {}),
        "REAL_REPOSITORY": f"http://{address}/web.git",
        "REAL_PRIVATE_REPOSITORY": f"http://{LOGIN}@{address}/private.git",
    }


def repository(room: Room, name: str) -> Path:
    return room.folder / "git" / f"{name}.git"


def _make(room: Room, bare: Path) -> None:
    """A repository with three branches: one is built, one fails to build, one takes 40 seconds for it."""
    room.run("git", ["git", "init", "--quiet", "--bare", "--initial-branch=main", bare])
    room.run("git", ["git", "-C", bare, "config", "http.receivepack", "true"])
    work = room.path("git-work/README.md").parent
    room.run("git", ["git", "clone", "--quiet", bare, work / bare.stem])
    for branch, (step, command) in BRANCHES.items():
        folder = work / bare.stem
        room.run("git", ["git", "-C", folder, "checkout", "--quiet", "-B", branch])
        (folder / "index.html").write_text(f"hello from {branch}\n")
        lines = (f"FROM {registries.address()}/busybox:1", "COPY . /www", step, command)
        (folder / "Dockerfile").write_text("".join(f"{line}\n" for line in lines))
        room.run("git", ["git", "-C", folder, "add", "--all"])
        room.run("git", ["git", "-C", folder, *AUTHOR, "commit", "--quiet", "-m", f"The branch {branch}"])
        room.run("git", ["git", "-C", folder, "push", "--quiet", "origin", branch])
