# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of dokploy_export: how the secrets come from where the operation runs, and what becomes of their file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleError

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.plugin_utils._export.action import ExportAction
from dokploy_simulator import Simulator
from tests.support.action_and_module import make_action
from tests.support.host import Host
from tests.support.odd_documents import ansible_templar

SECRET = "s3cret-token"
HERE, MODULE = {}, {"dokploy_in_process": False}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Those of the export, of Ansible on the controller, and of Ansible on the host of the module."""
    found = {name: tmp_path / name for name in ("out", "local", "remote")}
    for folder in found.values():
        folder.mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(found["local"]))
    return found


@pytest.fixture
def action(sim: Simulator, host: Host, folders: dict[str, Path]) -> Any:
    """Makes the action of a task on a server with a secret."""
    project = host.call("project.create", name="shop", env=f"TOKEN={SECRET}")
    host.call("project.update", projectId=project["project"]["projectId"], env=f"TOKEN={SECRET}")

    def made(check: bool = False, **options: Any) -> Any:
        args = {"dest": str(folders["out"] / "shop.yml"), "secrets": "file", **options}
        connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
        found = make_action(OPERATION, {**connection, **args}, check, ExportAction)
        shell = found._connection._shell
        shell.tmpdir = str(folders["remote"])
        shell.join_path = os.path.join
        shell.remove = lambda path: path
        found._connection.fetch_file = shutil.copyfile
        found._low_level_execute_command = lambda path, sudoable: Path(path).unlink(missing_ok=True)
        found._templar = SimpleNamespace(template=lambda value: value, copy_with_new_env=ansible_templar)
        return found

    return made


def left(folders: dict[str, Path]) -> list[Path]:
    """The files of Ansible's own folders."""
    return [*folders["local"].iterdir(), *folders["remote"].iterdir()]


def test_both_paths_write_the_same_and_leave_nothing_else(action: Any, folders: dict[str, Path]) -> None:
    found = []
    for variables in (HERE, MODULE):
        predicted = action(check=True).run(task_vars=variables)
        assert list(folders["out"].iterdir()) == []
        result = action().run(task_vars=variables)
        result.pop("invocation", None)
        assert {**predicted, "invocation": None} == {**result, "invocation": None}
        assert not result.get("failed") and SECRET not in repr(result)
        assert left(folders) == []
        found.append((result, {path.name: path.read_text() for path in folders["out"].iterdir()}))
        for path in folders["out"].iterdir():
            path.unlink()
    assert found[0] == found[1]
    assert SECRET in found[0][1]["secrets.yml"]


def test_a_failure_of_the_operation_writes_nothing(action: Any, folders: dict[str, Path]) -> None:
    for variables in (HERE, MODULE):
        result = action(scope={"projects": ["none"]}).run(task_vars=variables)
        assert result["failed"] and "none" in result["msg"]
    assert left(folders) == list(folders["out"].iterdir()) == []


@pytest.mark.parametrize(
    ("scope", "whole"),
    [
        (None, True),
        ({}, True),
        ({"projects": []}, True),
        ({"projects": ["shop"]}, False),
        ('{"projects": ["*"]}', False),
    ],
)
def test_only_an_export_of_everything_removes_files(
    scope: Any, whole: bool, action: Any, folders: dict[str, Path]
) -> None:
    folder = folders["out"] / "instance"
    options = {"dest": str(folder), "secrets": "names_only"}
    assert action(**options).run(task_vars=HERE)["changed"]
    shutil.copy(folder / "projects/shop.yml", folder / "projects/gone.yml")
    result = action(**options, **({} if scope is None else {"scope": scope})).run(task_vars=HERE)
    assert not result.get("failed"), result
    assert (result["removed_files"] == ["projects/gone.yml"]) == whole == (not (folder / "projects/gone.yml").exists())


def test_what_cannot_be_fetched_is_a_failure(action: Any, folders: dict[str, Path]) -> None:
    def refused(*_paths: str) -> None:
        raise AnsibleError("the connection is gone")

    one = action()
    one._connection.fetch_file = refused
    result = one.run(task_vars=MODULE)
    assert result["failed"] and result["error"]["kind"] == "option"
    assert result["msg"] == "secrets_file: what the module has left cannot be fetched: the connection is gone"
    assert left(folders) == list(folders["out"].iterdir()) == []


def test_a_task_that_cannot_hand_over_secrets_is_refused(action: Any, folders: dict[str, Path]) -> None:
    for option, value, message in (
        ("async_val", 60, "dest: a task with async cannot write files; remove async or dest"),
        ("become", True, "dest: the user of become_user cannot hand over secrets; remove become or dest"),
    ):
        one = action()
        setattr(one._task, option, value)
        one._is_become_unprivileged = lambda: True
        assert one.run(task_vars=HERE)["msg"] == message
    assert left(folders) == list(folders["out"].iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dest": None, "secrets": None, "secrets_dest": "x.yml"}, "secrets_dest needs dest"),
        ({"dest": None, "secrets": "vault"}, "secrets is vault, which needs dest"),
        ({"secrets": "plain"}, "value of secrets must be one of: vault, file, names_only, got: plain"),
        ({"dest": ["a"]}, "dest is a list; it takes text"),
        ({"dset": "x"}, "dset"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: Any, message: str, action: Any, folders: dict[str, Path]
) -> None:
    given = {name: value for name, value in options.items() if value is not None}
    one = action(**given)
    for name in set(options) - set(given):
        del one._task.args[name]
    result = one.run(task_vars=HERE)
    assert result["failed"] and message in result["msg"]
    assert left(folders) == list(folders["out"].iterdir()) == []


def test_without_dest_the_document_is_the_result(action: Any, folders: dict[str, Path]) -> None:
    for variables in (HERE, MODULE):
        one = action()
        del one._task.args["dest"], one._task.args["secrets"]
        result = one.run(task_vars=variables)
        assert result["document"]["projects"][0]["env"] == {"TOKEN": "{{ vault_shop_env['TOKEN'] }}"}
        assert "dest" not in result and not result["changed"]
    assert left(folders) == []
