# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S3 in memory: the files of each bucket, and what rclone says of a destination that is out of reach."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..store.store import Row, iso
from . import archives
from .config import Config

CONTRACT_STORES = {"http://127.0.0.1:5055": ("r1bucket", ""), "http://127.0.0.1:5566": ("r2-bucket",)}
"""What exists in the strict world. Without a bucket in its address rclone lists all of them."""

LIMIT = 100
"""As many files a list shows at most."""


def quoted(text: str) -> str:
    """A word as the server escapes it for the shell."""
    if not text or re.search(r"[\"\s]", text) and "'" not in text:
        return f"'{text}'"
    return re.sub(r"([!\"$&'()*,:;<=>?@\[\\\]^`{|}#])", r"\\\1", text)


def flags(destination: Row, *between: str) -> str:
    """rclone's flags for a destination, with both keys in clear; ``between``: those before the additional ones."""
    return " ".join(
        [
            *([f"--s3-provider={quoted(destination['provider'])}"] if destination["provider"] else []),
            f"--s3-access-key-id={quoted(destination['accessKey'])}",
            f"--s3-secret-access-key={quoted(destination['secretAccessKey'])}",
            f"--s3-region={quoted(destination['region'])}",
            f"--s3-endpoint={quoted(destination['endpoint'])}",
            "--s3-no-check-bucket",
            "--s3-force-path-style",
            *between,
            *(destination.get("additionalFlags") or []),
        ]
    )


def stamp() -> str:
    """The time before each line of rclone's."""
    return datetime.now(UTC).strftime("%Y/%m/%d %H:%M:%S")


def notice() -> str:
    """What rclone says first, on the error channel, whatever it does."""
    return f'{stamp()} NOTICE: Config file "~/.config/rclone/rclone.conf" not found - using defaults\n'


def folder(prefix: str) -> str:
    """A prefix without slashes around it and with one behind it; empty for none."""
    plain = prefix.strip().strip("/")
    return f"{plain}/" if plain else ""


@dataclass(frozen=True)
class Reach:
    """``problem`` is empty when the bucket is there; else ``bucket`` (no such bucket), ``refused`` or ``silent``."""

    problem: str
    endpoint: str
    bucket: str

    def why(self) -> str:
        """rclone's reason when it cannot open the bucket."""
        if self.problem == "bucket":
            return "directory not found"
        host = self.endpoint.rpartition("/")[2]
        reason = "connect: connection refused" if self.problem == "refused" else "i/o timeout"
        address = f"{self.endpoint}/{self.bucket}?delimiter=&max-keys=1000&prefix="
        return f'RequestError: send request failed\ncaused by: Get "{address}": dial tcp {host}: {reason}'

    def failed_upload(self, name: str) -> str:
        """The log of an upload that is tried three times."""
        why = "NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404, request id: 1, host id: "
        if self.problem != "bucket":
            why = self.why()
        tries = "".join(
            f"{stamp()} ERROR : {name}: Failed to copy: {why}\n"
            f"{stamp()} ERROR : Attempt {number}/3 failed with 1 errors and: {why}\n"
            for number in (1, 2, 3)
        )
        return f"{tries}{stamp()} Failed to copyto: {why}\n"


class Buckets:
    """``files``: (endpoint, bucket) to path to content, which ``archives`` writes and reads."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.files: dict[tuple[str, str], dict[str, str]] = {}
        # (endpoint, bucket) -> the problem that it has for now
        self.outages: dict[tuple[str, str], str] = {}
        self.last = datetime.min.replace(tzinfo=UTC)
        # Set when other buckets take the place of these, so that no request of before is left behind.
        self.replaced = asyncio.Event()

    def reach(self, destination: Row) -> Reach:
        endpoint, bucket = destination["endpoint"], destination["bucket"]
        strict = self.config.world == "strict"
        problem = self.outages.get((endpoint, bucket), "")
        if problem:
            return Reach(problem, endpoint, bucket)
        if "silent" in endpoint:
            problem = "silent"
        elif "missing" in endpoint or (strict and endpoint not in CONTRACT_STORES):
            problem = "refused"
        elif "missing" in bucket or (strict and bucket not in CONTRACT_STORES[endpoint]):
            problem = "bucket"
        return Reach(problem, endpoint, bucket)

    async def tried(self, destination: Row) -> Reach:
        """The same after the time that rclone tries: 88 to 90 s were measured, here it is a setting."""
        reach = self.reach(destination)
        seconds = {"silent": self.config.block_seconds, "refused": self.config.unreachable_seconds}.get(
            reach.problem, 0
        )
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.replaced.wait(), seconds)
        return reach

    def file_time(self) -> str:
        """The time in the name of a file. A real backup takes longer than a millisecond, so no two have the same."""
        self.last = max(datetime.now(UTC), self.last + timedelta(milliseconds=1))
        return iso(self.last).replace(":", "-").replace(".", "-")

    def of(self, destination: Row) -> dict[str, str]:
        return self.files.setdefault((destination["endpoint"], destination["bucket"]), {})

    def listed(self, destination: Row, search: str) -> list[Row]:
        """One level of the bucket: up to its last slash ``search`` is a folder, the rest filters paths."""
        base, _slash, term = search.rpartition("/")
        base = folder(base)
        rows: dict[str, Row] = {}
        for path, content in sorted(self.of(destination).items()):
            name, slash, _below = path.removeprefix(base).partition("/")
            if not path.startswith(base) or term.lower() not in f"{base}{name}".lower():
                continue
            row: Row = {"Path": f"{base}{name}", "Name": name, "Size": 0, "ModTime": "", "IsDir": bool(slash)}
            rows[name] = row if slash else {**row, "Size": archives.size(name, content), "Tier": "STANDARD"}
        return list(rows.values())[:LIMIT]

    def keep(self, destination: Row, base: str, count: int | None, belongs: re.Pattern[str]) -> None:
        """Delete the older files of a folder, by their names; none or zero keeps all."""
        files = self.of(destination)
        names = [path for path in files if path.startswith(base) and belongs.fullmatch(path.removeprefix(base))]
        for path in sorted(names, reverse=True)[count:] if count else []:
            del files[path]

    def as_dict(self) -> dict[str, dict[str, str]]:
        """``{"ENDPOINT/BUCKET": {PATH: STATE}}``: of each file the state of the data in it."""
        return {
            f"{endpoint}/{bucket}": {path: archives.state(content) for path, content in files.items()}
            for (endpoint, bucket), files in self.files.items()
        }
