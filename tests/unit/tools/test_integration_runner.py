# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the runner of the integration targets looks for must be found by it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.playbook.play import Play

from dokploy_simulator import Simulator
from tools.integration import playbook
from tools.integration import targets as integration_targets
from tools.integration.__main__ import batches, number_of_batches, own_folder
from tools.integration.comparison import differences
from tools.integration.job import ENDED, ON_CONTROLLER, Job, cause, leaks, too_old, wrong_path
from tools.integration.releases import lacking
from tools.workspace import ROOT


def make_job(folder: Path, path: str, rows: list[dict[str, Any]], target: str = "shop", simulator: str = "") -> Job:
    job = Job(target, path, folder / f"{target}-{path}-0a1b2c")
    job.folder.mkdir()
    (job.folder / "record.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (job.folder / "vars.json").write_text(
        json.dumps(
            {"dokploy_url": f"http://127.0.0.1:{len(path)}", "dokploy_simulator": simulator, "dokploy_api_key": ""}
        )
    )
    return job


def row(job_path: str, app_id: str, **result: Any) -> dict[str, Any]:
    name = f"it-shop-{job_path}-0a1b2c-web"
    fixed = {"changed": True, "application": {"id": app_id, "name": name, "app_name": f"{name}-{app_id[:6].lower()}"}}
    action = "community.dokploy.dokploy_application"
    return {"task": "Create", "action": action, "status": "ok", "result": {**fixed, **result}}


ONE, OTHER = "V1StGXR8_Z5jdHi6B-myT", "aBcD3fGhIjKlMnOpQrStU"


def test_results_that_differ_only_by_what_is_new_each_time_are_equal(tmp_path: Path) -> None:
    action = make_job(
        tmp_path,
        "action",
        [
            row(
                "action",
                ONE,
                created_at="2026-01-02T03:04:05.678Z",
                duration=1,
                table="2026-01-02 03:04, 43 bytes",
                task="compose-parse-panel-y8bslt_web.1",
            )
        ],
    )
    module = make_job(
        tmp_path,
        "module",
        [
            row(
                "module",
                OTHER,
                created_at="2026-01-02T03:04:06.1Z",
                duration=2,
                table="2026-01-02 03:05, 43 bytes",
                task="compose-generate-neural-driver-c7ko0y_web.1",
                invocation={},
            )
        ],
    )
    assert differences(action, module) == []


@pytest.mark.parametrize(
    "other",
    [
        [row("module", OTHER, changed=False)],
        [row("module", OTHER, extra=None)],
        [{**row("module", OTHER), "status": "failed"}],
        [row("module", OTHER), row("module", OTHER)],
        [],
    ],
)
def test_results_that_differ_are_reported(tmp_path: Path, other: list[dict[str, Any]]) -> None:
    action = make_job(tmp_path, "action", [row("action", ONE)])
    assert len(differences(action, make_job(tmp_path, "module", other))) == 1


CRASH = "web does not stay up (Failed).\nThe end of the log of web.1.abc (Failed):\n"
UNKNOWN = "there is no registry named 'nowhere'. There are: "
END = "web: the deployment ended in error\nThe end of its log:\n"
TWIN = "application 'api' in other/production already has a domain with host 'a.example.com'. Only one is served."
LOOP = "web does not stay up: %d of its tasks have ended (Failed %s ago: task: non-zero exit (1))"


def tasks(*states: str) -> dict[str, Any]:
    return {"running": {"tasks": [{"name": "web.1", "desired_state": one, "current_state": one} for one in states]}}


