# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that configures AWX, with the modules of awx.awx, on a stand-in for AWX's API."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.awx_files import INJECTORS, INPUTS, PROJECT, job_templates, workflows
from tests.system.awx.api import TOKEN, Awx
from tools import workspace
from tools.workspace import VENV

KEY = "canary-of-the-api-key"
HOOK = {"service": "github", "project": "shop", "application": "api"}
DAILY = "DTSTART;TZID=Europe/Berlin:20260105T053000 RRULE:FREQ=DAILY;INTERVAL=1"
REPOSITORY = "configure_project_url=https://git.example.com/shop.git"


def configure(awx: Awx, collections: Path, *words: str, env: dict[str, str] | None = None) -> tuple[int, int, str]:
    """Run the playbook; returns its status, how much it changed, and what it printed."""
    every = {
        **workspace.environment(),
        "ANSIBLE_COLLECTIONS_PATH": f"{workspace.live()}:{collections}",
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": TOKEN,
        "DOKPLOY_URL": "https://dokploy.example.com",
        "DOKPLOY_API_KEY": KEY,
        **(env or {}),
    }
    command: list[str | Path] = [VENV / "bin/ansible-playbook", "community.dokploy.awx.configure", "-vvvv", *words]
    done = subprocess.run(command, env=every, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    text = done.stdout + done.stderr
    assert KEY not in text
    changed = re.search(r"changed=(\d+)", text)
    return done.returncode, int(changed[1]) if changed else -1, text


@pytest.mark.parametrize("prefix", ["/api/", "/api/controller/"], ids=["AWX", "Ansible Automation Platform"])
def test_it_creates_everything_once(awx_awx: Path, prefix: str) -> None:
    words = ["-e", REPOSITORY, "-e", "configure_image=registry.example.com/ee-dokploy:1.0"]
    words += [
        "-e",
        json.dumps({"configure_webhook": HOOK, "configure_drift_schedule": DAILY, "configure_backup_schedule": DAILY}),
    ]
    env = {"CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX": prefix}
    with Awx(prefix) as awx:
        status, changed, text = configure(awx, awx_awx, *words, env=env)
        assert (status, changed) == (0, 13), text
        check(awx)
        writes = list(awx.writes)
        status, changed, text = configure(awx, awx_awx, *words, env=env)
        assert (status, changed) == (0, 0), text
        assert awx.writes == writes


def check(awx: Awx) -> None:
    """What is in AWX is what the files say, its templates for AWX not evaluated."""
    kind = awx.one("credential_types", "Dokploy")
    assert (kind["inputs"], kind["injectors"], kind["kind"]) == (INPUTS, INJECTORS, "cloud")
    credential = awx.one("credentials", "Dokploy")
    assert credential["credential_type"] == kind["id"]
    assert credential["inputs"] == {
        "url": "https://dokploy.example.com",
        "api_key": KEY,
        "auth_scheme": "auto",
        "skip_verification": False,
    }
    image, project = awx.one("execution_environments", "Dokploy"), awx.one("projects", "Dokploy")
    assert project["scm_url"] == "https://git.example.com/shop.git" and project["default_environment"] == image["id"]
    assert json.loads(awx.one("hosts", "localhost")["variables"]) == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    wanted = job_templates()
    pushed = "Dokploy: deploy what is pushed to shop / api"
    assert awx.names("job_templates") == sorted([*wanted, pushed])
    for name, template in wanted.items():
        row = awx.one("job_templates", name)
        assert surveys(awx, row) == template["survey_spec"] and row["survey_enabled"]
        assert json.loads(row["extra_vars"]) == template.get("extra_vars", {})
        assert {key: row[key] for key in set(template) & set(row) - {"extra_vars"}} == {
            key: template[key] for key in set(template) & set(row) - {"extra_vars"}
        }
    for name in awx.names("job_templates"):
        row = awx.one("job_templates", name)
        assert (PROJECT / row["playbook"]).is_file() and row["project"] == project["id"]
        assert awx.associated[f"job_templates/{row['id']}/credentials"] == [credential["id"]]
    assert json.loads(awx.one("job_templates", pushed)["extra_vars"]) == {
        "dokploy_project": "shop",
        "dokploy_environment": "production",
        "dokploy_application": "api",
        "deploy_branch": "main",
    }
    for name in ("Dokploy: drift", "Dokploy: back up"):
        schedule = awx.one("schedules", name)
        assert schedule["unified_job_template"] == awx.one("job_templates", name)["id"]
        assert schedule["rrule"] == DAILY
    for name, workflow in workflows().items():
        row = awx.one("workflow_job_templates", name)
        assert surveys(awx, row) == workflow["survey_spec"]
        assert json.loads(row["extra_vars"]) == workflow.get("extra_vars", {})
        check_nodes(awx, row["id"], workflow["nodes"])


def surveys(awx: Awx, row: dict[str, Any]) -> Any:
    return awx.surveys[row["related"]["survey_spec"].removeprefix(awx.base).rstrip("/")]


def check_nodes(awx: Awx, workflow: int, wanted: list[dict[str, Any]]) -> None:
    rows = awx.records["workflow_job_template_nodes"].values()
    nodes = {row["identifier"]: row for row in rows if row["workflow_job_template"] == workflow}
    assert set(nodes) == {node["identifier"] for node in wanted}
    for node in wanted:
        row = nodes[node["identifier"]]
        if "approval_node" in node:
            approval = awx.records["workflow_approval_templates"][row["unified_job_template"]]
            assert {key: approval[key] for key in node["approval_node"]} == node["approval_node"]
        else:
            assert row["unified_job_template"] == awx.one("job_templates", node["unified_job_template"])["id"]
        for kind in ("success_nodes", "failure_nodes"):
            ids = awx.associated[f"workflow_job_template_nodes/{row['id']}/{kind}"]
            assert ids == [nodes[one]["id"] for one in node.get(kind, [])]


def test_a_new_key_is_stored_on_request_and_a_certificate_with_its_content(awx_awx: Path, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    env = {"DOKPLOY_CA_PATH": str(authority), "DOKPLOY_VALIDATE_CERTS": "false", "DOKPLOY_API_KEY": KEY + "-old"}
    with Awx() as awx:
        assert configure(awx, awx_awx, "-e", REPOSITORY, env=env)[:2] == (0, 9)
        inputs = awx.one("credentials", "Dokploy")["inputs"]
        assert inputs["ca_certificate"] == authority.read_text().rstrip() and inputs["skip_verification"] is True
        env["DOKPLOY_API_KEY"] = KEY
        assert configure(awx, awx_awx, "-e", REPOSITORY, env=env)[:2] == (0, 0)
        assert inputs["api_key"] == KEY + "-old"
        status, changed, text = configure(
            awx, awx_awx, "-e", REPOSITORY, "-e", "configure_update_secrets=true", env=env
        )
        assert (status, changed) == (0, 1), text
        assert awx.one("credentials", "Dokploy")["inputs"]["api_key"] == KEY


def test_another_organization_and_another_credential(awx_awx: Path) -> None:
    """Names are unique in an organization, and a further credential does not become that of the job templates."""
    words = ["-e", REPOSITORY]
    with Awx() as awx:
        awx.create("organizations", {"name": "Other"})
        kinds = awx.create(
            "credential_types", {"name": "Vault", "inputs": {"fields": [], "required": []}, "injectors": {}}
        )
        vault = awx.create("credentials", {"name": "shop", "credential_type": kinds["id"], "inputs": {}})
        assert configure(awx, awx_awx, *words)[:2] == (0, 9)
        credential = awx.one("credentials", "Dokploy")
        words += ["-e", "configure_organization=Other", "-e", "configure_credentials=shop"]
        status, changed, text = configure(awx, awx_awx, *words)
        # All but the credential type.
        assert (status, changed) == (0, 8), text
        assert configure(awx, awx_awx, *words)[:2] == (0, 0)
        used = sorted(awx.associated[f"job_templates/{number}/credentials"] for number in awx.records["job_templates"])
        (second,) = [number for number in awx.records["credentials"] if number not in (credential["id"], vault["id"])]
        assert used == [[credential["id"]]] * len(job_templates()) + [[second, vault["id"]]] * len(job_templates())
        words = ["--tags", "credential", "-e", "configure_credential=third"]
        env = {"DOKPLOY_URL": "https://third.example.com"}
        status, changed, text = configure(awx, awx_awx, *words, env=env)
        assert (status, changed) == (0, 1), text
        assert awx.one("credentials", "third")["inputs"]["url"] == env["DOKPLOY_URL"]


@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        ([], {}, "Set configure_project_url"),
        (["-e", REPOSITORY], {"DOKPLOY_URL": ""}, "Set DOKPLOY_URL and DOKPLOY_API_KEY"),
        (["-e", REPOSITORY, "-e", "configure_imgae=x"], {}, "'configure_imgae' is not a known variable"),
        (
            ["-e", REPOSITORY, "-e", json.dumps({"configure_webhook": {**HOOK, "brnach": "main"}})],
            {},
            "takes only service, project, application, environment, branch, credential. It has",
        ),
        (
            ["-e", REPOSITORY, "-e", json.dumps({"configure_webhook": {**HOOK, "project": ""}})],
            {},
            "configure_webhook requires service, project, application",
        ),
    ],
)
def test_it_says_what_is_missing(awx_awx: Path, words: list[str], env: dict[str, str], said: str) -> None:
    with Awx() as awx:
        status, _changed, text = configure(awx, awx_awx, *words, env=env)
        assert status == 2 and said in text
        assert awx.writes == []
