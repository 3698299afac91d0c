# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to documents and its pipelines run from top to bottom, on servers that are empty at first."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.plugin_utils._export import yaml_writer
from dokploy_simulator import Simulator
from tests.guides import commands
from tests.guides.snippets import snippets
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/manifest.rst"
EXAMPLE = ROOT / "docs/examples/shop.yml"
SCHEMA = re.compile(r"yaml-language-server: \$schema=(http\S+)")
SECRET = "of-the-vault"
PASSWORD = "a password of the tests"
RECAP = re.compile(r"^(\w+) +: ok=\d+ +changed=(\d+)", re.M)


class Reader:
    """A reader who has written the files of the guide, and runs its commands.

    :ivar promised: the warnings of which the guide tells.
    """

    def __init__(self, sim: Simulator, folder: Path) -> None:
        self.sim, self.folder = sim, folder
        self.promised: list[str] = []
        self.env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
        (folder / "vault-password").write_text(PASSWORD)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        assert not path.exists(), f"{name} is shown twice"
        path.parent.mkdir(parents=True, exist_ok=True)
        # What the guide leaves to the reader, and the time for which a container has to stay up.
        text = re.sub(r"^(vault_\w+): \.\.\.$", rf"\1: {SECRET}", text, flags=re.M)
        path.write_text(re.sub(r"^( +)(src: .*)$", r"\1\2\n\1verify_period: 0", text, flags=re.M))

    def run(self, command: str) -> tuple[int, str]:
        self.sim.reset_stats()
        status, said = commands.run(shlex.split(command), self.folder, self.env)
        assert ansible_warnings.unexpected(said, self.promised) == [], command
        assert [secret for secret in (SECRET, self.sim.key) if secret in said] == [], command
        if "--check" in command:
            assert self.sim.calls("mutation") == [], command
        return status, said

    def changes(self, command: str) -> dict[str, int]:
        """How many tasks changed something, by host."""
        status, said = self.run(command)
        assert status == 0, f"{command}\n{said}"
        return {host: int(count) for host, count in RECAP.findall(said)}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Simulator(build_seconds=0.01) as sim:
        yield Reader(sim, tmp_path)


def test_the_guide(reader: Reader) -> None:
    counts: dict[str, list[int]] = {}
    with Simulator(build_seconds=0.01) as berlin, Simulator(build_seconds=0.01) as tokyo:
        servers = {"berlin": berlin, "tokyo": tokyo}
        for snippet in snippets(GUIDE):
            if snippet.file is not None:
                text = re.sub(r"https://dokploy\.(\w+)\.example\.com", lambda one: servers[one[1]].url, snippet.text)
                text = re.sub(r"{{ vault_(\w+)_api_key }}", lambda one: servers[one[1]].key, text)
                reader.write(snippet.file, text)
            for command in snippet.commands:
                if command.startswith("ansible-vault"):
                    assert reader.run(command)[0] == 0
                elif command.startswith("ansible-playbook -i"):
                    assert reader.changes(command) == {"berlin": 1, "tokyo": 1}
                    assert reader.changes(command) == {"berlin": 0, "tokyo": 0}
                elif command.startswith("ansible-playbook"):
                    counts.setdefault(command, []).append(reader.changes(command)["localhost"])
        hosts = [host_of(one) for one in servers.values()]
    assert hosts == ["status.berlin.example.com", "status.tokyo.example.com"]
    site, vault = "ansible-playbook site.yml", " -e @secrets.yml --vault-password-file vault-password"
    assert counts == {
        site + " --check --diff": [1],
        site: [1, 0],
        site + vault + " --check --diff": [1],
        site + vault: [1],
    }
    check_pipelines(reader)


def host_of(sim: Simulator) -> str:
    (project,) = sim.execute("project.all")
    ((application,),) = [one["applications"] for one in project["environments"]]
    (domain,) = sim.execute("domain.byApplicationId", applicationId=application["applicationId"])
    return str(domain["host"])


# --- pipelines ---


def check_pipelines(reader: Reader) -> None:
    """Both pipelines plan what is left to do, apply exactly that, and refuse a plan that is not the present one."""
    script = reader.folder / "vault-password.sh"
    script.write_text(f"#!/bin/sh\nprintf %s '{PASSWORD}'\n")
    script.chmod(0o755)
    document = reader.folder / "instance/shop.yml"
    text = document.read_text()
    for name, read in {"GitHub": github, "GitLab": gitlab}.items():
        document.write_text(f"{text}    description: The last change is that of {name}.\n")
        (plan, apply), variable = read(reader.folder)
        shell(reader, plan, script)
        assert "update | project |" in (reader.folder / "plan.md").read_text()
        expected = (reader.folder / "plan.id").read_text()
        stale = shell(reader, apply, script, **{variable: "0" * 16})
        assert f"the plan is {expected} now, not 0000000000000000: 1 to update" in stale
        assert shell(reader, apply, script, **{variable: expected}) == ""


