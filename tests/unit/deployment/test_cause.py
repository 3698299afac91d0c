# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cause of a failed build, from logs of a real Dokploy 0.30.2."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.cause import cause_of, without_banner

BEGIN = "Initializing deployment\n"
END = "\n\nError occurred ❌, check the logs for details.\n"
CLONED = """\
Cloning Repo Custom http://git.example.com/demo.git to /etc/dokploy/applications/app-1/code: ✅
Cloning into '/etc/dokploy/applications/app-1/code'...
"""
FRAME = """\
File 'docker-compose.yml' created: ✅
╔══════════════════════════════════════════════════════════════════════════════╗
║                                                                              ║
║ App Name: compose-1                                                          ║
║ Build Compose 🐳                                                             ║
║ Source Type: docker raw ✅                                                   ║
╚══════════════════════════════════════════════════════════════════════════════╝
"""
STEP = """\
#7 [3/3] RUN echo "BUILD-FAILS: this line is why" >&2 && exit 3
#7 0.534 BUILD-FAILS: this line is why
#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 3
------
 > [3/3] RUN make:
0.433 making
0.534 BUILD-FAILS: this line is why
------
Dockerfile:3
--------------------
   2 |     COPY . /www
   3 | >>> RUN make
--------------------
"""
SOLVED = 'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 3\n'
MANIFEST = "Error response from daemon: manifest for hub/no:1 not found: manifest unknown: manifest unknown\n"


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (
            "File 'docker-compose.yml' created: ✅\n❌ Has occurred an error: Flow sequence in block must end "
            "with a ] at line 3, column 1:\n\n  web: [\n\n^\n",
            "Flow sequence in block must end with a ] at line 3, column 1",
        ),
        (f"Pulling hub/no:1\n{MANIFEST}❌ Pulling image failed", "manifest for hub/no:1 not found: manifest unknown"),
        (
            'Pulling hub/no:1\nError response from daemon: Get "https://hub/v2/": dial tcp: lookup hub: no such host\n'
            "❌ Login failed",
            'Get "https://hub/v2/": dial tcp: lookup hub: no such host',
        ),
        (
            f"{CLONED}fatal: repository 'http://git.example.com/no.git/' not found\n"
            "❌ [ERROR] Fail to clone the repository http://git.example.com/no.git",
            "repository 'http://git.example.com/no.git/' not found",
        ),
        (
            f"{CLONED}warning: Could not find remote branch no to clone.\n"
            "fatal: Remote branch no not found in upstream origin\n"
            "❌ [ERROR] Fail to clone the repository http://git.example.com/demo.git",
            "Remote branch no not found in upstream origin",
        ),
        (f"{STEP}{SOLVED}❌ Docker build failed", "BUILD-FAILS: this line is why (exit code: 3)"),
        (
            f"{SOLVED}❌ Docker build failed",
            'process "/bin/sh -c make" did not complete successfully: exit code: 3',
        ),
        (
            "#1 DONE 0.0s\nERROR: failed to solve: failed to read dockerfile: open No: no such file or directory\n"
            "❌ Docker build failed",
            "failed to read dockerfile: open No: no such file or directory",
        ),
        (
            "Starting nixpacks build...\n/bin/sh: 7: nixpacks: not found\n❌ Nixpacks build failed",
            "/bin/sh: 7: nixpacks: not found",
        ),
        ("Starting nixpacks build...\n❌ Nixpacks build failed", "Nixpacks build failed"),
        ("#7 DONE 0.1s\n❌ Error pushing image", "Error pushing image"),
        ("Error: ❌ Github Provider not found", "Github Provider not found"),
        (
            "❌ The path /etc/dokploy/applications/app-1/code/ does not exist",
            "The path /etc/dokploy/applications/app-1/",
        ),
        ("Docker image not found", "Docker image not found"),
        (f"{FRAME}{MANIFEST}Error: ❌ Docker command failed", "manifest for hub/no:1 not found: manifest unknown"),
        (
            f"{FRAME} Container compose-1-web-1  Starting\n"
            "Error response from daemon: driver failed programming external connectivity on endpoint compose-1-web-1 "
            "(05550f46d6c7): Bind for 127.0.0.1:80 failed: port is already allocated\n"
            "Error: ❌ Docker command failed\nError: ❌ Script execution failed",
            "driver failed programming external connectivity on endpoint compose-1-web-1 (05550f46d6c7): Bind for "
            "127.0.0.1:80 failed: port is already allocated",
        ),
        (
            f'{FRAME}service web: undefined network "no"\nError: ❌ Docker command failed',
            "service web: undefined network",
        ),
        (f"{FRAME}Error: ❌ Docker command failed", "Docker command failed"),
        (f"{FRAME} Container compose-1-web-1  Starting\nError: ❌ Docker command failed", "Docker command failed"),
        (
            "(HTTP code 400) unexpected - invalid memory value 512: Must be at least 4MiB",
            "(HTTP code 400) unexpected - ",
        ),
        ("error: " + "x" * 1000, "x" * 300 + " ..."),
        ("", None),
        ("Pulling hub/no:1", None),
    ],
)
def test_the_cause(log: str, cause: str | None) -> None:
    own = without_banner((BEGIN + log + END).split("\n"))
    found = cause_of(own)
    assert found == cause or (found or "").startswith(cause or "-"), found
    assert "\n".join(own) == (BEGIN + log.replace("".join(FRAME.splitlines(True)[1:]), "")).rstrip("\n")


def test_a_log_without_lines() -> None:
    assert (without_banner([]), cause_of([])) == ([], None)
    assert (without_banner(["", " "]), cause_of(["", " "])) == ([], None)
