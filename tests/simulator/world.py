# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world around the server: which images and repositories exist, how long a build of them takes, how it ends."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .store import Row

if TYPE_CHECKING:
    from .config import Config
    from .store import Store

FAILED = "\nError occurred ❌, check the logs for details.\n"
FAILING = re.compile(r"exit [1-9]\d*")
DIGEST = "sha256:58bbabb088cf28a8e5c03c9160941013943761bfd99bcb5cdd4ac45dbe140d90"
CONTRACT_IMAGE = "127.0.0.1:5000/busybox:latest"
CONTRACT_REPOSITORY = "http://127.0.0.1:8418/web.git"
# branch -> (commit message, commit hash, result, seconds) of the repository the contract was recorded with
CONTRACT_BRANCHES = {
    "main": ("first commit: hello", "55535fa801027e9db17c59d2b403bd9691fad457", "done", None),
    "broken": ("break it", "d2d98c504c946f7dcf5e4be63f0ff14153717daf", "error", None),
    "slow": ("slow it", "96f72772da26afc8be1858081dcca7ce604e36ca", "done", 20.0),
}


@dataclass(slots=True)
class Plan:
    """How one build will go: ``log`` after its first line, ``result`` (done or error), ``seconds``, the ``commit``
    (message, hash) that replaces the title, whether a ``docker build`` runs (which killBuild hits)."""

    log: str
    result: str
    seconds: float
    commit: tuple[str, str] | None = None
    docker_build: bool = False


class World:
    def __init__(self, config: Config) -> None:
        self.config = config

    def image_exists(self, image: str) -> bool:
        return image == CONTRACT_IMAGE if self.config.world == "strict" else "missing" not in image

    def branch(self, url: str, branch: str) -> tuple[str, str, str, float | None] | None:
        """What a clone of this branch finds; None when there is no such thing."""
        if url == CONTRACT_REPOSITORY:
            return CONTRACT_BRANCHES.get(branch)
        if self.config.world == "strict" or "missing" in url or "missing" in branch:
            return None
        commit = hashlib.sha1(f"{url} {branch}".encode(), usedforsecurity=False).hexdigest()
        return f"work on {branch}", commit, "error" if branch == "broken" else "done", None

    def bucket_exists(self, destination: Row) -> bool:
        """Whether a backup gets there."""
        named = f"{destination['endpoint']} {destination['bucket']}"
        return self.config.world != "strict" and "missing" not in named

    def command(self, text: str) -> tuple[str, str]:
        """How a command in a container ends (done or error), and what it prints."""
        for rule in self.config.commands:
            if fnmatchcase(text, rule["command"]):
                return rule.get("result", "done"), rule.get("output", "")
        parts = [part.strip() for part in text.replace("\n", ";").split(";")]
        output = "".join(f"{part[5:]}\n" for part in parts if part.startswith("echo "))
        return "error" if parts[-1] == "false" or FAILING.fullmatch(parts[-1]) else "done", output

    def rule(self, row: Row, image: str | None, branch: str | None) -> dict[str, Any]:
        for rule in self.config.builds:
            tests = (("application", row["name"]), ("image", image), ("branch", branch))
            if all(name not in rule or fnmatchcase(value or "", rule[name]) for name, value in tests):
                return rule
        return {}

    def plan(self, store: Store, row: Row, kind: str, cloned: bool) -> Plan:
        """Plan a ``deploy`` or ``redeploy`` of an application. ``cloned``: its code is on disk already."""
        if row["sourceType"] == "docker":
            plan = self._docker(row, kind)
        elif row["sourceType"] == "drop":
            plan = self._build(row, "", None)
        elif kind == "redeploy":
            plan = self._build(row, "", None) if cloned else Plan(FAILED, "error", 0.0)
        else:
            plan = self._clone(store, row)
        if self.config.next_results and plan.result == "done":
            plan.result = self.config.next_results.pop(0)
            if plan.result == "error":
                plan.log += FAILED
        return plan

    def _seconds(self, rule: dict[str, Any], own: float | None = None) -> float:
        return float(rule.get("seconds", self.config.build_seconds if own is None else own))

    def _docker(self, row: Row, kind: str) -> Plan:
        image = row["dockerImage"]
        rule = self.rule(row, image, None)
        if not image:
            return Plan(f"Docker image not found{FAILED}", "error", 0.0)
        if kind == "redeploy":
            # A redeploy does not pull: it only updates the service.
            return Plan("", rule.get("result", "done"), self._seconds(rule))
        pulling = f"Pulling {image}\n"
        if not self.image_exists(image):
            manifest = (
                f"Error response from daemon: manifest for {image} not found: manifest unknown: manifest unknown\n"
            )
            return Plan(f"{pulling}{manifest}❌ Pulling image failed\n{FAILED}", "error", self._seconds(rule))
        name, _unused, tag = image.rpartition("/")[2].partition(":")
        log = (
            f"{pulling}{tag or 'latest'}: Pulling from {name}\nDigest: {DIGEST}\n"
            f"Status: Image is up to date for {image}\n{image}\n✅ Pulling image completed.\n"
        )
        if rule.get("result") == "error":
            return Plan(log + FAILED, "error", self._seconds(rule))
        return Plan(log, "done", self._seconds(rule))

    def _clone(self, store: Store, row: Row) -> Plan:
        """Clone and build a git source."""
        kind = row["sourceType"]
        if kind == "git":
            url, branch = row["customGitUrl"], row["customGitBranch"]
            if not url or not branch:
                return Plan(f"Error: ❌ Repository not found\n{FAILED}", "error", 0.0)
            label = "Custom "
        else:
            if not store.exists(f"{kind}Id", row[f"{kind}Id"]) or row[f"{kind}Id"] is None:
                return Plan(f"Error: ❌ {kind.capitalize()} Provider not found\n{FAILED}", "error", 0.0)
            prefix = "" if kind == "github" else kind
            owner, repository, branch = (row[self._column(prefix, name)] for name in ("owner", "repository", "branch"))
            url, label = f"{kind}.com/{owner}/{repository}.git", ""
        path = f"/etc/dokploy/applications/{row['appName']}/code"
        log = f"Cloning Repo {label}{url} to {path}: ✅\nCloning into '{path}'...\n"
        found = self.branch(url, branch or "")
        if found is None:
            lost = f"fatal: Remote branch {branch} not found in upstream origin\n"
            return Plan(f"{log}{lost}❌ [ERROR] Fail to clone the repository {url}\n{FAILED}", "error", 0.0)
        return self._build(row, log, found)

    @staticmethod
    def _column(prefix: str, name: str) -> str:
        return prefix + name.capitalize() if prefix else name

    def _build(self, row: Row, log: str, found: tuple[str, str, str, float | None] | None) -> Plan:
        message, commit, result, own = found or ("", "", "done", None)
        branch_column = {"git": "customGitBranch", "github": "branch"}.get(
            row["sourceType"], f"{row['sourceType']}Branch"
        )
        rule = self.rule(row, None, row.get(branch_column))
        result = rule.get("result", result)
        if self.config.world == "strict" and row["buildType"] != "dockerfile":
            # The recording's host had no other builder.
            result = "error"
        log += f"Building {row['appName']}\n"
        log += "✅ Docker build completed.\n" if result == "done" else f"ERROR: failed to solve: exit code: 1\n{FAILED}"
        replaced = (rule.get("message", message), rule.get("hash", commit)) if found else None
        return Plan(log, result, self._seconds(rule, own), replaced, docker_build=row["buildType"] == "dockerfile")