PLAN, SHA = "**1 to create** (plan)", "0123456789" * 4
OF_THE_MOMENT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"deployments": [{"log": ["one"]}]}, {"deployments": [{"log": ["one", "two"]}]}),
    ({"applications": [{"logs": []}]}, {"applications": [{"logs": ["one"]}]}),
    ({"run": {"log": ["one"]}}, {"run": {"log": ["one", "two"]}}),
    ({"msg": END + "one"}, {"msg": END + "one\ntwo"}),
    (tasks("ready", "shutdown", "shutdown"), tasks("running", "shutdown", "shutdown", "shutdown")),
    ({"warnings": [TWIN, "own"]}, {"warnings": ["own"]}),
    ({"warnings": [TWIN]}, {}),
    ({"text": f"{PLAN}\n\n1 not in the document:\n\n- project `other`\n"}, {"text": f"{PLAN}\n"}),
    ({"unmanaged": [{"kind": "project", "path": "other"}]}, {"unmanaged": []}),
    ({"deployment_id": "1", "commit": None, "title": "a"}, {"deployment_id": "1", "commit": SHA, "title": "b"}),
    ({"replicas_running": 0}, {"replicas_running": 1}),
    ({"image": "127.0.0.1:1/nobody/app-a-b-abcdef:v4"}, {"image": "127.0.0.1:1/nobody/app-a-b-abcdef:v9"}),
    ({"msg": CRASH + "one"}, {"msg": CRASH + "one\none"}),
    ({"msg": "it has not ended (Running 1 second ago)"}, {"msg": "it has not ended (Starting 2 seconds ago)"}),
    ({"msg": UNKNOWN + "'a'."}, {"msg": UNKNOWN + "'b', 'c'."}),
    ({"file": {"size": 394}, "text": "2, 394 bytes"}, {"file": {"size": 397}, "text": "2, 397 bytes"}),
    ({"text": "+size: 394"}, {"text": "+size: 397"}),
    ({"counts": {"projects": 1}}, {"counts": {"projects": 2}}),
    ({"queue": {"active": 0}}, {"queue": {"active": 1}}),
    ({"projects": [{"name": "it-other-module-abcdef"}]}, {"projects": []}),
]


@pytest.mark.parametrize(("one", "other"), OF_THE_MOMENT)
def test_what_a_real_server_had_at_the_moment_is_not_compared(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any]
) -> None:
    for simulator, count in (("", 0), ("http://127.0.0.1:1/_sim", 1)):
        folder = tmp_path / str(count)
        folder.mkdir()
        jobs = [
            make_job(folder, path, [row(path, ONE, **result)], simulator=simulator)
            for path, result in (("action", one), ("module", other))
        ]
        assert len(differences(*jobs)) == count


def test_the_number_of_ended_tasks_is_not_compared(tmp_path: Path) -> None:
    action = make_job(tmp_path, "action", [row("action", ONE, msg=LOOP % (3, "1 second"))], simulator="http://a")
    module = make_job(tmp_path, "module", [row("module", ONE, msg=LOOP % (4, "2 seconds"))], simulator="http://a")
    assert differences(action, module) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tasks("ready"), tasks()),
        ({"tasks": [1]}, {"tasks": [2]}),
        ({"log": ["one"]}, {"log": None}),
        ({"log": ["one"]}, {}),
        ({"msg": END + "one"}, {"msg": "web: the deployment ended in error"}),
        ({"warnings": ["own"]}, {"warnings": ["own", "other"]}),
        ({"text": f"{PLAN}\n"}, {"text": "nothing to do\n"}),
        ({"description": "a"}, {"description": "b"}),
        ({"image": "nginx:v4"}, {"image": "nginx:v9"}),
    ],
)
def test_the_rest_is_compared_on_a_real_server_too(tmp_path: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    jobs = [
        make_job(tmp_path, path, [row(path, ONE, **result)]) for path, result in (("action", one), ("module", other))
    ]
    assert len(differences(*jobs)) == 1


def test_a_secret_in_the_output_is_found_and_not_repeated() -> None:
    text = 'fine\n"env": "A=s3cret-one-1234"\nkey other-key-9 in a line\n'
    found = leaks(text, "other-key-9")
    assert [problem.split(" of ")[0] for problem in found] == ["line 2", "line 3"]
    assert "1234" not in "".join(found) and "other-key-9" not in "".join(found)
    assert leaks("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "other-key-9") == []


MODULE_RUN = "Using module file /x/community/dokploy/plugins/modules/dokploy_project.py\n"


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("action", "", False),
        ("action", MODULE_RUN, True),
        ("module", MODULE_RUN, False),
        ("module", "", True),
        ("module", "Using module file /x/ansible/modules/uri.py\n", True),
    ],
)
def test_the_way_a_task_ran_is_checked(tmp_path: Path, path: str, text: str, problem: bool) -> None:
    assert bool(wrong_path(make_job(tmp_path, path, [row(path, ONE)]), text)) is problem


