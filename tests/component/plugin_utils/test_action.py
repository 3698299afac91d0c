# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The in-process host: when it runs the module instead, and that the results are the same."""

from __future__ import annotations

import inspect
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._host import module
from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    MOUNT_OPERATION as MOUNT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.plugin_utils._host import action as host_action
from ansible_collections.community.dokploy.plugins.plugin_utils._host.action import DokployAction, plain
from dokploy_simulator import Simulator
from tests.support.action_and_module import as_module, in_process

FROM_MODULE = {"changed": False, "from": "the packaged module"}


class Templar:
    """A templar with one variable."""

    def template(self, value: Any) -> Any:
        return (
            {"{{ no }}": False, "{{ python }}": "/elsewhere/bin/python3"}.get(value, value)
            if isinstance(value, str)
            else value
        )


class Shell:
    tmpdir = "/nowhere"

    def env_prefix(self, **_values: Any) -> str:
        return ""


def action_of(
    operation: Operation = PROJECT, args: dict[str, Any] | None = None, transport: str = "local", **task: Any
) -> Any:
    """An action with a task, whose module only records that it was called."""

    class Action(DokployAction):
        def _execute_module(self, **called: Any) -> dict[str, Any]:  # type: ignore[override]
            self.called = called
            return dict(FROM_MODULE)

    Action.operation = operation
    values: dict[str, Any] = {
        "args": args or {},
        "action": "community.dokploy." + operation.name,
        "async_val": 0,
        "become": False,
        "check_mode": False,
        "diff": True,
        "environment": None,
        "until": [],
        **task,
    }
    connection = SimpleNamespace(transport=transport, _shell=Shell())
    return Action(SimpleNamespace(**values), connection, SimpleNamespace(), DataLoader(), Templar(), None)


@pytest.fixture(autouse=True)
def no_sessions() -> Iterator[None]:
    """Close the sessions of other tests."""
    host_action._sessions.clear()
    host_action._told.clear()
    yield
    for session in host_action._sessions.values():
        session.client.close()
    host_action._sessions.clear()


@pytest.fixture
def connection(sim: Simulator) -> dict[str, Any]:
    return {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "max_retries": 0}


# --- files -----------------------------------------------------------------------------------------------------------


def found(args: dict[str, Any], role: Path, **task: Any) -> Any:
    return action_of(APPLICATION, args, get_search_path=lambda: [str(role)], **task)._arguments()


