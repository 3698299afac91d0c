# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be broken of a shop, of its sets and of its bucket, and what the report of a run may then say of its data.

Each function breaks one thing, and returns the variables with which a playbook meets it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.real import looks
from tests.real.data_project import PASSWORD, STORES, document
from tests.real.data_shop import Moment, Shop
from tests.real.losing import losing
from tests.real.numbered import Store, rows_in
from tests.real.playbooks import Play, Running, Server, run, start_playbook, task
from tests.real.shop import docker
from tools.real.s3 import ANY_KEY
from tools.workspace import VENV

Variables = dict[str, Any]
Content = dict[str, Any]
ARCHIVES, VAULT = "archives.yml", "the right password"
#: What a report says of data that is what the set saw.
PROVEN = ("same", "checked")
IN_PLACE = ("restored", "present")


@dataclass
class Broken:
    """The shop with two sets, of which the second one has more rows.

    :ivar words: of the command line of the next run. :ivar mends: what is done after it.
    """

    shop: Shop
    first_set: Path
    second_set: Path
    number: int = 0
    words: list[str] = field(default_factory=list)
    mends: list[Callable[[], object]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"{self.shop.name}/production"

    def path(self, name: str) -> str:
        return f"{self.place}/{name}"

    def folder(self, name: str) -> Path:
        """One that is not there yet."""
        self.number += 1
        return self.shop.folder / f"{self.number}-{name}"

    def copy(self, edit: Callable[[Content], object] = lambda _content: None) -> Path:
        """A copy of the first set, with other words in its file of archives."""
        place = self.folder("set")
        shutil.copytree(self.first_set, place)
        content = yaml.safe_load((place / ARCHIVES).read_text())
        edit(content)
        (place / ARCHIVES).write_text(yaml.safe_dump(content))
        return place

    def only(self, *names: str) -> Variables:
        return {"recover_only": [self.path(name) for name in names]}

    def run(self, playbook: str, server: Server, variables: Mapping[str, Any]) -> tuple[Play, dict[str, Any]]:
        """A run, and its report; empty where it made none."""
        folder = self.folder(playbook)
        report = folder.with_suffix(".json")
        known = {
            "dokploy_url": server.url,
            "dokploy_api_key": server.key,
            f"{playbook}_reports": [str(report)],
            "dokploy_request_timeout": 900,
            **self.shop.variables(playbook, "action"),
            **variables,
        }
        play = start_playbook(playbook, folder, known, *self.words).end()
        return play, json.loads(report.read_text()) if report.is_file() else {}

    def apply(self, server: Server, services: Mapping[str, Any], environment: str = "production") -> None:
        """Bring up services of the project."""
        places = [{"name": environment, **services}]
        project = {"name": self.shop.name, "environments": places}
        play = run(server, self.folder("apply"), [task("apply", "dokploy_manifest", projects=[project])])
        assert play.status == 0, play.output

    # --- what reports say of data, and what is there ---

    def claimed(self, report: Mapping[str, Any]) -> set[str]:
        """The services of which a report says that all of their data is what the set saw."""
        rows = report.get("archives") or []
        good: dict[str, bool] = {}
        for row in rows:
            is_good = row["outcome"] in IN_PLACE and row["proof"] in PROVEN
            good[row["path"]] = good.get(row["path"], True) and is_good
        return {path.rpartition("/")[2] for path, is_good in good.items() if is_good}

    def untrue(self, server: Server, claimed: set[str], names: Mapping[str, str], environment: str) -> list[str]:
        """What is wrong with the rows of services, each one beside those that were acknowledged before it was saved.

        :param names: the services as the set has them, by what they are called now.
        """
        there = {name: row["appName"] for name, row in services_in(server, self.shop.name, environment).items()}
        problems = []
        for name in claimed:
            for store in STORES:
                if store.name == names.get(name, name):
                    writer = self.shop.writers[f"{store.name}/{store.inside}"]
                    problems += writer.lost(self._rows(store, there[name]), self.saved_at(store))
        return problems

    def _rows(self, store: Store, app_name: str) -> list[tuple[int, str]]:
        """What is there, also where an application waits for another service."""
        if store.container(app_name) or store.name != "web":
            return store.rows(app_name)
        volume = f"{self.shop.name}-data:/data"
        return rows_in(docker("run", "--rm", "-v", volume, self.shop.known["REAL_IMAGE"], *store.read))

    def saved_at(self, store: Store) -> str:
        """When the first set has the data of a store."""
        (time,) = (
            archive["created_at"]
            for archive in yaml.safe_load((self.first_set / ARCHIVES).read_text())["archives"]
            if archive["path"] == self.path(store.name) and (archive["what"] == "volume") == store.in_volume
        )
        return str(time)


def services_in(server: Server, project: str, environment: str) -> dict[str, dict[str, Any]]:
    """The services of an environment, by their names."""
    found = looks.services(server, project)
    return {name: row for name, row in found.items() if row["environment"]["name"] == environment}


# --- the bucket ---


def _of(broken: Broken, place: Path, name: str) -> Content:
    """The archive of the database of a service in a set."""
    archives = yaml.safe_load((place / ARCHIVES).read_text())["archives"]
    (archive,) = (row for row in archives if row["path"] == broken.path(name) and row["what"] == "database")
    return dict(archive)


def _put_back(broken: Broken, archive: Content) -> str:
    """The URL of an archive, which is whole again after the run."""
    url = f"{archive['destination']['endpoint']}/{archive['destination']['bucket']}/{archive['file']}"
    headers = {"authorization": ANY_KEY}
    content = requests.get(url, headers=headers, timeout=60)
    content.raise_for_status()
    broken.mends.append(lambda: requests.put(url, content.content, headers=headers, timeout=60).raise_for_status())
    return url


def archive_gone(broken: Broken) -> Variables:
    """An archive of the older set is no longer in the bucket."""
    url = _put_back(broken, _of(broken, broken.first_set, "db"))
    requests.delete(url, headers={"authorization": ANY_KEY}, timeout=60).raise_for_status()
    return {"recover_set": str(broken.first_set), **broken.only("db")}


def archive_gone_before_a_look(broken: Broken) -> Variables:
    archive_gone(broken)
    broken.words = ["--check"]
    return {}


def cut_archive(broken: Broken) -> Variables:
    """The half of a dump, which the set knows with that size."""
    archive = _of(broken, broken.first_set, "db")
    url = _put_back(broken, archive)
    headers = {"authorization": ANY_KEY}
    content = requests.get(url, headers=headers, timeout=60).content
    requests.put(url, content[: len(content) // 2], headers=headers, timeout=60).raise_for_status()

    def cut(known: Content) -> None:
        for row in known["archives"]:
            if row["file"] == archive["file"]:
                row["size"] = len(content) // 2

    return {"recover_set": str(broken.copy(cut)), **broken.only("db")}


def bucket_away(broken: Broken) -> Variables:
    """Nothing listens where the bucket was."""
    place = broken.copy(lambda known: [row["destination"].update(endpoint=_NOWHERE) for row in known["archives"]])
    endpoint = broken.shop.known["REAL_S3"]
    for file in (place / "instance").rglob("*.yml"):
        file.write_text(file.read_text().replace(endpoint, _NOWHERE))
    return {"recover_set": str(place)}


_NOWHERE = "http://127.0.0.1:9"


# --- the sets ---


def _with_other_data(broken: Broken) -> str:
    """A set with the archives of another one below its own fingerprints."""
    others = {
        (row["path"], row["what"], row["service"]): row
        for row in yaml.safe_load((broken.second_set / ARCHIVES).read_text())["archives"]
    }

    def exchange(known: Content) -> None:
        for row in known["archives"]:
            other = others[row["path"], row["what"], row["service"]]
            row.update({name: other[name] for name in ("file", "size", "created_at")})

    return str(broken.copy(exchange))


def other_data(broken: Broken) -> Variables:
    return {"recover_set": _with_other_data(broken)}


def other_data_of_a_clone(broken: Broken) -> Variables:
    return {**_clone(broken), "clone_set": _with_other_data(broken)}


def other_data_of_a_move(broken: Broken) -> Variables:
    """A move is killed when its copy is there, of which the fingerprint tells of other rows then."""
    shop, stack = broken.shop, ExitStack()
    running: list[Running] = []

    def kill() -> None:
        running[0].kill()

    proxy = stack.enter_context(losing(shop.second.url, 1, kill, "mariadb.create"))
    broken.mends += [stack.close, lambda: shop.removed(shop.second)]
    place = broken.folder("move")
    variables: Variables = {
        "move_to_url": proxy.url,
        "move_to_api_key": shop.second.key,
        "move_services": [broken.path("forum")],
        "move_destination": shop.name,
        "move_image": shop.known["REAL_IMAGE"],
        "move_secrets": "file",
        "move_dest": str(place),
    }
    connection = {"dokploy_url": shop.first.url, "dokploy_api_key": shop.first.key, "dokploy_request_timeout": 900}
    known = {**connection, **variables, "move_step": "prepare"}
    running.append(start_playbook("move", broken.folder("killed"), known))
    play = running[0].end()
    assert play.status == -9, play.output
    file = place / "first.yml"
    content = yaml.safe_load(file.read_text())
    for row in content["archives"]:
        row["fingerprint"] = {**row["fingerprint"], "tables": {name: [1, 1] for name in row["fingerprint"]["tables"]}}
    file.write_text(yaml.safe_dump(content))
    broken.mends.insert(0, lambda: start_playbook("move", broken.folder("back"), {**known, "move_step": "back"}).end())
    return {**variables, "move_step": "prepare"}


def _clone(broken: Broken) -> Variables:
    shop = broken.shop
    gone = [task("remove", "dokploy_environment", project=shop.name, name="staging", state="absent", force=True)]
    broken.mends.append(lambda: run(shop.first, broken.folder("remove"), gone))
    return {
        "clone_from": broken.place,
        "clone_to": f"{shop.name}/staging",
        "clone_image": shop.known["REAL_IMAGE"],
    }


def old_set(broken: Broken) -> Variables:
    return {"recover_set": str(broken.first_set), "recover_max_age": "1s"}


def another_password(broken: Broken) -> Variables:
    """The secrets are encrypted, and the password of the run is another one."""
    place, files = broken.copy(), {}
    for name, text in {"right": VAULT, "wrong": "another password"}.items():
        files[name] = broken.folder(name)
        files[name].write_text(text)
    words = [str(VENV / "bin/ansible-vault"), "encrypt", "--vault-password-file", str(files["right"])]
    subprocess.run([*words, str(place / "secrets.yml")], capture_output=True, check=True)
    broken.words = ["--vault-password-file", str(files["wrong"])]
    return {"recover_set": str(place)}


def nothing_proven(broken: Broken) -> Variables:
    """A dump of MariaDB that nothing is compared with."""

    def forget(known: Content) -> None:
        known["checks"] = []
        for row in known["archives"]:
            row["fingerprint"] = None

    place = broken.copy(forget)
    return {"recover_set": str(place), **broken.only("forum"), "recover_fail_unproven": True}


# --- what is there already ---


def exists_already(broken: Broken) -> Variables:
    """The database is applied from Git before, and is empty."""
    (database,) = (row for row in _documented(broken)["databases"] if row["name"] == "db")
    broken.apply(broken.shop.second, {"databases": [database]})
    return {"recover_set": str(broken.first_set), **broken.only("db", "web")}


def foreign_volume(broken: Broken) -> Variables:
    """A volume of the name that an application has, with the file of somebody else."""
    volume, image = f"{broken.shop.name}-data", broken.shop.known["REAL_IMAGE"]
    docker("run", "--rm", "-v", f"{volume}:/data", image, "sh", "-c", "echo theirs > /data/theirs")
    return {"recover_set": str(broken.first_set), **broken.only("web")}


def nothing_is_there(broken: Broken) -> Variables:
    broken.words = ["--check"]
    return {"recover_set": str(broken.first_set)}


def as_it_was(broken: Broken) -> Variables:
    """Nothing is broken."""
    return {"recover_set": str(broken.first_set)}


def killed(broken: Broken) -> Variables:
    """An earlier run was killed while files were restored."""
    moment = Moment("volumeBackups.restoreVolumeBackupWithLogs", 1, early=True)
    broken.shop.killed("recover", broken.shop.second, "module", moment)
    return as_it_was(broken)


def key_of_a_member(broken: Broken) -> Variables:
    """The key of a member, who sees no destination."""
    server, email = broken.shop.second, f"{broken.shop.name}@example.com"
    made = task("make", "dokploy_user", email=email, password=PASSWORD, role="member", permissions={"api": True})
    sign_in = task(
        "sign in",
        "dokploy_bootstrap",
        dokploy_url=server.url,
        email=email,
        password=PASSWORD,
        include_secrets=True,
        complete_onboarding=False,
    )
    play = run(server, broken.folder("member"), [made, sign_in])
    assert play.status == 0, play.output
    removal = [task("remove", "dokploy_user", email=email, state="absent")]
    broken.mends.append(lambda: run(server, broken.folder("forget"), removal))
    return {"recover_set": str(broken.first_set), "dokploy_api_key": play.of("sign in")["api_key"]}


# --- what lives ---


def rows_deleted(broken: Broken) -> Variables:
    """The rows of a living database are gone, and come back beside it."""
    (store,) = (store for store in STORES if store.name == "db")
    app_name = looks.app_names(broken.shop.first, broken.shop.name)["db"]
    docker("exec", store.container(app_name), *store.client, "-c", "delete from numbers where n < 40")
    return {"recover_set": str(broken.first_set), **broken.only("db"), "recover_beside": "db-then"}


def replaced_under_a_client(broken: Broken) -> Variables:
    """A database to which a client outside of Dokploy writes, which cannot be stopped."""
    return {"recover_set": str(broken.first_set), **broken.only("db"), "recover_overwrite": [broken.path("db")]}


def replaced_in_use(broken: Broken) -> Variables:
    """A database that an application uses."""
    broken.shop.writers["db/"].stop()
    return {"recover_set": str(broken.first_set), **broken.only("db"), "recover_overwrite": [broken.path("db")]}


def client_like_a_database(broken: Broken) -> Variables:
    """A stack whose second service has the image of a database and is its client, with a volume of its own."""
    image = broken.shop.known["REAL_POSTGRES"]
    client = {"image": image, "command": ["sleep", "100000"], "init": True, "volumes": ["out:/out"]}
    server = {
        "image": image,
        "environment": {"POSTGRES_PASSWORD": PASSWORD},
        "volumes": ["rows:/var/lib/postgresql/data"],
    }
    stack = {"services": {"server": server, "client": client}, "volumes": {"rows": {}, "out": {}}}
    broken.apply(broken.shop.first, {"compose": [{"name": "tools", "raw": {"definition": stack}}]}, "tools")
    gone = [task("remove", "dokploy_environment", project=broken.shop.name, name="tools", state="absent", force=True)]
    broken.mends.append(lambda: run(broken.shop.first, broken.folder("remove"), gone))
    return {
        "backup_dest": str(broken.folder("tools")),
        "backup_projects": [],
        "backup_environments": [f"{broken.shop.name}/tools"],
        "backup_checks": [],
    }


def unknown_pattern(broken: Broken) -> Variables:
    return {**client_like_a_database(broken), "backup_leave_out": [f"{broken.shop.name}/tools/tools/db:database"]}


def _documented(broken: Broken) -> Content:
    """The environment of the shop, as its document has it."""
    (project,) = document(broken.shop.name, broken.shop.known)["projects"]
    (environment,) = project["environments"]
    return dict(environment)