def test_a_hidden_result_can_be_a_refusal_that_comes_before_the_module(tmp_path: Path) -> None:
    result = {"censored": "the output has been hidden", "changed": False}
    hidden = {**row("module", ONE), "result": result}
    job = make_job(tmp_path, "module", [row("module", ONE), hidden])
    assert wrong_path(job, MODULE_RUN) == []


def test_what_runs_on_the_controller_needs_no_module(tmp_path: Path) -> None:
    checked = {**row("module", ONE), "action": ON_CONTROLLER[0]}
    assert wrong_path(make_job(tmp_path, "module", [row("module", ONE), checked]), MODULE_RUN) == []


def test_a_target_without_a_task_of_ours_does_not_pass(tmp_path: Path) -> None:
    assert wrong_path(make_job(tmp_path, "action", []), "")


def test_only_a_target_that_says_so_may_fall_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integration_targets, "TARGETS", tmp_path / "targets")
    aliases = tmp_path / "targets/shop/aliases"
    aliases.parent.mkdir(parents=True)
    aliases.write_text("# runner: fallback\n")
    assert wrong_path(make_job(tmp_path, "action", [row("action", ONE)]), MODULE_RUN) == []


def test_a_target_that_needs_the_simulator_is_not_run_on_a_real_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_targets, "TARGETS", tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one/aliases").write_text("# runner: action\n# runner: simulator\n")
    monkeypatch.delenv("DOKPLOY_URL", raising=False)
    assert integration_targets.divided(["one", "two"]) == (["one", "two"], [])
    monkeypatch.setenv("DOKPLOY_URL", "http://127.0.0.1:3000")
    assert integration_targets.divided(["one", "two"]) == (["two"], ["one"])


def test_hidden_targets_are_not_run_and_names_of_roles_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_targets, "ROOT", tmp_path)
    monkeypatch.setattr(integration_targets, "TARGETS", tmp_path / "targets")
    for name in ("one", "helper"):
        (tmp_path / "targets" / name).mkdir(parents=True)
    (tmp_path / "targets/helper/aliases").write_text("hidden\n")
    assert integration_targets.targets() == ["one"]
    (tmp_path / "roles/one").mkdir(parents=True)
    with pytest.raises(SystemExit, match="name of a role"):
        integration_targets.targets()


# In place of ansible-playbook: it runs the plays up to one that fails, and none where one cannot be read.
ANSIBLE_PLAYBOOK = """
import json, sys
plays = json.load(open("playbook.yml"))
names = [play["name"] for play in plays]
if "unreadable" in names:
    sys.exit("ERROR! no such role")
for name in names:
    print(f"PLAY [{name}] ***")
    row = {"play": name, "task": "Create", "action": "community.dokploy.dokploy_tag", "status": "ok", "result": {}}
    with open("record.jsonl", "a") as record:
        record.write(json.dumps(row) + chr(10))
    if name == "warns":
        print("[WARNING]: of one target only")
    if name == "broken":
        print("fatal: no")
        sys.exit(2)
print("PLAY RECAP ***")
"""


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Job]]:
    monkeypatch.setattr(playbook, "PLAYBOOK", (sys.executable, "-c", ANSIBLE_PLAYBOOK))
    connection = {"dokploy_url": "http://127.0.0.1:1", "dokploy_api_key": "a-key", "dokploy_simulator": ""}
    monkeypatch.setattr(playbook, "server", lambda _folder: contextlib.nullcontext(connection))

    def run(*names: str) -> dict[str, Job]:
        jobs = [Job(name, "action", tmp_path / f"{name}-action-0a1b2c") for name in names]
        playbook.run(jobs, tmp_path / "playbook-1")
        return {job.target: job for job in jobs}

    return run


