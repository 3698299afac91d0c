# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which images and repositories exist, how long their builds take, and how these end."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ..store.database_kinds import LIBSQL_IMAGE
from ..store.store import Row, Store
from . import uploads
from .config import Config

FAILED = "\nError occurred ❌, check the logs for details.\n"
FAILING = re.compile(r"exit [1-9]\d*")
DIGEST = "sha256:58bbabb088cf28a8e5c03c9160941013943761bfd99bcb5cdd4ac45dbe140d90"
CONTRACT_REGISTRY = "127.0.0.1:5000"
CONTRACT_IMAGE = f"{CONTRACT_REGISTRY}/busybox:latest"
CONTRACT_IMAGES = {LIBSQL_IMAGE} | frozenset(
    f"{CONTRACT_REGISTRY}/{image}"
    for image in "busybox:latest busybox:1 postgres:15 r1-postgres:15 redis:8 r1-fake:1 r1-fake:2".split()
)
CONTRACT_REPOSITORY = "http://127.0.0.1:8418/web.git"
CONTRACT_COMPOSE_REPOSITORY = "http://127.0.0.1:8418/demo.git"
CONTRACT_COMPOSE_COMMIT = ("main: app that ticks", "84a83a4011a92aa29ac0b854d2af4255c5f1bcf9", "done", None)
# branch -> (commit message, commit hash, result, seconds) of the repository the contract was recorded with
CONTRACT_BRANCHES = {
    "main": ("first commit: hello", "55535fa801027e9db17c59d2b403bd9691fad457", "done", None),
    "broken": ("break it", "d2d98c504c946f7dcf5e4be63f0ff14153717daf", "error", None),
    "slow": ("slow it", "96f72772da26afc8be1858081dcca7ce604e36ca", "done", 20.0),
}

ABOUT = ("application", "compose", "database", "image", "branch")
"""Keys of a rule of ``builds`` that say what it is about."""


@dataclass(slots=True)
class Plan:
    """How one build will go: ``result`` (done or error) and the ``verdict`` that ends its log come after ``seconds``,
    over which ``lines`` are spread. Before them a clone says ``clone`` and takes ``clone_seconds``; ``has_branch``:
    then the code is on disk, and ``commit`` (message, hash) replaces the title. ``killable``: whether killBuild hits
    the build.
    """

    verdict: str
    result: str
    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)
    clone: list[str] = field(default_factory=list)
    clone_seconds: float = 0.0
    has_branch: bool = False
    commit: tuple[str, str] | None = None
    killable: bool = False


def said(rule: dict[str, Any]) -> list[str]:
    """What a rule lets a build say, with its line ends."""
    texts: list[str] = []
    for line in rule.get("log", ()):
        texts.append(line["part"] if isinstance(line, dict) else line if line.endswith("\r") else f"{line}\n")
    return texts