def test_a_file_is_found_as_by_the_actions_of_ansible(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    file = tmp_path / "files/nginx.conf"
    file.write_text("x")
    mounts = [{"path": "/etc/nginx.conf", "type": "file", "src": "nginx.conf"}, {"path": "/x", "content": "nginx.conf"}]
    patches = [{"path": "src", "src": str(file)}]
    assert found({"name": "web", "mounts": mounts, "patches": patches}, tmp_path) == {
        "name": "web",
        "mounts": [{**mounts[0], "src": str(file)}, mounts[1]],
        "patches": patches,
    }
    assert mounts[0]["src"] == "nginx.conf"
    for operation, wrapped in ((MOUNT, lambda own: own), (COMPOSE, lambda own: {"raw": own})):
        own = action_of(operation, wrapped({"src": "nginx.conf"}), get_search_path=lambda: [str(tmp_path)])._arguments()
        assert own == wrapped({"src": str(file)})


def test_an_archive_and_a_folder_are_found_as_well(tmp_path: Path) -> None:
    (tmp_path / "files/site").mkdir(parents=True)
    (tmp_path / "files/site.zip").write_text("x")
    for option, name in (("archive", "site.zip"), ("path", "site")):
        own = action_of(DEPLOYMENT, {option: name}, get_search_path=lambda: [str(tmp_path)])._arguments()
        assert own == {option: str(tmp_path / "files" / name)}
    # What is called so elsewhere is no file.
    assert found({"ca_path": "site.zip", "mounts": [{"path": "site"}]}, tmp_path)["mounts"] == [{"path": "site"}]


def test_a_file_on_another_host_is_not_searched_for(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a").write_text("x")
    args = {"mounts": [{"path": "/a", "src": "a"}]}
    assert found(args, tmp_path, transport="ssh") is args


@pytest.mark.parametrize("mounts", [[{"src": ""}], [{"src": None}], [{"src": 1}], ["text"], "text", None, [None]])
def test_values_that_are_not_file_names_are_passed_on(tmp_path: Path, mounts: Any) -> None:
    assert found({"mounts": mounts}, tmp_path) == {"mounts": mounts}


def test_a_missing_file_is_not_searched_for_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory differs between action and module; the error names the path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "missing").write_text("x")
    playbooks = tmp_path / "playbooks"
    action = action_of(APPLICATION, {"mounts": [{"src": "missing"}]}, get_search_path=lambda: [str(playbooks)])
    action._loader.set_basedir(str(playbooks))
    assert action._arguments() == {"mounts": [{"src": str(playbooks / "missing")}]}


def test_a_missing_file_is_an_error_of_the_option(connection: dict[str, Any], tmp_path: Path) -> None:
    mounts = [{"path": "/a", "type": "file", "file_path": "a", "src": "missing"}]
    action_of(PROJECT, {**connection, "name": "p"}).run(task_vars={})
    args = {**connection, "project": "p", "name": "web", "mounts": mounts}
    action = action_of(APPLICATION, args, get_search_path=lambda: [str(tmp_path)])
    action._loader.set_basedir(str(tmp_path))
    result = action.run(task_vars={})
    assert result["failed"]
    words = "cannot be read: no such file or directory on %s, the host that runs the module" % platform.node()
    assert result["msg"] == f"mounts[0].src: {tmp_path / 'missing'} {words}"


# --- which host ------------------------------------------------------------------------------------------------------

HERE = os.path.join(os.path.dirname(sys.executable), ".", os.path.basename(sys.executable))


@pytest.mark.parametrize(
    ("task", "variables"),
    [
        ({"transport": "ssh"}, {}),
        ({"transport": "docker"}, {}),
        ({"async_val": 60}, {}),
        ({"become": True}, {}),
        ({}, {"ansible_python_interpreter": "/elsewhere/bin/python3"}),
        ({}, {"ansible_python_interpreter": "{{ python }}"}),
        ({}, {"ansible_python_interpreter": "no-such-python"}),
        ({}, {"dokploy_in_process": False}),
        ({}, {"dokploy_in_process": "false"}),
        ({}, {"dokploy_in_process": "no"}),
        ({}, {"dokploy_in_process": "{{ no }}"}),
        ({}, {"dokploy_in_process": 0}),
    ],
)
def test_the_module_runs_where_the_action_cannot(task: dict[str, Any], variables: dict[str, Any]) -> None:
    action = action_of(args={"name": "shop"}, **task)
    result = action.run(task_vars=variables)
    assert result["from"] == "the packaged module"
    assert action.called["module_name"] == "community.dokploy.dokploy_project"
    assert action.called["module_args"] == {"name": "shop"}
    assert action.called["task_vars"] == variables
    assert action.called["wrap_async"] == task.get("async_val", 0)


def test_the_module_says_that_requests_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_action, "HAS_REQUESTS", False)
    assert action_of(args={"name": "shop"}).run()["from"] == "the packaged module"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"ansible_python_interpreter": sys.executable},
        {"ansible_python_interpreter": HERE},
        {"ansible_python_interpreter": "auto_silent"},
        {"ansible_python_interpreter": "auto"},
        {"ansible_python_interpreter": ""},
        {"ansible_python_interpreter": None},
        {"dokploy_in_process": True},
        {"dokploy_in_process": "yes"},
        {"dokploy_in_process": "True"},
    ],
)
def test_the_action_runs_in_process(connection: dict[str, Any], variables: dict[str, Any]) -> None:
    result = action_of(args={**connection, "name": "shop"}).run(task_vars=variables)
    assert "from" not in result
    assert result["changed"] is True
    assert result["project"]["name"] == "shop"


