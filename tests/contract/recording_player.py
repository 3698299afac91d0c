# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play recorded requests against a simulator and judge its answers, whichever recording they are from."""

from __future__ import annotations

import io
import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST_MEASURED
from dokploy_simulator.api.services import SERVICES

from .compare import Comparison, Names

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"<secret:\d+>")
# More than the server takes.
LONG = 1_100_000
LIMIT_SECONDS = 20.0
# How a server-sent event stream ended in the recording when the server ended it.
CLOSED = "closed by server"
# Client timeout for a record that the recording's client gave up on.
GIVE_UP_SECONDS = 0.3
# Numbers of secrets in pairs.jsonl that are OpenSSH keys and that no answer tells.
PRIVATE_KEYS = ("27", "28")

# Paths that start a build.
DEPLOYS = (
    *("application.deploy", "application.redeploy", "dropDeployment", "compose.deploy", "compose.redeploy"),
    "/deploy/",
)


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

    @property
    def row(self) -> tuple[str, str]:
        """The router of the procedure and the key of its rows."""
        router = self.procedure.partition(".")[0]
        return router, "volumeBackupId" if router == "volumeBackups" else f"{router}Id"

    def __str__(self) -> str:
        return f"{self.key} {self.data['method']} {self.data['path'][:80]} ({self.data['note']})"


def records(file: Path) -> Iterator[Record]:
    counts: dict[str, int] = {}
    with file.open(encoding="utf-8") as lines:
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


def made_up(name: str, private_keys: tuple[str, ...] = PRIVATE_KEYS) -> str:
    """Our value for a secret of the recording, in the form the server accepts."""
    number = name.strip("<>").split(":")[1]
    own = f"Secret-{number}-of-the-contract"
    if number in private_keys:
        return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{own}\n-----END OPENSSH PRIVATE KEY-----\n"
    return own


