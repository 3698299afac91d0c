# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play the recorded requests against a simulator and judge its answers."""

from __future__ import annotations

import io
import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.simulator import Simulator

from .compare import Comparison, Names
from .exceptions import BESIDE, DEPLOYS, PREPARE, RECORDS, SETTINGS

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"<secret:\d+>")
# From the table in the recording's README: the sections that must have been played before. (The environment that
# 5-databases reads was filled by two more, the project of 6-cascade got its env in 6-never-deployed.)
NEEDS = {
    "1-auth": "bootstrap",
    "2-ratelimit": "bootstrap",
    "3-app-create": "3-project-env",
    "3-app-update": "3-app-create 3-project-env",
    "3-app-save": "3-project-env",
    "4-deploy": "3-project-env",
    "4-deploy-git": "3-project-env",
    "3-drop": "3-project-env",
    "3-delete": "4-deploy-git",
    "misc": "3-project-env",
    "5-domain": "misc",
    "5-mounts": "misc",
    "5-port": "misc",
    "5-schedule": "misc",
    "5-volumeBackups": "5-destination misc",
    "5-patch": "misc",
    "5-registry": "misc",
    "5-sshKey": "bootstrap",
    "5-server": "3-project-env",
    "5-compose": "3-project-env",
    "5-databases": "3-project-env 3-app-create 5-compose",
    "5-databases-remove": "5-databases",
    "6-env": "6-concurrency",
    "6-never-deployed": "6-concurrency",
    "6-cascade": "6-concurrency 6-env 6-never-deployed",
    "6-misc": "misc",
    "5-redirects": "9-trpc",
    "5-security": "9-trpc",
    "3-webhook": "9-trpc",
    "4-deploy-poll": "9-trpc",
}
LIMIT_SECONDS = 20.0


def contract_dir() -> Path | None:
    """Where the recording is, if it is anywhere: ``DOKPLOY_CONTRACT_DIR``, else beside the checkout."""
    path = Path(os.environ.get("DOKPLOY_CONTRACT_DIR") or ROOT.parent / "shared" / "contract")
    return path if (path / "pairs.jsonl").is_file() else None


@dataclass(frozen=True)
class Record:
    """One recorded request; ``key`` is its section and its number there, from 1."""

    key: str
    section: str
    data: dict[str, Any]

    @property
    def procedure(self) -> str:
        return str(self.data["path"]).partition("?")[0].removeprefix("/api/").removeprefix("trpc/").partition(",")[0]

    def __str__(self) -> str:
        return f"{self.key} {self.data['method']} {self.data['path'][:80]} ({self.data['note']})"