def test_a_target_that_fails_is_named_and_those_after_it_run(played: Callable[..., dict[str, Job]]) -> None:
    jobs = played("one", "broken", "two", "warns", "three")
    assert {name: len(job.problems) for name, job in jobs.items()} == {
        "one": 0,
        "broken": 1,
        "two": 0,
        "warns": 1,
        "three": 0,
    }
    assert jobs["broken"].problems == ["ansible-playbook ended with status 2"]
    assert "of one target only" in jobs["warns"].problems[0]
    for name, job in jobs.items():
        assert [row["play"] for row in job.rows()] == [name]
        assert re.findall(r"^PLAY \[(\w+)\]", job.log.read_text(), re.M) == [name]


def test_a_target_that_cannot_be_read_is_named_and_the_others_run(played: Callable[..., dict[str, Job]]) -> None:
    jobs = played("one", "unreadable", "two")
    assert [name for name, job in jobs.items() if job.problems] == ["unreadable"]
    assert "no such role" in jobs["unreadable"].log.read_text()
    assert [len(jobs[name].rows()) for name in ("one", "two")] == [1, 1]


def test_targets_share_a_playbook_by_path_but_for_long_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integration_targets, "TARGETS", tmp_path)
    (tmp_path / "long").mkdir()
    (tmp_path / "long/aliases").write_text("# runner: long\n")
    names = ("a", "long", "b", "c")
    jobs = [Job(name, path, tmp_path) for name in names for path in ("action", "module")]
    shared = [[(job.target, job.path) for job in batch] for batch in batches(jobs, 2)]
    assert shared[:2] == [[("long", "action")], [("long", "module")]]
    assert shared[2:] == [
        [("a", "action"), ("c", "action")],
        [("b", "action")],
        [("a", "module"), ("c", "module")],
        [("b", "module")],
    ]
    # On a real server each has its own.
    for url, count in ((None, 8), ("http://127.0.0.1:1", 30)):
        monkeypatch.setenv("DOKPLOY_URL", url) if url else monkeypatch.delenv("DOKPLOY_URL", raising=False)
        assert number_of_batches(30, 4) == count


def test_the_simulator_is_reset_before_each_target_and_by_no_other_playbook() -> None:
    spec = importlib.util.spec_from_file_location("record", ROOT / "tools/callback/dokploy_record.py")
    assert spec is not None and spec.loader is not None
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    callback = plugin.CallbackModule()
    with Simulator() as sim:
        sim.seed(project="shop")
        callback.v2_playbook_on_play_start(Play().load({"name": "of a role", "hosts": "all"}))
        assert len(sim.execute("project.all")) == 1
        own = {"name": "one", "hosts": "all", "vars": {"dokploy_record_reset": sim.url + "/_sim"}}
        callback.v2_playbook_on_play_start(Play().load(own))
        assert sim.execute("project.all") == []


def test_two_runners_leave_each_other_alone(tmp_path: Path) -> None:
    alive, ended, older = tmp_path / "1", tmp_path / "999999999", tmp_path / "shop-action-0a1b2c"
    for folder in (alive, ended, older):
        folder.mkdir()
    own = own_folder(tmp_path)
    assert own.name == str(os.getpid())
    assert (alive.exists(), ended.exists(), older.exists()) == (True, False, False)


