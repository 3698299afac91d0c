# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export into files that people have edited: what differs changes where it is, and all else stays as it is."""

from __future__ import annotations

import difflib
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    SCHEDULE_OPERATION,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.action import ExportAction
from dokploy_simulator import Simulator
from tests.support.action_and_module import make_action
from tests.support.exported_files import read
from tests.support.host import Host
from tests.support.odd_documents import ansible_templar

Result = dict[str, Any]
HERE, MODULE = {}, {"dokploy_in_process": False}
DOMAIN = {"host": "shop.example.com", "https": True, "certificate": "letsencrypt", "port": 3000}
WEB = {
    "name": "web",
    "docker": {"image": "nginx:1.29"},
    "replicas": 2,
    "env": {"TZ": "Europe/Berlin", "TOKEN": "s3cret-token", "OLD": "s3cret-old"},
    "domains": [DOMAIN],
}
DATABASE = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "s3cret-database"}
DOCUMENT = {
    "projects": [
        {
            "name": "shop",
            "env": {"REGION": "eu"},
            "environments": [
                {
                    "name": "production",
                    "applications": [WEB, {"name": "jobs", "docker": {"image": "jobs:1"}}],
                    "databases": [DATABASE],
                },
                {"name": "staging", "applications": [{"name": "web", "docker": {"image": "nginx:1.30"}}]},
            ],
        },
        {"name": "blog", "environments": [{"name": "production", "applications": [{"name": "site"}]}]},
    ],
    "registries": [{"name": "ghcr", "url": "ghcr.io", "username": "shop", "password": "s3cret-registry"}],
}


class Folder:
    """A folder with an export, and the action of tasks that export into it again."""

    def __init__(self, host: Host, sim: Simulator, path: Path) -> None:
        self.host, self._sim, self.path = host, sim, path
        self.variables: Result = {}

    def export(self, variables: Result | None = None, check: bool = False, **options: Any) -> Result:
        """The result of a task, which need not succeed. :param variables: those of the play."""
        args = {"dest": str(self.path / "instance"), "secrets": "file", "plain_env": ["TZ", "REGION"], **options}
        connection = {"dokploy_url": self._sim.url, "dokploy_api_key": self._sim.key}
        action = make_action(OPERATION, {**connection, **args}, check, ExportAction)
        remote = self.path.parent / "remote"
        remote.mkdir(exist_ok=True)
        action._connection._shell.tmpdir = str(remote)
        action._connection._shell.join_path = os.path.join
        action._connection._shell.remove = lambda path: path
        action._connection.fetch_file = shutil.copyfile
        action._transfer_data = lambda path, text: Path(path).write_text(text, encoding="utf-8")
        action._fixup_perms2 = lambda paths: None
        action._low_level_execute_command = lambda path, sudoable: Path(path).unlink(missing_ok=True)
        action._templar = SimpleNamespace(
            template=lambda value: value, copy_with_new_env=ansible_templar, available_variables=self.variables
        )
        result: Result = action.run(task_vars=variables or {})
        assert list(remote.iterdir()) == []
        return result

    def merge(self, **options: Any) -> Result:
        result = self.export(merge=True, **options)
        assert not result.get("failed"), result["msg"]
        assert "s3cret" not in repr({**result, "diff": None}), result
        return result

    def texts(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.path)): path.read_bytes().decode()
            for path in sorted(self.path.rglob("*"))
            if path.is_file()
        }

    def edit(self, name: str, *replacements: tuple[str, str]) -> None:
        path = self.path / name
        text = path.read_bytes().decode()
        for before, after in replacements:
            assert text.count(before) == 1, (before, text)
            text = text.replace(before, after)
        path.write_bytes(text.encode())

    def plan(self, dest: str = "instance") -> list[Result]:
        self.host.new_task()
        source = read(self.path, dest)
        result = self.host.ok(MANIFEST, check=True, deploy="never", **source.document)
        changes: list[Result] = result["plan"]["changes"]
        return changes