def test_names_of_one_python_in_one_folder_are_the_same_python(tmp_path: Path) -> None:
    """A virtual environment has links to one file: python, python3, python3.13; other environments link to it too."""
    for name in ("venv", "other"):
        (tmp_path / name / "bin").mkdir(parents=True)
    base = tmp_path / "python3.13"
    base.write_text("")
    for name in ("venv/bin/python3", "other/bin/python3"):
        (tmp_path / name).symlink_to(base)
    (tmp_path / "venv/bin/python").symlink_to("python3")
    (tmp_path / "current").symlink_to(tmp_path / "venv")
    running = str(tmp_path / "venv/bin/python3")
    for path in ("venv/bin/python", "venv/bin/../bin/python3", "current/bin/python"):
        assert host_action._same_python(str(tmp_path / path), running), path
    for path in ("other/bin/python3", "python3.13", "venv/bin/missing"):
        assert not host_action._same_python(str(tmp_path / path), running), path


def test_the_reason_for_the_packaged_module_is_told_once_for_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(host_action, "display", SimpleNamespace(v=lines.append))
    other = {"ansible_python_interpreter": "/elsewhere/bin/python3"}
    for uuid in ("first", "first", "second"):
        action_of(args={"name": "shop"}, _uuid=uuid).run(task_vars=other)
    assert lines == 2 * [
        "dokploy_project runs as a packaged module: ansible_python_interpreter is /elsewhere/bin/python3,"
        f" and Ansible runs with {sys.executable}."
    ]
    action_of(args={"name": "shop"}, transport="ssh", _uuid="third").run()
    assert lines[-1] == "dokploy_project runs as a packaged module: the connection of the task is ssh, not local."


# --- as the module does ----------------------------------------------------------------------------------------------