class BuildOutcomes:
    def __init__(self, config: Config) -> None:
        self.config = config

    def image_exists(self, image: str) -> bool:
        if self.config.world != "strict":
            return "missing" not in image
        name, _at, digest = image.partition("@")
        return image in CONTRACT_IMAGES or any(
            known.rpartition(":")[0] == name and self.digest(known) == digest for known in CONTRACT_IMAGES
        )

    def branch(self, store: Store, url: str, branch: str) -> tuple[str, str, str, float | None] | None:
        """What a clone of this branch finds; None when there is no such thing."""
        branch_of_rule = self._branch(url, branch)
        if branch in store.pushes:
            result, own = branch_of_rule[2:] if branch_of_rule else ("done", None)
            return *store.pushes[branch], result, own
        return branch_of_rule

    def _branch(self, url: str, branch: str) -> tuple[str, str, str, float | None] | None:
        if url == CONTRACT_REPOSITORY:
            return CONTRACT_BRANCHES.get(branch)
        if url == CONTRACT_COMPOSE_REPOSITORY:
            return CONTRACT_COMPOSE_COMMIT if branch == "main" else None
        if self.config.world == "strict" or "missing" in url or "missing" in branch:
            return None
        commit = hashlib.sha1(f"{url} {branch}".encode(), usedforsecurity=False).hexdigest()
        return f"work on {branch}", commit, "error" if branch == "broken" else "done", None

    def login_problem(self, url: str, username: str, password: str) -> str:
        """Why ``docker login`` fails, in its own words; empty when it does not."""
        logins = self.config.registry_logins.get(url)
        if logins is not None:
            if logins.get(username) == password:
                return ""
            failed = f"login attempt to http://{url}/v2/ failed with status: 401 Unauthorized"
            return f"Error response from daemon: {failed}\n"
        if "missing" not in url and (self.config.world != "strict" or url == CONTRACT_REGISTRY):
            return ""
        reason = f"dial tcp {url}: connect: connection refused"
        if not url:
            reason = "dial tcp: lookup registry.example on 192.0.2.53:53: no such host"
        address = f"http://{url}/v2/" if url else "https://registry.example/v2/"
        return f'Error response from daemon: Get "{address}": {reason}\n'

    def command(self, text: str) -> tuple[str, str]:
        """How a command of a schedule ends (done or error), and what it prints."""
        rule = self.rule_of_command(text)
        if rule is not None:
            return rule.get("result", "done"), rule.get("output", "")
        parts = [part.strip() for part in text.strip().replace("\n", ";").split(";")]
        output = "".join(f"{part[5:]}\n" for part in parts if part.startswith("echo "))
        return "error" if parts[-1] == "false" or FAILING.fullmatch(parts[-1]) else "done", output

    def rule_of_command(self, text: str) -> dict[str, str] | None:
        """The first rule of ``commands`` that is about it."""
        return next((rule for rule in self.config.commands if fnmatchcase(text, rule["command"])), None)

    def rule(self, row: Row) -> dict[str, Any]:
        """The first rule of ``builds`` that is about this application or compose and its present source."""
        image = row["dockerImage"] if row["sourceType"] == "docker" else None
        source = row["sourceType"]
        branch = None if source in ("docker", "drop", "raw") else row.get(self._branch_column(source))
        own = "compose" if "composeType" in row else "application"
        return self._first(**{own: row["name"]}, image=image, branch=branch)

    def database_rule(self, row: Row) -> dict[str, Any]:
        """The first rule of ``builds`` that is about this database and its image."""
        return self._first(database=row["name"], image=row["dockerImage"])

    def _first(self, **about: str | None) -> dict[str, Any]:
        """The first rule whose patterns fit, and that is not about something else."""
        rule: dict[str, Any]
        for rule in self.config.builds:
            patterns = {name: rule[name] for name in ABOUT if name in rule}
            if all(name in about and fnmatchcase(about[name] or "", text) for name, text in patterns.items()):
                return rule
        return {}

    @staticmethod
    def _branch_column(source: str) -> str:
        return {"git": "customGitBranch", "github": "branch"}.get(source, f"{source}Branch")

    def plan(self, store: Store, row: Row, kind: str) -> Plan:
        """Plan a ``deploy`` or ``redeploy`` of an application (everything joined)."""
        code = store.code.get(row["appName"])
        if row["sourceType"] == "docker":
            plan = self._docker(row, kind)
        elif row["sourceType"] != "drop" and kind == "deploy":
            plan = self._clone(store, row)
        elif code is None:
            lost = f"❌ The path /etc/dokploy/applications/{row['appName']}/code/ does not exist\n"
            plan = Plan((lost if row["sourceType"] == "drop" else "") + FAILED, "error")
        else:
            plan = self._build(row)
            lost = uploads.missing(store, row) if code == "upload" and row["sourceType"] == "drop" else ""
            if lost:
                plan.result, plan.verdict = "error", f"ERROR: failed to solve: {lost}\n{FAILED}"
        if self.config.next_results and plan.result == "done":
            plan.result = self.config.next_results.pop(0)
            if plan.result == "error":
                plan.verdict += FAILED
        return plan

    def _seconds(self, rule: dict[str, Any], own: float | None = None) -> float:
        return float(rule.get("seconds", self.config.build_seconds if own is None else own))

    def _docker(self, row: Row, kind: str) -> Plan:
        image, rule = row["dockerImage"], self.rule(row)
        if not image:
            return Plan(f"Docker image not found{FAILED}", "error")
        if kind == "redeploy":
            # A redeploy does not pull: it only updates the service.
            return Plan("", rule.get("result", "done"), self._seconds(rule))
        pulling = f"Pulling {image}\n"
        registry = row["registryUrl"] or ""
        if row["username"] and row["password"] and registry in self.config.registry_logins:
            problem = self.login_problem(registry, row["username"], row["password"])
            if problem:
                return Plan(f"{problem}❌ Login failed\n{FAILED}", "error", self._seconds(rule), [pulling])
        if not self.image_exists(image):
            manifest = (
                f"Error response from daemon: manifest for {image} not found: manifest unknown: manifest unknown\n"
            )
            verdict = f"{manifest}❌ Pulling image failed\n{FAILED}"
            return Plan(verdict, "error", self._seconds(rule), [pulling, *said(rule)])
        reference, _at, digest = image.partition("@")
        name, _unused, tag = reference.rpartition("/")[2].partition(":")
        label = image if digest else tag or "latest"
        lines = [pulling, f"{label}: Pulling from {name}\n", *said(rule)]
        verdict = (
            f"Digest: {digest or rule.get('digest') or self.digest(image)}\nStatus: Image is up to date for {image}\n"
            f"{image}\n✅ Pulling image completed.\n"
        )
        if rule.get("result") == "error":
            return Plan(verdict + FAILED, "error", self._seconds(rule), lines)
        return Plan(verdict, "done", self._seconds(rule), lines)

    @staticmethod
    def digest(image: str) -> str:
        """What a registry has under a name, unless a rule says otherwise."""
        return DIGEST if image == CONTRACT_IMAGE else f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"

    def _clone(self, store: Store, row: Row) -> Plan:
        """Clone and build a git source."""
        plan = self.clone(store, row, f"/etc/dokploy/applications/{row['appName']}/code")
        if not plan.has_branch:
            return plan
        build = self._build(row, plan.result, plan.seconds or None)
        build.clone, build.clone_seconds = plan.clone, plan.clone_seconds
        build.has_branch, build.commit = True, plan.commit
        return build

    def clone(self, store: Store, row: Row, path: str) -> Plan:
        """Clone a git source into the folder ``path``. Its ``result`` and ``seconds`` are what the branch says of the
        build that follows."""
        kind = row["sourceType"]
        if kind == "git":
            url, branch = row["customGitUrl"], row["customGitBranch"]
            if not url or not branch:
                return Plan(f"Error: ❌ Repository not found\n{FAILED}", "error")
            label = "Custom "
        else:
            if not store.exists(f"{kind}Id", row[f"{kind}Id"]) or row[f"{kind}Id"] is None:
                return Plan(f"Error: ❌ {kind.capitalize()} Provider not found\n{FAILED}", "error")
            prefix = "" if kind == "github" else kind
            owner, repository, branch = (row[self._column(prefix, name)] for name in ("owner", "repository", "branch"))
            url, label = f"{kind}.com/{owner}/{repository}.git", ""
        head = self.branch(store, url, branch or "")
        if head is None:
            lost = f"fatal: Remote branch {branch} not found in upstream origin\n"
            if row.get("composeType"):
                lost = f"warning: Could not find remote branch {branch} to clone.\n{lost}"
            plan = Plan(f"{lost}❌ [ERROR] Fail to clone the repository {url}\n{FAILED}", "error")
        else:
            message, commit, result, own = head
            rule = {} if branch in store.pushes else self.rule(row)
            commit_ = rule.get("message", message), rule.get("hash", commit)
            plan = Plan("", result, own or 0.0, has_branch=True, commit=commit_)
        plan.clone = [f"Cloning Repo {label}{url} to {path}: ✅\n", f"Cloning into '{path}'...\n"]
        plan.clone_seconds = float(self.rule(row).get("clone_seconds", 0.0))
        return plan

    @staticmethod
    def _column(prefix: str, name: str) -> str:
        return prefix + name.capitalize() if prefix else name

    def _build(self, row: Row, result: str = "done", seconds: float | None = None) -> Plan:
        rule = self.rule(row)
        result = rule.get("result", result)
        if self.config.world == "strict" and row["buildType"] != "dockerfile":
            # The recording's host had no other builder.
            result = "error"
        verdict = "✅ Docker build completed.\n"
        if result != "done":
            verdict = f"ERROR: failed to solve: exit code: 1\n{FAILED}"
        lines = [f"Building {row['appName']}\n", *said(rule)]
        killable = rule.get("killable", row["buildType"] == "dockerfile")
        return Plan(verdict, result, self._seconds(rule, seconds), lines, killable=killable)