@pytest.fixture
def folder(host: Host, sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The export of a server with two projects."""
    local = tmp_path / "local"
    local.mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(local))
    host.ok(MANIFEST, deploy="never", **DOCUMENT)
    (tmp_path / "out").mkdir()
    found = Folder(host, sim, tmp_path / "out")
    assert found.export()["changed"]
    return found


def ids(host: Host) -> dict[str, str]:
    """The IDs of the services by their paths; a listing has no names of databases."""
    host.new_task()
    found = {}
    for project in host.read("project.all"):
        for environment in project["environments"]:
            place = f"{project['name']}/{environment['name']}"
            found[place] = environment["environmentId"]
            for row in environment["applications"]:
                found[f"{place}/{row['name']}"] = row["applicationId"]
            for row in environment["postgres"]:
                found[f"{place}/db"] = row["postgresId"]
    return found


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_what_is_the_same_stays_byte_by_byte(folder: Folder) -> None:
    folder.edit(
        "instance/projects/shop.yml",
        ("version: 1\n", "# Ours\n\nversion: 1\n"),
        ("replicas: 2", "replicas: '2'   # more in summer\n            memory_limit: null"),
        ("image: nginx:1.29", "image: \"{{ 'nginx:' ~ 1.29 }}\""),
        ("          - name: jobs\n", "          # Twice a day\n          - name: jobs\n            protect: true\n"),
    )
    before = folder.texts()
    for variables in (HERE, MODULE):
        result = folder.merge(variables=variables)
        assert not result["changed"] and result["changes"] == result["conflicts"] == []
        assert folder.texts() == before


def test_what_was_changed_in_the_web_interface_changes_where_it_is(folder: Folder, host: Host) -> None:
    shop = "instance/projects/shop.yml"
    folder.edit(
        shop,
        ("version: 1\n", "# Ours\n\nversion: 1\n"),
        ("replicas: 2", "replicas: 2   # more in summer"),
        ("TZ: Europe/Berlin", "TZ: '{{ zone }}'  # as the office"),
        ("          - name: jobs\n", "          # Twice a day\n          - name: jobs\n            protect: true\n"),
        ("image: jobs:1", 'image: "jobs:{{ jobs_version }}"'),
    )
    # A file of our own, without the comment of an export: the registry is in it from now on.
    text = (folder.path / "instance/instance.yml").read_text()
    rest, registries = text[: text.index("registries:")], text[text.index("registries:") :]
    (folder.path / "instance/instance.yml").write_text(rest)
    (folder.path / "instance/ours.yml").write_text("# By hand\n" + registries)
    with (folder.path / "secrets.yml").open("a") as file:
        file.write("\n# By hand\nzone: Europe/Berlin\njobs_version: 1\nown: s3cret-own\n")
    before = folder.texts()
    unchanged = folder.merge()
    assert not unchanged["changed"] and folder.texts() == before, unchanged

    known = ids(host)
    web = known["shop/production/web"]
    env = "TZ=Europe/Paris\nTOKEN=s3cret-other\n# Since May\nNEW=s3cret-new\n"
    host.call("application.update", applicationId=web, replicas=3, env=env)
    host.call("domain.create", applicationId=web, host="www.example.com", https=False, domainType="application")
    host.call("application.update", applicationId=known["shop/production/jobs"], dockerImage="jobs:2")
    host.call("application.create", name="api", environmentId=known["shop/production"])
    host.call("postgres.remove", postgresId=known["shop/production/db"])
    host.call("project.create", name="wiki")
    # Its file comes before the one of the project that is there.
    host.call("project.create", name="shop-a")
    projects = {row["name"]: row["projectId"] for row in host.read("project.all")}
    host.call("project.remove", projectId=projects["blog"])
    registry = host.read("registry.all")[0]
    keys = ("registryId", "registryName", "registryUrl", "username", "registryType")
    host.call("registry.update", **{key: registry[key] for key in keys}, password="s3cret-renewed")

    predicted = folder.merge(check=True)
    assert folder.texts() == before
    result = folder.merge()
    assert predicted == result
    assert "s3cret" not in repr(result["diff"])
    after = folder.texts()
    assert changed_lines(before[shop], after[shop]) == [
        '-              image: "jobs:{{ jobs_version }}"',
        "+              image: jobs:2",
        "-              TZ: '{{ zone }}'  # as the office",
        "+              TZ: Europe/Paris  # as the office",
        "-              OLD: \"{{ vault_shop_production_web_env['OLD'] }}\"",
        "-            replicas: 2   # more in summer",
        "+              # Since May",
        "+              NEW: \"{{ vault_shop_production_web_env['NEW'] }}\"",
        "+            replicas: 3   # more in summer",
        "+              - host: www.example.com",
        "-        databases:",
        "-          - name: db",
        "-            type: postgres",
        "-            image: postgres:18",
        "-            database: shop",
        "-            user: shop",
        '-            password: "{{ vault_shop_production_db_password }}"',
        "+",
        "+          - name: api",
    ]
    assert changed_lines(before["secrets.yml"], after["secrets.yml"]) == [
        "-vault_ghcr_password: s3cret-registry",
        "+vault_ghcr_password: s3cret-renewed",
        "-  TOKEN: s3cret-token",
        "+  TOKEN: s3cret-other",
        "+  NEW: s3cret-new",
    ]
    same = ["instance/instance.yml", "instance/ours.yml"]
    assert [before[name] for name in same] == [after[name] for name in same]
    assert (result["removed_files"], result["changed_files"]) == (
        ["projects/blog.yml"],
        ["projects/shop-a.yml", "projects/shop.yml", "projects/wiki.yml"],
    )
    web_path, kind = "shop/production/web", "application"
    assert [(row["kind"], row["path"], row["option"], row["action"]) for row in result["changes"]] == [
        ("registry", "ghcr", "password", "changed"),
        (kind, "shop/production/jobs", "docker.image", "changed"),
        (kind, web_path, "env.TZ", "changed"),
        (kind, web_path, "env.TOKEN", "changed"),
        (kind, web_path, "env.NEW", "added"),
        (kind, web_path, "env.OLD", "removed"),
        (kind, web_path, "replicas", "changed"),
        (kind, web_path, "domains", "added"),
        ("project", "blog", "", "removed"),
        ("database", "shop/production/db", "", "removed"),
        (kind, "shop/production/api", "", "added"),
        ("project", "shop-a", "", "added"),
        ("project", "wiki", "", "added"),
    ]
    files = [Path(row["file"]).name for row in result["changes"]]
    assert files[-5:] == ["blog.yml", "shop.yml", "shop.yml", "shop-a.yml", "wiki.yml"]
    assert [path for path in before if path not in after] == ["instance/projects/blog.yml"]
    assert folder.plan() == []
    again = folder.merge()
    assert not again["changed"] and again["changes"] == [] and folder.texts() == after


def test_what_belongs_to_the_server_itself(folder: Folder, host: Host) -> None:
    schedule = {"name": "nightly", "script": "date", "cron": "0 3 * * *"}
    host.new_task()
    host.ok(MANIFEST, deploy="never", schedules=[schedule, {**schedule, "name": "daily"}])
    assert [row["option"] for row in folder.merge()["changes"]] == [""]
    assert "  - name: nightly\n" in folder.texts()["instance/instance.yml"]
    host.new_task()
    host.ok(SCHEDULE_OPERATION, dokploy_host=True, name="nightly", cron="0 4 * * *")
    host.ok(SCHEDULE_OPERATION, dokploy_host=True, name="daily", state="absent")
    host.ok(SCHEDULE_OPERATION, dokploy_host=True, **{**schedule, "name": "weekly"})
    changes = folder.merge()["changes"]
    assert sorted((row["option"], row["action"]) for row in changes) == [
        ("schedules", "added"),
        ("schedules[0]", "removed"),
        ("schedules[1].cron", "changed"),
    ]
    assert folder.plan() == []
    host.new_task()
    for name in ("nightly", "weekly"):
        host.ok(SCHEDULE_OPERATION, dokploy_host=True, name=name, state="absent")
    changes = folder.merge()["changes"]
    assert [(row["option"], row["action"]) for row in changes] == [("schedules", "removed")]
    assert folder.plan() == [] and not folder.merge()["changed"]


def web_of(host: Host) -> str:
    return ids(host)["shop/production/web"]


def test_the_ends_of_lines_stay(folder: Folder, host: Host) -> None:
    path = folder.path / "instance/projects/shop.yml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    host.call("application.update", applicationId=web_of(host), replicas=5, command="sh -c 'a # b'\necho größe")
    folder.merge()
    after = path.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf#") and after.count(b"\n") == after.count(b"\r\n")
    assert len(set(before.split(b"\r\n")) - set(after.split(b"\r\n"))) == 1
    assert folder.plan() == []


def test_a_text_of_variables_that_differs_becomes_what_the_export_has(folder: Folder, host: Host) -> None:
    name = "instance/projects/shop.yml"
    text = (folder.path / name).read_text()
    begin, end = text.index("            env:\n"), text.index("            replicas:")
    lines = ["env: |", "  TZ=Europe/Berlin", "  TOKEN={{ token }}", "  OLD={{ old }}"]
    dotenv = "".join(f"            {line}\n" for line in lines)
    (folder.path / name).write_text(text[:begin] + dotenv + text[end:])
    folder.variables = {"token": "s3cret-token", "old": "s3cret-old"}
    assert not folder.merge()["changed"]
    host.call("application.update", applicationId=web_of(host), env="TZ=UTC\nTOKEN=s3cret-token\nOLD=s3cret-old\n")
    assert [row["option"] for row in folder.merge()["changes"]] == ["env"]
    folder.variables = {}
    assert folder.plan() == [] and not folder.merge()["changed"]
    assert "s3cret" not in (folder.path / name).read_text()


def test_a_template_of_a_whole_option_is_replaced_and_one_of_an_entry_is_not(folder: Folder, host: Host) -> None:
    name = "instance/projects/shop.yml"
    text = (folder.path / name).read_text()
    begin, end = text.index("            domains:\n"), text.index("  - name: staging") - 4
    (folder.path / name).write_text(text[:begin] + '            domains: "{{ domains }}"\n' + text[end:])
    folder.variables = {"domains": [DOMAIN], "staging": {"name": "staging", "unstated": "keep"}}
    assert "databases:" in text[begin:end]
    (folder.path / name).write_text(
        text[:begin] + '            domains: "{{ domains }}"\n' + text[text.index("        databases:") :]
    )
    assert not folder.merge()["changed"]
    host.call("domain.create", applicationId=web_of(host), host="www.example.com", domainType="application")
    assert [(row["option"], row["action"]) for row in folder.merge()["changes"]] == [("domains", "changed")]
    assert folder.plan() == [] and not folder.merge()["changed"]

    text = (folder.path / name).read_text()
    begin = text.index("          - name: web\n            docker:\n              image: nginx:1.30")
    (folder.path / name).write_text(text[:begin] + '          - "{{ staged }}"\n')
    folder.variables = {"staged": {"name": "web", "docker": {"image": "nginx:1.30"}}}
    before = folder.texts()
    assert not folder.merge()["changed"]
    staged = ids(host)["shop/staging/web"]
    host.call("application.update", applicationId=staged, dockerImage="nginx:1.31")
    host.call("application.update", applicationId=web_of(host), replicas=4)
    failed = folder.export(merge=True)
    place = {"kind": "application", "path": "shop/staging/web", "option": "docker", "value": {"image": "nginx:1.31"}}
    assert failed["failed"] and folder.texts() == before
    assert [{key: row[key] for key in place} for row in failed["conflicts"]] == [place]
    assert f"shop.yml:{failed['conflicts'][0]['line']}: docker of application shop/staging/web cannot" in failed["msg"]
    left = folder.merge(conflicts="leave")
    assert left["conflicts"] == failed["conflicts"] and [row["option"] for row in left["changes"]] == ["replicas"]


def test_files_that_cannot_be_edited_are_conflicts(folder: Folder, host: Host) -> None:
    content = '{"tags": [{"name": "urgent", "color": "#ff0000"}]}'
    (folder.path / "instance/tags.json").write_text(content)
    host.new_task()
    host.ok(MANIFEST, tags=[{"name": "urgent", "color": "#ff0000"}])
    assert not folder.merge()["changed"]
    host.new_task()
    host.ok(MANIFEST, tags=[{"name": "urgent", "color": "#00ff00"}])
    failed = folder.export(merge=True)
    assert failed["failed"] and "tags.json" in failed["msg"] and "JSON" in failed["msg"]
    assert (folder.path / "instance/tags.json").read_text() == content


def test_a_document_that_keeps_what_it_does_not_state(folder: Folder, host: Host) -> None:
    for path in folder.path.rglob("instance/**/*.yml"):
        path.write_text(path.read_text().replace("unstated: default\n", ""))
    host.call("application.update", applicationId=web_of(host), replicas=1, memoryLimit="1073741824")
    host.call("project.create", name="wiki")
    result = folder.merge()
    assert [(row["option"], row["action"]) for row in result["changes"]] == [("replicas", "changed"), ("", "added")]
    assert "            replicas: 1\n" in folder.texts()["instance/projects/shop.yml"]
    assert "unstated" not in "".join(folder.texts().values())
    assert folder.plan() == [] and not folder.merge()["changed"]


def test_only_what_is_selected_changes(folder: Folder, host: Host) -> None:
    projects = {row["name"]: row["projectId"] for row in host.read("project.all")}
    host.call("project.remove", projectId=projects["blog"])
    host.call("project.create", name="wiki")
    host.call("application.update", applicationId=web_of(host), replicas=4)
    result = folder.merge(scope={"projects": ["shop"]})
    assert [(row["path"], row["option"]) for row in result["changes"]] == [("shop/production/web", "replicas")]


def test_a_variable_that_another_place_takes_gets_another_name(folder: Folder, host: Host) -> None:
    folder.edit(
        "instance/projects/shop.yml",
        (
            "          - name: jobs\n",
            "          - name: jobs\n            env:\n"
            '              KEY: "{{ vault_shop_production_web_env.TOKEN }}"\n',
        ),
    )
    jobs = ids(host)["shop/production/jobs"]
    host.call("application.update", applicationId=jobs, env="KEY=s3cret-token")
    assert not folder.merge()["changed"]
    env = "TZ=Europe/Berlin\nTOKEN=s3cret-other\nOLD=s3cret-old"
    host.call("application.update", applicationId=web_of(host), env=env)
    assert [row["option"] for row in folder.merge()["changes"]] == ["env.TOKEN"]
    assert "TOKEN: \"{{ vault_shop_production_web_env_2['TOKEN'] }}\"" in folder.texts()["instance/projects/shop.yml"]
    assert folder.plan() == [] and not folder.merge()["changed"]


def test_a_reference_to_what_is_gone_becomes_what_the_server_has(folder: Folder, host: Host) -> None:
    host.new_task()
    url = "postgres://db:5432/shop"
    web = web_of(host)
    host.call("application.update", applicationId=web, env=f"TZ=Europe/Berlin\nTOKEN=s3cret-token\nURL={url}")
    folder.merge()
    folder.edit(
        "instance/projects/shop.yml",
        (
            "URL: \"{{ vault_shop_production_web_env['URL'] }}\"",
            "URL: \"{{ 'db:app_name' | community.dokploy.reference }}\"",
        ),
    )
    host.call("postgres.remove", postgresId=ids(host)["shop/production/db"])
    changes = folder.merge()["changes"]
    assert sorted((row["option"], row["action"]) for row in changes) == [("", "removed"), ("env.URL", "changed")]
    assert folder.plan() == [] and not folder.merge()["changed"]


def test_an_entry_that_is_to_be_absent_stays(folder: Folder) -> None:
    folder.edit("instance/projects/blog.yml", ("  - name: blog\n", "  - name: blog\n    state: absent\n"))
    before = folder.texts()
    result = folder.merge()
    assert not result["changed"] and folder.texts() == before


def test_another_source_takes_the_place_of_the_one_before(folder: Folder, host: Host) -> None:
    web = web_of(host)
    host.call(
        "application.saveGitProvider",
        applicationId=web,
        customGitUrl="https://git.example.com/a.git",
        customGitBranch="main",
        customGitBuildPath="/",
        watchPaths=[],
        enableSubmodules=False,
    )
    host.call("application.update", applicationId=web, sourceType="git")
    changes = folder.merge()["changes"]
    assert {(row["option"], row["action"]) for row in changes} == {("docker", "removed"), ("git", "added")}
    assert folder.plan() == [] and not folder.merge()["changed"]


def test_a_single_file_and_variables_of_the_task(folder: Folder, host: Host) -> None:
    assert folder.export(dest=str(folder.path / "all.yml"), secrets="names_only")["changed"]
    variables = read(folder.path, "instance")
    del variables
    options = {"dest": str(folder.path / "all.yml"), "secrets": "names_only"}
    failed = folder.export(merge=True, **options)
    assert failed["failed"] and "vault_" in failed["msg"]
    folder.variables = {
        "vault_shop_production_web_env": {"TOKEN": "s3cret-token", "OLD": "s3cret-old"},
        "vault_shop_production_db_password": "s3cret-database",
        "vault_ghcr_password": "s3cret-registry",
    }
    assert not folder.merge(**options)["changed"]
    host.call("project.create", name="wiki")
    host.call("application.update", applicationId=web_of(host), replicas=4)
    assert folder.merge(**options)["changed_files"] == ["all.yml"]
    assert folder.merge(**options)["changes"] == []