def module_result(
    operation: Operation, args: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """What the packaged module prints for these arguments."""
    internal = {"_ansible_module_name": "community.dokploy." + operation.name, "_ansible_diff": True}
    # Newer releases of ansible-core record the arguments only when asked to; older ones do not know the word.
    if "_ansible_inject_invocation" in inspect.getsource(basic):
        internal["_ansible_inject_invocation"] = True
    text = json.dumps({"ANSIBLE_MODULE_ARGS": {**args, **internal}})
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", text.encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        run_module(operation)
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


CONNECTION = {"dokploy_url": "https://d.example.com", "dokploy_api_key": "k" * 40}


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        (PROJECT, {"name": "shop"}),
        (PROJECT, {**CONNECTION}),
        (PROJECT, {**CONNECTION, "name": "shop", "nmae": "x", "other": 1}),
        (PROJECT, {**CONNECTION, "name": "shop", "state": "gone"}),
        (PROJECT, {**CONNECTION, "name": "shop", "request_timeout": "soon"}),
        (PROJECT, {**CONNECTION, "name": "shop", "force": "perhaps"}),
        (APPLICATION, {**CONNECTION, "name": "web", "docker": {"image": "a"}, "git": {"url": "u"}}),
        (APPLICATION, {**CONNECTION, "name": "web", "docker": {"imgae": "a"}}),
        (APPLICATION, {**CONNECTION, "name": "web", "domains": [{"port": 80}]}),
        (APPLICATION, {**CONNECTION, "name": "web", "domains": "a.example.com"}),
        (APPLICATION, {**CONNECTION, "name": "web", "build": {"type": "make"}}),
        (APPLICATION, {**CONNECTION, "name": "web", "replicas": "many"}),
        (DEPLOYMENT, {**CONNECTION, "state": "deployed"}),
    ],
)
def test_refused_arguments_have_the_message_of_the_module(
    operation: Operation, args: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DOKPLOY_URL", raising=False)
    monkeypatch.delenv("DOKPLOY_API_KEY", raising=False)
    ours = action_of(operation, args).run()
    theirs = module_result(operation, args, monkeypatch, capsys)
    assert ours["failed"] is theirs["failed"] is True
    assert ours["msg"] == theirs["msg"]
    assert ours["changed"] is theirs["changed"] is False
    assert ours["error"] == theirs["error"] == {"kind": "option", "procedure": None, "status": None}


@pytest.mark.parametrize(
    ("given", "missing", "advice"),
    [
        (
            {},
            "dokploy_api_key, dokploy_url",
            "Set dokploy_url and dokploy_api_key in the task or in module_defaults, or set DOKPLOY_URL and "
            "DOKPLOY_API_KEY in the environment",
        ),
        (
            {"dokploy_url": "https://d.example.com"},
            "dokploy_api_key",
            "Set dokploy_api_key in the task or in module_defaults, or set DOKPLOY_API_KEY in the environment",
        ),
    ],
)
def test_a_missing_connection_option_names_its_environment_variable(
    given: dict[str, Any],
    missing: str,
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("DOKPLOY_URL", raising=False)
    monkeypatch.delenv("DOKPLOY_API_KEY", raising=False)
    args = {**given, "name": "shop"}
    words = (
        f"missing required arguments: {missing}. {advice} of the host that runs the module. A remote host does not see "
        "the environment of the controller."
    )
    assert action_of(PROJECT, args).run()["msg"] == module_result(PROJECT, args, monkeypatch, capsys)["msg"] == words
    # The advice is about the connection only.
    other = action_of(APPLICATION, {**CONNECTION, "name": "web", "domains": [{"port": 80}]}).run()["msg"]
    assert other.startswith("missing required arguments: ") and "dokploy_" not in other


def test_a_missing_library_is_an_error_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "HAS_REQUESTS", False)
    result = module_result(PROJECT, {**CONNECTION, "name": "shop"}, monkeypatch, capsys)
    assert "requests" in result["msg"] and result["changed"] is False
    assert result["error"] == {"kind": "configuration", "procedure": None, "status": None}


def test_a_secret_in_a_refusal_is_masked() -> None:
    args = {**CONNECTION, "dokploy_api_key": "hunter2", "name": "shop", "state": "hunter2"}
    result = action_of(PROJECT, args).run()
    assert result["failed"] is True
    assert "hunter2" not in result["msg"]


def test_results_equal_those_of_the_module(
    sim: Simulator, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a creation, a repetition, a change and an error; the module's record of its arguments has no secrets."""
    action_of(PROJECT, {**connection, "name": "shop"}).run()
    wanted: dict[str, Any] = {**connection, "project": "shop", "env": {"A": "hunter2"}, "replicas": 2}
    for more in ({"name": "web"}, {"name": "web"}, {"name": "web", "description": "d"}, {"name": "x", "project": "y"}):
        ids = []
        results = []
        for which in ("here", "module"):
            name = more["name"] + "-" + which
            args = {**wanted, **more, "name": name}
            host_action._sessions.clear()
            result = (
                action_of(APPLICATION, args).run()
                if which == "here"
                else module_result(APPLICATION, args, monkeypatch, capsys)
            )
            invocation = result.pop("invocation", None)
            assert (invocation is None) is (which == "here"), result
            assert "hunter2" not in repr((result, invocation))
            ids.append((result.get("application") or {}).pop("application_id", None))
            text = json.dumps(result, sort_keys=True).replace(name, "NAME")
            comparable = json.loads(text)
            for key in ("created_at", "app_name"):
                (comparable.get("application") or {}).pop(key, None)
            results.append(comparable)
        assert results[0] == results[1]
        assert ids[0] is None or ids[0] != ids[1]


def test_check_mode_and_diff_mode_are_those_of_the_task(sim: Simulator, connection: dict[str, Any]) -> None:
    checked = action_of(PROJECT, {**connection, "name": "shop"}, check_mode=True, diff=False).run()
    assert checked["changed"] is True
    assert "diff" not in checked
    assert sim.calls("mutation") == []
    assert "diff" in action_of(PROJECT, {**connection, "name": "shop"}).run()


def test_retries_are_shown_in_process_and_counted_in_both_messages(
    sim: Simulator, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[tuple[str, bool]] = []
    display = SimpleNamespace(display=lambda line, stderr=False: lines.append((line, stderr)), vv=None)
    monkeypatch.setattr(host_action, "display", display)
    args = {**connection, "name": "shop", "max_retries": 1}
    host = sim.url.partition("//")[2]
    sim.fault("status", "project.all", status=502, times=4)
    words = f"project.all on {host} failed on the server (HTTP 502), after 2 attempts"
    assert action_of(PROJECT, args).run()["msg"].startswith(words)
    ((line, to_stderr),) = lines
    assert line.startswith(f"project.all on {host} failed: HTTP 502. Attempt 2 of 2 follows in 0.") and to_stderr
    assert module_result(PROJECT, args, monkeypatch, capsys)["msg"].startswith(words)
    assert len(lines) == 1


def test_the_key_is_in_no_result(sim: Simulator, connection: dict[str, Any]) -> None:
    result = action_of(PROJECT, {**connection, "name": "shop", "description": "my " + sim.key}).run()
    assert sim.key not in repr(result)
    assert result["changed"] is True


def test_a_placeholder_for_a_key_hides_no_words_of_messages(connection: dict[str, Any]) -> None:
    arguments = {**connection, "dokploy_api_key": "wrong", "name": "shop"}
    for way in (in_process, as_module):
        assert "it may be wrong, disabled or expired" in way(PROJECT, arguments)["msg"], way


def test_a_failure_is_a_result(connection: dict[str, Any]) -> None:
    result = action_of(APPLICATION, {**connection, "project": "nope", "name": "web"}).run()
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error"]["kind"] == "reference"
    assert "invocation" not in result


# --- one worker ------------------------------------------------------------------------------------------------------


def test_a_worker_keeps_one_session(sim: Simulator, connection: dict[str, Any]) -> None:
    for number in range(5):
        action_of(PROJECT, {**connection, "name": "shop-%d" % number}).run()
    assert len(host_action._sessions) == 1
    # Each creation looks for another one of its name.
    assert sim.calls().count("project.all") == 1 + 5


@pytest.mark.parametrize("change", [{"request_timeout": 7}, {"max_retries": 3}, {"auth_scheme": "api_key"}])
def test_another_connection_is_another_session(
    sim: Simulator, connection: dict[str, Any], change: dict[str, Any]
) -> None:
    for more in ({}, change):
        action_of(PROJECT, {**connection, "name": "shop", **more}).run()
    # One of each session, and the creation's look for another one of its name.
    assert sim.calls().count("project.all") == 3


def test_a_fork_opens_a_session_of_its_own(
    sim: Simulator, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    action_of(PROJECT, {**connection, "name": "shop"}).run()
    mine = next(iter(host_action._sessions.values()))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    action_of(PROJECT, {**connection, "name": "shop"}).run()
    theirs = next(iter(host_action._sessions.values()))
    assert theirs is not mine
    mine.client.close()


# --- the task's environment ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [{"DOKPLOY_X": 1}, [{"DOKPLOY_X": "0"}, None, {"DOKPLOY_X": "1"}]])
def test_the_environment_of_the_task_is_set_and_restored(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, environment: Any
) -> None:
    monkeypatch.setenv("DOKPLOY_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("DOKPLOY_API_KEY", raising=False)
    monkeypatch.delenv("DOKPLOY_X", raising=False)
    mine = {"DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
    environments = [*(environment if isinstance(environment, list) else [environment]), mine]
    action = action_of(PROJECT, {"name": "shop"}, environment=environments)
    seen: list[str | None] = []
    perform = action._run_here
    action._run_here = lambda: (seen.append(os.environ.get("DOKPLOY_X")), perform())[1]
    assert action.run()["changed"] is True
    assert seen == ["1"]
    assert os.environ["DOKPLOY_URL"] == "http://127.0.0.1:1"
    assert "DOKPLOY_API_KEY" not in os.environ
    assert "DOKPLOY_X" not in os.environ


def test_the_environment_is_restored_after_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_X", "before")

    def broken() -> Any:
        raise RuntimeError(os.environ["DOKPLOY_X"])

    action = action_of(args={"name": "shop"}, environment={"DOKPLOY_X": "during", "DOKPLOY_Y": "new"})
    action._run_here = broken
    with pytest.raises(RuntimeError, match="during"):
        action.run()
    assert os.environ["DOKPLOY_X"] == "before"
    assert "DOKPLOY_Y" not in os.environ


@pytest.mark.parametrize(("given", "passed"), [(None, "mine"), ("", ""), ("theirs", "theirs")])
def test_the_key_of_the_environment_is_in_no_command(given: str | None, passed: str) -> None:
    environment = [{"DOKPLOY_API_KEY": "mine", "DOKPLOY_X": "1"}]
    action = action_of(args={"name": "shop", "dokploy_api_key": given}, environment=environment, async_val=1)
    shown: list[dict[str, Any]] = []
    action._connection._shell.env_prefix = lambda **values: shown.append(values) or ""
    action.run()
    assert action.called["module_args"] == {"name": "shop", "dokploy_api_key": passed}
    raw: dict[str, Any] = {}
    action._compute_environment_string(raw)
    assert raw == {"DOKPLOY_X": "1"}
    # What ansible-core computes on its way to that is thrown away.
    assert shown[-1] == {"DOKPLOY_X": "1"}


def test_without_a_key_in_the_environment_the_arguments_do_not_change() -> None:
    action = action_of(args={"name": "shop"}, environment=[{"DOKPLOY_X": "1"}], async_val=1)
    action.run()
    assert action.called["module_args"] == {"name": "shop"}


# --- plain values ----------------------------------------------------------------------------------------------------


class Tagged(str):
    """A subclass of str, as tagged values of ansible-core are."""


class Wrapped:
    """A value that converts to text, as an encrypted one does."""

    def __str__(self) -> str:
        return "decrypted"


class Number(int):
    pass


def types_in(value: Any) -> set[type]:
    if isinstance(value, dict):
        return {dict}.union(*(types_in(item) for pair in value.items() for item in pair))
    return {list}.union(*map(types_in, value)) if isinstance(value, list) else {type(value)}


def test_plain_values() -> None:
    value = {Tagged("a"): [Tagged("b"), (Number(1), 2.5, True, None), Wrapped()], "c": {"d": Tagged("")}}
    result = plain(value)
    assert result == {"a": ["b", [1, 2.5, True, None], "decrypted"], "c": {"d": ""}}
    assert types_in(result) == {dict, list, str, int, float, bool, type(None)}


def test_tagged_values_of_ansible_core_become_plain(sim: Simulator, connection: dict[str, Any]) -> None:
    template = pytest.importorskip("ansible.template")
    if not hasattr(template, "trust_as_template"):
        pytest.skip("ansible-core before 2.19 has no tags")
    tagged = template.trust_as_template("value")
    assert tagged.__class__ is not str
    assert types_in(plain({"a": [tagged], tagged: 1})) == {dict, list, str, int}
    args = {**connection, "name": template.trust_as_template("shop"), "env": {"A": tagged}}
    result = action_of(PROJECT, args).run()
    assert result["changed"] is True
    assert result["project"]["name"].__class__ is str
