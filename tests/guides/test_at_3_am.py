# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page for an emergency: each command runs, word for word, in its situation, and prints what the page shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from dokploy_simulator import Simulator
from tests.guides.snippets import RST
from tests.guides.test_beside import Shop
from tests.support.effort import slow
from tools import workspace

PAGE = workspace.ROOT / "docs/docsite/rst/at_3_am.rst"
# What differs from run to run: times, sizes, names in Docker, and how long it took.
VARIABLE = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*Z?", "TIME"),
    (r"[\d.]+ (bytes|KiB)", "SIZE"),
    (r"(?<=service\.name=)[\w-]+", "NAME"),
    (r"\| [\d.]+ \| (?=whole|same|checked|not proven)", "| SECONDS | "),
)


def normalized(text: str) -> str:
    """A text without what differs from run to run, in one line."""
    for pattern, word in VARIABLE:
        text = re.sub(pattern, word, text)
    return " ".join(text.split())


def shown() -> list[tuple[str, list[str], list[str]]]:
    """Each command of the page: the heading above it, its words, and the lines that the page shows of its output."""
    parts = re.split(r"^(.+)\n-{3,}\n", PAGE.read_text(), flags=re.M)
    runs = []
    for heading, section in zip(parts[1::2], parts[2::2], strict=True):
        blocks = [(language, text) for _indent, language, text in RST.findall(section)]
        for (language, command), (_text, output) in zip(blocks[::2], blocks[1::2], strict=True):
            assert language == "console"
            words = shlex.split(command.replace("\\\n", " "))[1:]
            runs.append((heading, words, [line.strip() for line in output.splitlines() if line.strip()]))
    return runs


class Night(Shop):
    """A shop with a set, and what becomes of it."""

    def document(self) -> dict[str, Any]:
        document = super().document()
        production = document["projects"][0]["environments"][0]
        production["databases"] = production["databases"][:2]
        del production["compose"], production["databases"][0]["external_port"]
        production["applications"][0]["mounts"] = [{"type": "volume", "name": "uploads", "path": "/uploads"}]
        return document

    def environment(self) -> dict[str, Any]:
        """The environment of the shop, with its services."""
        (project,) = self.sim.execute("project.all")
        environment_id = project["environments"][0]["environmentId"]
        environment: dict[str, Any] = self.sim.execute("environment.one", environmentId=environment_id)
        return environment

    def refer(self) -> None:
        """The application gets the URL of the database."""
        environment = self.environment()
        db = self.sim.execute("postgres.one", postgresId=environment["postgres"][0]["postgresId"])
        url = "DATABASE_URL=postgresql://shop:made-up-password@%s:5432/shop" % db["appName"]
        application_id = environment["applications"][0]["applicationId"]
        self.sim.execute(
            "application.saveEnvironment",
            applicationId=application_id,
            env=url,
            buildArgs="",
            buildSecrets="",
            createEnvFile=False,
        )

    def lose_kind(self, kind: str) -> None:
        """The services of a kind are lost, with their data."""
        key, remove = (kind + "Id", kind + ".remove") if kind != "application" else ("applicationId", kind + ".delete")
        for row in self.environment()["applications" if kind == "application" else kind]:
            self.sim.execute(remove, **{key: row[key]})

    def lose(self) -> None:
        """Everything is lost."""
        for kind in ("postgres", "mariadb", "application"):
            self.lose_kind(kind)
        (project,) = self.sim.execute("project.all")
        self.sim.execute("project.remove", projectId=project["projectId"])
        (destination,) = self.sim.execute("destination.all")
        self.sim.execute("destination.remove", destinationId=destination["destinationId"])
        self.sim.apart(self.sim.server.store.volumes.clear)

    def forget_and_lose(self) -> None:
        """A database is lost, whose rows the set has not counted."""
        file = self.folder / "sets/newest/archives.yml"
        content = yaml.safe_load(file.read_text())
        for archive in content["archives"]:
            if archive["database_type"] == "mariadb":
                archive["fingerprint"] = None
        file.write_text(yaml.safe_dump(content))
        self.lose_kind("mariadb")

    def taken_over(self) -> None:
        """The database exists again, without the data of the set, and the application does not."""
        self.lose_kind("postgres")
        self.lose_kind("application")
        self.sim.apart(lambda: self.sim.server.store.volumes.pop("uploads"))
        self.run("shop.json")
        self.lose_kind("application")
        self.sim.apart(lambda: self.sim.server.store.volumes.pop("uploads", None))


@slow
def test_each_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    with Simulator() as sim:
        night = Night(sim, tmp_path)
        (tmp_path / "vault-password").write_text("made-up")
        (tmp_path / "another").write_text("another")
        night.refer()
        sim.act(insert="db", table="orders", count=3)
        sim.act(write="uploads", path="cat.png", data="miaow")
        vault = ("--vault-password-file", "vault-password")
        options = ("-e", "backup_dest=sets", "-e", "backup_destination=offsite")
        status, output = night.status("community.dokploy.backup", *options, *vault)
        assert status == 0, output
        situations: dict[str, Callable[[], None]] = {
            "The server is lost": night.lose,
            "One service only": lambda: night.lose_kind("postgres"),
            'The report says "missing" or "waits"': night.taken_over,
            'The report says "not proven"': night.forget_and_lose,
        }
        failing = {"The password is wrong", 'The report says "not proven"'}
        for heading, words, lines in shown():
            situations.pop(heading, lambda: None)()
            status, output = night.status(words[1], *words[2:])
            assert words[0] == "ansible-playbook"
            fails = heading in failing or ("waits" in heading and "recover_keep" not in " ".join(words))
            assert status == (2 if fails else 0), (heading, output)
            text = normalized(output)
            for line in lines:
                assert normalized(line) in text, (heading, line, output)
        assert situations == {}


def test_readme_leads_to_the_page() -> None:
    assert "(docs/docsite/rst/at_3_am.rst)" in (workspace.ROOT / "README.md").read_text()