BOTH = {"every_module"}
SLOW = {
    "dokploy_application_action_module",
    "dokploy_application_running",
    "dokploy_application_swarm",
    "dokploy_backup_set_module",
    "dokploy_deployment_compose",
    "dokploy_deployment_files",
    "dokploy_deployment_info_module",
    "dokploy_deployment_return",
    "dokploy_deployment_running",
    "dokploy_deployment_trigger",
    "dokploy_export_files",
    "dokploy_logs_info_module",
    "dokploy_preview_deployment_info_module",
    "dokploy_preview_deployment_module",
    "dokploy_schedule_module",
    "dokploy_volume_backup_module",
    "every_child",
    "every_release",
    "every_resource",
    "inventory_lookup_filters",
    "older_releases",
    "playbooks",
    "recovery",
    "roles_check_mode",
    "setup_role",
    "setup_role_services",
}


def test_a_quick_run_takes_both_paths_of_those_targets_only_that_say_so() -> None:
    quick = {name: integration_targets.paths(name, None, True) for name in integration_targets.targets()}
    assert {name for name, paths in quick.items() if paths == ["action", "module"]} == BOTH
    assert {name for name, paths in quick.items() if not paths} == SLOW
    assert integration_targets.paths("dokploy_project_module", None, False) == ["action", "module"]
    assert integration_targets.paths("dokploy_project_module", "module", False) == ["module"]
    assert integration_targets.paths("every_release", None, False) == ["action"]


def test_every_module_is_in_the_target_that_runs_on_both_paths() -> None:
    tasks = "".join(path.read_text() for path in (integration_targets.TARGETS / "every_module/tasks").glob("*.yml"))
    modules = {path.stem for path in (integration_targets.ROOT / "plugins/modules").glob("dokploy_*.py")}
    assert set(re.findall(r"^ +community\.dokploy\.(\w+):", tasks, re.M)) == modules


def test_what_a_run_goes_on_without_is_what_the_server_is_too_old_for(tmp_path: Path) -> None:
    messages = (
        "networks needs Dokploy 0.29.14 or newer; this server is 0.29.8",
        "web: A patch needs Dokploy 0.30.0 or newer, and this server does not know patch.create",
        "A patch needs Dokploy 0.30.0 or newer, and this server does not know patch.delete",
        # It is no case of a release that has it.
        "tags needs Dokploy 0.29.0 or newer",
    )
    job = make_job(tmp_path, "action", [row("action", ONE, msg=message) for message in messages])
    (job.folder / "vars.json").write_text(json.dumps({"dokploy_test_version": "0.29.8-fork"}))
    assert too_old(job) == ["A patch (0.30.0)", "networks (0.29.14)"]


def test_what_a_release_lacks_is_in_the_documentation() -> None:
    lacks = lacking("0.29.8-fork")
    assert (lacks["modules"]["network"], lacks["options"]["domain"]) == ("0.29.14", {"enabled": "0.30.0"})
    assert "tag" not in lacks["modules"] and lacking("0.28.8")["modules"]["user"] == "0.29.0"
    assert lacking("0.28.8")["options"]["application"]["domains.middlewares"] == "0.29.0"
    assert lacking("99.0.0") == {"modules": {}, "options": {}}


def test_the_cause_of_a_failed_run_is_the_message_of_its_last_failed_task(tmp_path: Path) -> None:
    job = make_job(tmp_path, "action", [])
    assert cause(job) == ""
    job.log.write_text(
        'fatal: [shop]: FAILED! => {"msg": "expected"}\n...ignoring\n\n'
        'fatal: [shop]: FAILED! => {\n    "changed": false,\n    "msg": "no \\"s3cret-one-0a\\"\\nin line 2"\n}\n\n'
        'ok: [shop] => {"msg": "removed"}\n'
    )
    # What else is wrong with a run has words of its own.
    job.problems = ["a warning that is not expected: old"]
    assert cause(job) == ""
    job.problems.append(f"{ENDED} 2")
    assert cause(job) == 'no "s3cret-..."\nin line 2'
    job.log.write_text('fatal: [shop]: FAILED! => {"censored": "no_log"}\n\nok: [shop] => {"msg": "removed"}\n')
    assert cause(job) == ""