def records(directory: Path) -> Iterator[Record]:
    counts: dict[str, int] = {}
    with (directory / "pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            section = data["section"]
            counts[section] = counts.get(section, 0) + 1
            yield Record(f"{section}#{counts[section]}", section, data)


def zip_file(record: Record) -> bytes:
    """The file of a multipart record: what its note says."""
    if "not a zip" in record.data["note"]:
        return b"this is no zip file"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", "FROM scratch\n")
        if "3 MB" in record.data["note"]:
            archive.writestr("big", os.urandom(3_000_000))
    return buffer.getvalue()


class Player:
    """One simulator in the recorded world, and the names of its things."""

    def __init__(self, directory: Path) -> None:
        self.by_section: dict[str, list[Record]] = {}
        for record in records(directory):
            self.by_section.setdefault(record.section, []).append(record)
        self.names = Names()
        self.played: set[str] = set()
        self.results: dict[str, list[str]] = {}
        self.cookie = ""
        self.session = requests.Session()
        self.session.trust_env = False
        builds = [{"branch": "slow", "seconds": 60}]
        self.sim = Simulator(world="strict", builds=builds, admin_password=self.secret("<secret:2>"))
        self.sim.start()
        self.names.learn("<secret:1>", self.sim.key)

    def close(self) -> None:
        self.session.close()
        self.sim.stop()

    # --- names -----------------------------------------------------------------------------------------------------

    def secret(self, name: str) -> str:
        """Our value for a secret; a new one is made up, in the form the server accepts."""
        if name not in self.names.own:
            number = name.strip("<>").split(":")[1]
            own = f"Secret-{number}-of-the-contract"
            if number in ("27", "28"):
                own = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{own}\n-----END OPENSSH PRIVATE KEY-----\n"
            self.names.learn(name, own)
        return self.names.own[name]

    def translate(self, value: Any) -> Any:
        for name in SECRET.findall(json.dumps(value)):
            self.secret(name)
        return self.names.translate(value)

    # --- playing ---------------------------------------------------------------------------------------------------

    def play(self, section: str) -> None:
        """Play a section once, the ones it needs before it. What differs is in ``results`` by record key."""
        if section in self.played:
            return
        self.played.add(section)
        for needed in ("bootstrap", *NEEDS.get(section, "").split()):
            self.play(needed)
        self.sim.config(**SETTINGS.get(section, {}))
        for record in self.by_section[section]:
            for procedure, value in PREPARE.get(record.key, ()):
                self.extra(procedure, value)
            before = self.columns(record)
            problems = self.judge(record, self.send(record))
            if before is not None:
                problems += self.judge_columns(record, before)
            self.results[record.key] = problems
            if record.key not in BESIDE and any(word in record.data["path"] for word in DEPLOYS):
                self.wait_idle()

    def extra(self, procedure: str, value: Any) -> None:
        """A call that the recording left out but whose effect later records show."""
        if procedure in ("wait", "running", "finish", "idle"):
            self.pause(procedure, value)
            return
        beside, procedure = procedure.endswith("&"), procedure.removesuffix("&")
        url = f"{self.sim.url}/api/{procedure}"
        response = self.session.post(url, json=self.translate(value), headers={"x-api-key": self.sim.key})
        assert response.status_code == 200, (procedure, response.text)
        if procedure in DEPLOYS and not beside:
            self.wait_idle()

    def pause(self, what: str, seconds: float | None) -> None:
        if what == "wait":
            time.sleep(seconds or 0)
            return
        if what == "running":
            self.until(lambda: any(job.row for job in self.sim.server.queue.active))
            return
        if what == "finish":
            self.sim.act(finish=True)
        self.wait_idle()

    @staticmethod
    def until(true: Callable[[], bool]) -> None:
        """Wait for what another thread brings about; the limit only ends a hanging test."""
        end = time.monotonic() + LIMIT_SECONDS
        while not true():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.01)

    def wait_idle(self) -> None:
        """Until no build runs, the last write of the last one included."""
        self.until(lambda: not self.query("deployment.queueList", {}))

    def query(self, procedure: str, params: dict[str, str]) -> Any:
        url = f"{self.sim.url}/api/{procedure}"
        return self.session.get(url, params=params, headers={"x-api-key": self.sim.key}).json()

    def send(self, record: Record) -> requests.Response:
        data = record.data
        path = self.translate(data["path"])
        path = re.sub(r"<(\d+) characters>", lambda match: "x" * int(match.group(1)), path)
        headers = self.translate(data.get("request_headers", {"x-api-key": "<secret:1>"}))
        headers = {name: value.replace("<session>", self.cookie) for name, value in headers.items()}
        body: dict[str, Any] = {}
        request = self.translate(data["request"])
        if "request_raw" in data:
            body["data"] = self.translate(data["request_raw"]).encode()
        elif isinstance(request, dict) and "multipart" in request:
            body["files"] = {name: ("code.zip", zip_file(record), "application/zip") for name in request["multipart"]}
            body["data"] = request["data"]
        elif request is not None:
            body["json"] = request
        self.session.cookies.clear()
        response = self.session.request(
            data["method"],
            self.sim.url + path,
            params=self.translate(data.get("params")),
            headers=headers,
            allow_redirects=False,
            timeout=30,
            **body,
        )
        self.cookie = response.cookies.get("better-auth.session_token") or self.cookie
        return response

    # --- judging ---------------------------------------------------------------------------------------------------

    def judge(self, record: Record, response: requests.Response) -> list[str]:
        data, problems = record.data, []
        if response.status_code != data["status"]:
            problems.append(f"status: recorded {data['status']}, got {response.status_code} {response.text[:300]}")
        if response.headers.get("Content-Type") != data["content_type"]:
            problems.append(f"type: recorded {data['content_type']}, got {response.headers.get('Content-Type')}")
        try:
            body = response.json() if response.content else ""
        except ValueError:
            body = response.text
        return problems + Comparison(self.names).run(data["response"], body)

    @staticmethod
    def forgive(record: Record, problems: list[str]) -> list[str]:
        """The problems that no exception covers."""
        places, _reason = RECORDS.get(record.key, ("(?!)", ""))
        return [problem for problem in problems if not re.match(places, problem.split(": ")[0])]

    def columns(self, record: Record) -> dict[str, Any] | None:
        """The application's columns before a record that tells what it changed."""
        if "changed" not in record.data:
            return None
        application = self.translate(record.data["request"]["applicationId"])
        row: dict[str, Any] = self.query("application.one", {"applicationId": application})
        return row

    def judge_columns(self, record: Record, before: dict[str, Any]) -> list[str]:
        """Every recorded column must have its recorded new value, and no other column may have changed."""
        after = self.columns(record) or {}
        recorded: dict[str, Any] = record.data["changed"]
        problems = []
        for name, (_old, new) in recorded.items():
            problems += Comparison(self.names).run(new, after[name], f"changed.{name}", name)
        for name in before.keys() - recorded.keys() - {"environment"}:
            if before[name] != after[name]:
                problems.append(f"changed.{name}: recorded unchanged, got {before[name]!r} -> {after[name]!r}")
        return problems