Pipeline = tuple[tuple[list[str], list[str]], str]


def github(folder: Path) -> Pipeline:
    """The lines of the steps that plan and apply, and the variable with the ID of the plan."""
    jobs = yaml.safe_load((folder / ".github/workflows/instance.yml").read_text())["jobs"]
    plan, apply = (jobs[name]["steps"][-1] for name in ("plan", "apply"))
    assert jobs["apply"]["needs"] == "plan" and jobs["apply"]["environment"] == "production"
    assert jobs["plan"]["outputs"] == {"plan": "${{ steps.%s.outputs.plan }}" % plan["id"]}
    ((variable, value),) = apply["env"].items()
    assert value == "${{ needs.plan.outputs.plan }}"
    return (plan["run"].splitlines(), apply["run"].splitlines()), variable


def gitlab(folder: Path) -> Pipeline:
    jobs = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())
    plan, apply = jobs["plan"], jobs["apply"]
    assert apply["needs"] == ["plan"] and plan["artifacts"]["reports"] == {"dotenv": "plan.env"}
    assert [rule["when"] for rule in apply["rules"]] == ["manual"]
    (variable,) = re.findall(r'echo "(\w+)=\$\(cat plan\.id\)" > plan\.env', "\n".join(plan["script"]))
    return (plan["script"], apply["script"]), variable


def shell(reader: Reader, lines: list[str], script: Path, **variables: str) -> str:
    """Run the lines of a step; returns what the one that failed has printed."""
    outputs = {name: str(reader.folder / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for line in lines:
        if line.startswith("ansible-playbook "):
            for name, value in variables.items():
                line = line.replace(f'"${name}"', value)
            assert "$" not in line
            status, said = reader.run(f"{line} --vault-password-file {script}")
            if status:
                return said
        else:
            subprocess.run(["bash", "-ec", line], cwd=reader.folder, env={**reader.env, **outputs}, check=True)
    return ""


def test_the_workflow_of_awx_approves_the_plan_before_it_is_applied() -> None:
    files = {snippet.file: snippet.text for snippet in snippets(GUIDE)}
    nodes = yaml.safe_load(files["awx_workflow.yml"])["workflow_nodes"]
    after = {
        node["identifier"]: [one["identifier"] for one in node.get("related", {}).get("success_nodes", [])]
        for node in nodes
    }
    assert after == {"plan": ["approve"], "approve": ["apply"], "apply": []}
    assert [node["unified_job_template"]["type"] for node in nodes] == [
        "job_template",
        "workflow_approval",
        "job_template",
    ]
    ((*_tasks, last),) = [play["tasks"] for play in yaml.safe_load(files["awx_plan.yml"])]
    # The variable of the other playbook.
    (name,) = last["ansible.builtin.set_stats"]["data"]
    assert f"{{{{ {name} | default(omit, true) }}}}" in files["reviewed.yml"]


# --- the example ---


def test_the_example_is_applied_and_stays(reader: Reader) -> None:
    reader.write("shop.yml", EXAMPLE.read_text())
    names = sorted(set(re.findall(r"\bvault_\w+", EXAMPLE.read_text())))
    reader.write("site.yml", (guide_file("site.yml")).replace("src: instance", "src: shop.yml"))
    reader.write("secrets.yml", "".join(f"{name}: ...\n" for name in names))
    assert reader.changes("ansible-playbook site.yml -e @secrets.yml") == {"localhost": 1}
    assert reader.changes("ansible-playbook site.yml -e @secrets.yml") == {"localhost": 0}
    (project,) = reader.sim.execute("project.all")
    (environment,) = project["environments"]
    assert {kind: len(environment[kind]) for kind in ("applications", "compose", "postgres")} == {
        "applications": 1,
        "compose": 1,
        "postgres": 1,
    }


def guide_file(name: str) -> str:
    (found,) = [snippet.text for snippet in snippets(GUIDE) if snippet.file == name]
    return found


def test_documents_name_the_schema_of_this_version() -> None:
    galaxy: dict[str, Any] = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    repository = galaxy["repository"].replace("github.com", "raw.githubusercontent.com")
    schema = f"{repository}/{galaxy['version']}/docs/manifest.schema.json"
    assert SCHEMA.findall(GUIDE.read_text()) == [schema]
    first, *_rest = EXAMPLE.read_text().splitlines()
    assert SCHEMA.findall(first) == [schema]
    assert schema == yaml_writer.SCHEMA
    assert (ROOT / schema.partition(f"/{galaxy['version']}/")[2]).is_file()
