# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the workflows and pre-commit promise: all green needs all jobs, few may write, the hooks are those of quick."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.github import GitHub
from tools import check, matrix, quick, real_test
from tools.workspace import ROOT

WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = {(name, job): body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}


def test_all_green_needs_every_job() -> None:
    jobs = WORKFLOWS["checks"]["jobs"]
    last = jobs["all-green"]
    assert (last["name"], last["if"]) == ("all green", "always()")
    assert set(last["needs"]) == set(jobs) - {"all-green"}
    settings = last["steps"][0]["with"]
    assert settings["jobs"] == "${{ toJSON(needs) }}"
    # A job that a pull request skips would make all green fail.
    conditional = {job for job, body in jobs.items() if "if" in body} - {"all-green"}
    assert set(settings["allowed-skips"].replace(",", " ").split()) == conditional


def test_ansible_core_devel_fails_no_pull_request() -> None:
    called = WORKFLOWS["nox"]["jobs"]["ansible-test"]["with"]
    assert called["max-ansible-core"] == list(matrix.SUPPORTED)[-1]
    # With YAML 1.1, the key `on` has quotes.
    assert set(WORKFLOWS["devel"]["on"]) == {"schedule", "workflow_dispatch"}


def permissions(name: str, body: dict[str, Any]) -> dict[str, str]:
    # Those of a workflow that another one calls are at most the caller's.
    found = body.get("permissions", WORKFLOWS[name].get("permissions"))
    assert isinstance(found, dict), f"{name} has the default permissions"
    return found


@pytest.mark.parametrize("place", JOBS, ids="/".join)
def test_a_job_that_may_write_runs_no_code_of_a_pull_request(place: tuple[str, str]) -> None:
    name, _job = place
    body = JOBS[place]
    if "write" not in permissions(name, body).values():
        return
    assert name in ("release", "docs", "docs-preview", "publish-docs", "dokploy-release", "real")
    texts = [str(step) for step in body.get("steps", ())]
    assert [text for text in texts if "make " in text or "pip install" in text] == []
    checkouts = [step for step in body.get("steps", ()) if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["ref"] for step in checkouts] == ["${{ github.event.repository.default_branch }}"] * len(
        checkouts
    )


def test_only_the_protected_environment_has_the_token_of_galaxy() -> None:
    with_token = {place: body for place, body in JOBS.items() if "secrets.GALAXY_TOKEN" in str(body)}
    assert list(with_token) == [("release", "galaxy")]
    assert with_token["release", "galaxy"]["environment"] == "galaxy"


def script(name: str, job: str, step: str) -> str:
    """What a step runs."""
    (text,) = (body["run"] for body in JOBS[name, job]["steps"] if body.get("name") == step)
    return str(text)


def run(text: str, folder: Path, programs: dict[str, str], **environment: str) -> str:
    """The output of a script, with programs that stand for those of the network."""
    (folder / "bin").mkdir(exist_ok=True)
    for name, lines in programs.items():
        (folder / "bin" / name).write_text(f"#!/usr/bin/env bash\n{lines}\n")
        (folder / "bin" / name).chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text],
        cwd=folder,
        env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_types_of_the_sdk_are_unpacked(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/types.gen.d.ts").write_text("types")
    npm = (
        'if [ "$1" = view ]; then echo 0.31.0; else'
        ' tar -czf "$4/dokploy-sdk.tgz" package; [ "$5" = "@dokploy/sdk@0.31.0" ]; fi'
    )
    run(
        script("dokploy-release", "compare", "The types of Dokploy's SDK"),
        tmp_path,
        {"npm": npm},
        RELEASE="",
        GITHUB_OUTPUT=str(tmp_path / "output"),
    )
    assert (tmp_path / "sdk/package/types.gen.d.ts").is_file()
    assert (tmp_path / "output").read_text() == "release=0.31.0\n"


@pytest.mark.parametrize("name", ["dokploy-release", "real"])
def test_findings_become_issues(tmp_path: Path, name: str) -> None:
    github = GitHub(tmp_path / "bin")
    (tmp_path / "found").mkdir()
    for file in ("found.json", "found/found-0.31.0.json", "found/found-0.30.8.json"):
        (tmp_path / file).write_text(json.dumps({"issues": [{"title": 'c: "[x]" $HOME', "body": "- c\n"}]}))
    run(script(name, "issues", "One for each new finding"), tmp_path, {}, PYTHONPATH=str(ROOT))
    assert [(issue["title"], issue["label"]) for issue in github.issues] == [('c: "[x]" $HOME', name)]


def test_the_server_of_a_night_is_of_the_official_image_and_its_findings_are_those_that_are_uploaded(
    tmp_path: Path,
) -> None:
    sudo = {"sudo": 'printf "%s\\n" "${@:3}"'}
    night = {"RELEASE": "0.30.8", "GITHUB_STEP_SUMMARY": "/summary"}
    up = run(script("real", "test", "Bring it up"), tmp_path, sudo, **night).splitlines()
    assert up == ["make", "real", "IMAGE=dokploy/dokploy:v0.30.8", "RELEASE=0.30.8"]
    *words, arguments = run(script("real", "test", "Test"), tmp_path, sudo, **night).splitlines()
    assert words == ["make", "real-test"]
    options = real_test.parsed(shlex.split(arguments.removeprefix("ARGS=")))
    assert (options.release, options.markdown) == ("0.30.8", [Path("/summary")])
    uploaded = [step["with"]["path"] for step in JOBS["real", "test"]["steps"] if "upload" in step.get("uses", "")]
    assert str(options.json).replace("0.30.8", "${{ matrix.release }}") == uploaded[0]


def test_called_workflows_exist() -> None:
    called = [body["uses"] for body in JOBS.values() if body.get("uses", "").startswith("./")]
    assert called and [path for path in called if not (ROOT / path).is_file()] == []


def test_the_hooks_of_pre_commit_are_the_linters_of_quick() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = {hook["name"]: hook["entry"].split() for hook in repository["hooks"]}
    files = ["tools/quick.py", ".pre-commit-config.yaml"]
    wanted = {
        f"{name} lint-file" if name == "reuse" else name: [
            str(word).replace(str(check.VENV), ".venv") for word in command if word not in files
        ]
        for name, command, _folder, _environment in quick.lint(files)
        if not name.startswith("mypy")
    }
    assert {
        name: [word for word in words if word != "env" and "=" not in word] for name, words in hooks.items()
    } == wanted