class Player:
    """One simulator in the recorded world, and the names of its things. ``results``: what differs, by record key."""

    private_keys: tuple[str, ...] = PRIVATE_KEYS

    def __init__(self, key_name: str, **config: Any) -> None:
        """``key_name`` is what the recording calls the admin's key."""
        self.names = Names()
        self.results: dict[str, list[str]] = {}
        self.cookie = ""
        self.key_name = key_name
        self.session = requests.Session()
        self.session.trust_env = False
        self.sim = Simulator(**{"version": NEWEST_MEASURED, "world": "strict", "sign_in_seconds": 10.0, **config})
        self.sim.start()

    def close(self) -> None:
        self.session.close()
        self.sim.stop()

    # --- names -----------------------------------------------------------------------------------------------------

    def secret(self, name: str) -> None:
        """A secret that no answer has told is made up."""
        if name not in self.names.own:
            self.names.learn(name, made_up(name, self.private_keys))

    def translate(self, value: Any) -> Any:
        for name in SECRET.findall(json.dumps(value)):
            self.secret(name)
        return self.names.translate(value)

    # --- playing ---------------------------------------------------------------------------------------------------

    def play_record(self, record: Record, prepare: Iterable[tuple[str, Any]] = (), wait: bool = True) -> None:
        """Play and judge a record after the calls of ``prepare``. ``wait``: until what it started has ended."""
        for procedure, value in prepare:
            self.extra(procedure, value)
        before = self.columns(record)
        try:
            problems = self.judge(record, self.send(record))
        except requests.Timeout:
            problems = [] if record.data["status"] is None else ["status: no answer in time"]
        if before is not None:
            problems += self.judge_columns(record, before)
        self.results[record.key] = problems
        if wait and any(word in record.data["path"] for word in DEPLOYS):
            self.wait_idle()

    def extra(self, procedure: str, value: Any) -> None:
        """A call that the recording left out but whose effect later records show."""
        if procedure in ("config", "act"):
            getattr(self.sim, procedure)(**self.translate(value))
            return
        if procedure in ("wait", "running", "finish", "idle"):
            self.pause(procedure, value)
            return
        beside, procedure = procedure.endswith("&"), procedure.removesuffix("&")
        url = f"{self.sim.url}/api/{procedure}"
        response = self.session.post(
            url, json=self.translate(value), headers={"x-api-key": self.translate(self.key_name)}
        )
        assert response.status_code == 200, (procedure, response.text)
        if procedure in DEPLOYS and not beside:
            self.wait_idle()

    def pause(self, what: str, seconds: float | None) -> None:
        if what == "wait":
            time.sleep(seconds or 0)
            return
        if what == "running":
            self.until(lambda: any(job["deploymentId"] for job in self.sim.jobs()))
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
        """Until no build runs or waits, the last write of the last one included."""
        self.until(lambda: not self.sim.jobs())

    def query(self, procedure: str, params: dict[str, str]) -> Any:
        url = f"{self.sim.url}/api/{procedure}"
        return self.session.get(url, params=params, headers={"x-api-key": self.translate(self.key_name)}).json()

    def send(self, record: Record) -> requests.Response:
        """Raises ``requests.Timeout`` soon when the recording's client gave up, too."""
        data = record.data
        path = self.translate(data["path"])
        path = re.sub(r"<(\d+) characters>", lambda match: "x" * int(match.group(1)), path)
        headers = self.translate(data.get("request_headers", {"x-api-key": self.key_name}))
        headers = {name: value.replace("<session>", self.cookie) for name, value in headers.items()}
        body: dict[str, Any] = {}
        request = self.translate(data["request"])
        if "request_raw" in data:
            text = self.translate(data["request_raw"])
            body["data"] = (f'{{"name":"{"x" * LONG}"}}' if text == "<long>" else text).encode()
        elif isinstance(request, dict) and "multipart" in request:
            body["files"] = {name: ("code.zip", zip_file(record), "application/zip") for name in request["multipart"]}
            body["data"] = request["data"]
        elif request is not None:
            body["json"] = request
        self.session.cookies.clear()
        cut = data.get("stream_end", CLOSED) != CLOSED
        response = self.session.request(
            data["method"],
            self.sim.url + path,
            params=self.translate(data.get("params")),
            headers=headers,
            allow_redirects=False,
            timeout=GIVE_UP_SECONDS if data["status"] is None else 30,
            stream=cut,
            **body,
        )
        if cut:
            response._content = self.beginning(response, data["response"])
        if "stream_end" in data:
            response.encoding = "utf-8"
        self.cookie = response.cookies.get("better-auth.session_token") or self.cookie
        return response

    @staticmethod
    def beginning(response: requests.Response, recorded: str) -> bytes:
        """As many events of a stream as were recorded before the client closed it."""
        text = b""
        for part in response.iter_content(None):
            text += part
            if text.count(b"data: ") >= recorded.count("data: "):
                break
        response.close()
        return text.rstrip(b"\n") + b"\n" * (len(recorded) - len(recorded.rstrip("\n")))

    # --- judging ---------------------------------------------------------------------------------------------------

    def judge(self, record: Record, response: requests.Response) -> list[str]:
        data, problems = record.data, []
        if response.status_code != data["status"]:
            problems.append(f"status: recorded {data['status']}, got {response.status_code} {response.text[:300]}")
        if response.headers.get("Content-Type") != data["content_type"]:
            problems.append(f"type: recorded {data['content_type']}, got {response.headers.get('Content-Type')}")
        return problems + Comparison(self.names).run(self.recorded(record), self.body(response))

    def recorded(self, record: Record) -> Any:
        return record.data["response"]

    @classmethod
    def body(cls, response: requests.Response) -> Any:
        """Parsed, as the recording has it; an empty one is ``""``."""
        try:
            return response.json() if response.content else ""
        except ValueError:
            return response.text

    def columns(self, record: Record) -> dict[str, Any] | None:
        """The columns of the row before a record that tells what it changed."""
        if "changed" not in record.data:
            return None
        router, key = record.row
        row: dict[str, Any] = self.query(f"{router}.one", {key: self.translate(record.data["request"][key])})
        return row

    def judge_columns(self, record: Record, before: dict[str, Any]) -> list[str]:
        """Every recorded column must have its recorded new value, and no other column may have changed."""
        after = self.columns(record) or {}
        recorded: dict[str, Any] = record.data["changed"]
        problems = []
        for name, (_old, new) in recorded.items():
            problems += Comparison(self.names).run(new, after.get(name), f"changed.{name}", name)
        for name in before.keys() - recorded.keys() - {"environment", "destination", *SERVICES}:
            if before[name] != after.get(name):
                problems.append(f"changed.{name}: recorded unchanged, got {before[name]!r} -> {after.get(name)!r}")
        return problems


def unforgiven(exceptions: dict[str, tuple[str, str]], record: Record, problems: list[str]) -> list[str]:
    """The problems that no exception covers: record key -> (pattern of the places that may differ, reason)."""
    places, _reason = exceptions.get(record.key, ("(?!)", ""))
    return [problem for problem in problems if not re.match(places, problem.split(": ")[0])]


def verdict(played: Iterable[Record], results: dict[str, list[str]], exceptions: dict[str, tuple[str, str]]) -> str:
    """What a test says about a section: what differs, and the exceptions that are not needed. Empty: all agrees."""
    lines = []
    for record in played:
        problems = results[record.key]
        wrong = unforgiven(exceptions, record, problems)
        if wrong:
            lines.append("\n  ".join([str(record), *wrong]))
        if not problems and record.key in exceptions:
            lines.append(f"{record}: agrees, so its exception can go: {exceptions[record.key]}")
    return "\n".join(lines)
