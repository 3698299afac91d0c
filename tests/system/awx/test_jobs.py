# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job templates, the workflow and the webhook, each as a job of ansible-runner on a simulated server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__ as ansible_version

from dokploy_simulator import Simulator
from tests.guides.snippets import snippets
from tests.support.awx import HIDDEN
from tests.support.awx_files import PROJECT, job_templates, workflows
from tests.system.awx.jobs import LOCALHOST, TIMEOUT, Job, inventory_update, run
from tests.system.network.servers import Relay
from tools import ansible_warnings, workspace
from tools.certificates import Authority
from tools.workspace import NAMESPACE, ROOT

GUIDE = ROOT / "docs/docsite/rst/awx.rst"
TEMPLATES = job_templates()
WEB = {"dokploy_project": "shop", "dokploy_application": "web"}
BROKEN = "docker.io/library/broken:1"
IMAGE = "docker.io/traefik/whoami:v1.10.3"
LINES = [f"layer {number}" for number in range(100)] + ["boom: this image is broken"]
COMMIT = "55535fa801027e9db17c59d2b403bd9691fad457"
# Since this release, Ansible reads what AWX marks as no template like any YAML.
NUMBERS = tuple(int(part) for part in ansible_version.split(".")[:2]) >= (2, 19)
RULES = [{"image": "*broken*", "result": "error", "log": LINES}, {"branch": "main", "hash": COMMIT}]
SECRETS = {
    name: f"canary-{name}-of-the-job" for name in ("key", "env", "build_arg", "database", "basic_auth", "file", "vault")
}
PROJECTS = f"""
own_secret: {SECRETS["vault"]}
setup_projects:
  - name: shop
    env: {{TOKEN: "{{{{ own_secret }}}}"}}
    environments:
      - name: production
        databases:
          - {{name: db, type: postgres, image: "docker.io/library/postgres:17", database: shop, user: shop,
              password: {SECRETS["database"]}}}
        applications:
          - name: web
            docker: {{image: {IMAGE}}}
            env: {{PASSWORD: {SECRETS["env"]}}}
            build: {{type: dockerfile}}
            build_args: {{TOKEN: {SECRETS["build_arg"]}}}
            basic_auth: [{{username: staff, password: {SECRETS["basic_auth"]}}}]
            mounts: [{{type: file, path: /run/key, file_path: key, content: {SECRETS["file"]}}}]
"""


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(api_key=SECRETS["key"]) as running:
        yield running


def shop(sim: Simulator, **columns: Any) -> str:
    """The project shop with the application web, on a new server; its ID."""
    sim.reset(config=True)
    sim.config(build_seconds=0.1, builds=RULES)
    environment = sim.execute("project.create", name="shop")["environment"]["environmentId"]
    web: str = sim.execute("application.create", name="web", environmentId=environment)["applicationId"]
    columns = columns or {"sourceType": "docker", "dockerImage": IMAGE}
    sim.execute("application.update", applicationId=web, **columns)
    return web


@pytest.fixture
def launch(sim: Simulator, tmp_path: Path) -> Callable[..., Job]:
    """Starts the job of a template on a server with the application web, and checks what holds for all jobs."""
    shop(sim)
    count = 0

    def start(name: str, answers: dict[str, Any] | None = None, *, template: Any = None, **more: Any) -> Job:
        nonlocal count
        count += 1
        credential = {"url": sim.url, "api_key": sim.key, **more.pop("credential", {})}
        job = run(tmp_path / str(count), template or TEMPLATES["Dokploy: " + name], credential, answers, **more)
        assert job.shown_env["DOKPLOY_API_KEY"] == HIDDEN
        for file, text in {**job.kept(), "stdout": job.stdout, "env": json.dumps(job.shown_env)}.items():
            assert [secret for secret in SECRETS.values() if secret in text] == [], file
        assert ansible_warnings.unexpected(job.stdout) == []
        # Shown if the test fails.
        print(job.stdout)
        return job

    return start


def test_set_up_again_in_check_mode_and_tear_down(launch: Callable[..., Job], sim: Simulator) -> None:
    sim.reset()
    first = launch("set up")
    assert (first.status, first.changes()) == ("successful", 1)
    second = launch("set up")
    assert (second.status, second.changes()) == ("successful", 0)
    changed = (PROJECT / "vars/shop.yml").read_text().replace("WHOAMI_NAME: shop", "WHOAMI_NAME: other")
    foretold = launch("set up", args=["--check", "--diff"], files={"vars/shop.yml": changed})
    assert (foretold.status, foretold.changes()) == ("successful", 1)
    assert "WHOAMI_NAME" in foretold.stdout
    assert launch("set up").changes() == 0
    foretold = launch("tear down", args=["--check", "--diff"])
    assert foretold.status == "successful"
    assert len(sim.execute("project.all")) == 1
    removed = launch("tear down")
    assert (removed.status, removed.changes()) == ("successful", foretold.changes())
    assert sim.execute("project.all") == []


@pytest.mark.parametrize("host", [{}, {"dokploy_in_process": False}], ids=["in process", "packaged modules"])
def test_no_secret_is_in_what_awx_stores(launch: Callable[..., Job], sim: Simulator, host: dict[str, Any]) -> None:
    first = launch("set up", files={"vars/shop.yml": PROJECTS}, args=["-vvvv", "--diff"], host=host)
    assert first.status == "successful"
    (applied,) = first.results("dokploy_manifest")
    shown = next(one["after"] for one in applied["diff"] if "basic_auth" in one["after"])
    assert "staff" in str(shown["basic_auth"])
    second = launch("set up", files={"vars/shop.yml": PROJECTS}, args=["-vvvv", "--diff"], host=host)
    assert (second.status, second.changes()) == ("successful", 0)
    web = sim.execute("project.all")[0]["environments"][0]["applications"][0]["applicationId"]
    sim.execute("application.update", applicationId=web, env=f"PASSWORD={SECRETS['basic_auth']}", replicas=3)
    reported = launch("drift", files={"vars/shop.yml": PROJECTS}, args=["-vvvv"], host=host)
    assert reported.status == "failed"
    # What the file does not state is listed beside.
    assert reported.passed_on()["drift"]["summary"] == "1 difference, 1 set on the server and not stated"
    assert "shop/production/web: not deployed as configured" in reported.stdout


def test_the_parts_of_slices_join(launch: Callable[..., Job]) -> None:
    template = TEMPLATES["Dokploy: drift"]
    extra_vars = {**template.get("extra_vars", {}), "dokploy_hosts": "all", "drift_part": "{{ awx_job_id }}"}
    sliced = {**template, "extra_vars": extra_vars}
    down = {"dokploy_url": "http://127.0.0.1:9", "dokploy_max_retries": 0}
    passed: dict[str, Any] = {}
    for job_id, hosts in ((7, {"berlin": {}}), (8, {"lima": down})):
        job = launch("drift", {"drift_fail": "false"}, template=sliced, hosts=hosts, job_id=job_id)
        passed.update(job.passed_on())
    assert set(passed) == {"drift", "drift_part_7", "drift_part_8"}
    project = {"drift_join.yml": "- import_playbook: community.dokploy.drift_join\n"}
    joined = launch("drift", template={"playbook": "drift_join.yml"}, files=project, of_workflow=passed, job_id=9)
    assert joined.status == "successful"
    report = joined.passed_on()["drift"]
    assert report["summary"] == "2 instances: 1 with drift, 1 did not answer"
    assert [instance["host"] for instance in report["instances"]] == ["berlin", "lima"]


def test_deploy_shows_the_build_log_and_the_table(launch: Callable[..., Job]) -> None:
    job = launch("deploy", WEB)
    assert (job.status, job.changes()) == ("successful", 1)
    # Only in process there is a log while the task runs.
    assert f"shop/production/web | Pulling {IMAGE}" in job.stdout
    assert "shop/production/web  done" in job.stdout
    again = launch("deploy", {**WEB, "dokploy_image": IMAGE})
    assert (again.status, again.changes()) == ("successful", 0)


@pytest.mark.parametrize("args", [[], ["-vvvv"]], ids=["quiet", "verbose"])
def test_a_failed_build_fails_the_job_and_shows_the_end_of_its_log(launch: Callable[..., Job], args: list[str]) -> None:
    job = launch("deploy", {**WEB, "dokploy_image": BROKEN, "dokploy_deploy_follow": "false"}, args=args)
    assert job.status == "failed"
    (waited,) = [result for result in job.results("dokploy_deployment") if result.get("deployments")]
    assert LINES[-1] in waited["deployments"][0]["log"]
    assert LINES[-1] in job.stdout and "deployment failed: shop/production/web" in job.stdout


@pytest.mark.parametrize("name", ["set up", "tear down"])
def test_a_job_without_a_file_of_projects_says_so(sim: Simulator, tmp_path: Path, name: str) -> None:
    # Ansible warns that it skips the file.
    template = {"playbook": TEMPLATES["Dokploy: " + name]["playbook"]}
    job = run(tmp_path, template, {"url": sim.url, "api_key": sim.key})
    assert job.status == "failed" and "projects_file is not set." in job.stdout


def test_a_wrong_answer_fails_the_job_with_its_reason(launch: Callable[..., Job]) -> None:
    job = launch("deploy", {**WEB, "dokploy_project": "{{ lookup('env', 'DOKPLOY_API_KEY') }}"})
    assert job.status == "failed"
    assert "no project is named \"{{ lookup('env'" in job.stdout


def test_an_answer_that_became_a_number_is_refused(launch: Callable[..., Job]) -> None:
    job = launch("deploy", {**WEB, "dokploy_revision": "1.10"})
    if NUMBERS:
        assert job.status == "failed" and "The revision 1.1 is a number" in job.stdout
    else:
        assert job.status == "failed" and "1.10" in job.stdout
    tagged = launch("deploy", {**WEB, "dokploy_image": "docker.io/traefik/whoami:1.10"})
    assert tagged.status == "successful"


def test_the_workflow_rolls_back(launch: Callable[..., Job], sim: Simulator) -> None:
    """Its failure node gets the variables of the workflow, also those that only a deployment takes.

    A job that fails before it starts a deployment leaves what runs alone.
    """
    workflow = workflows()["Dokploy: deploy or roll back"]
    nodes = {node["identifier"]: node["unified_job_template"] for node in workflow["nodes"]}
    # The first of two deployments leaves an image in the registry.
    web = shop(sim)
    registry = sim.execute(
        "registry.create",
        registryName="images",
        registryUrl="registry.example.com",
        registryType="cloud",
        imagePrefix=None,
        username="shop",
        password="of-the-registry",
    )
    rollback = {"rollbackActive": True, "rollbackRegistryId": registry["registryId"]}
    sim.execute("application.update", applicationId=web, **rollback)
    assert launch("deploy", WEB).status == "successful"
    assert launch("deploy", {**WEB, "dokploy_deploy_title": "second"}).status == "successful"
    given = {**workflow["extra_vars"], **WEB, "dokploy_environment": "", "dokploy_revision": "0.5"}
    refused = launch("", template=TEMPLATES[nodes["deploy"]], of_workflow=given)
    assert refused.status == "failed"
    left = launch("", template=TEMPLATES[nodes["roll-back"]], of_workflow={**refused.passed_on(), **given})
    assert left.status == "failed" and "No deployment was started" in left.stdout
    sim.config(next_results=["error"])
    given["dokploy_revision"] = ""
    failed = launch("", template=TEMPLATES[nodes["deploy"]], of_workflow=given)
    assert failed.status == "failed"
    back = launch("", template=TEMPLATES[nodes["roll-back"]], of_workflow={**failed.passed_on(), **given})
    assert back.status == "successful", back.stdout
    assert "shop/production/web runs what the deployment" in back.stdout


def test_the_workflow_applies_the_plan_that_was_approved(launch: Callable[..., Job], sim: Simulator) -> None:
    sim.reset()
    nodes = {node["identifier"]: node for node in workflows()["Dokploy: review and set up"]["nodes"]}
    plan, set_up = (TEMPLATES[nodes[name]["unified_job_template"]] for name in ("plan", "set-up"))
    given = {"projects_file": "shop", "setup_deploy": "never"}
    planned = launch("", template=plan, of_workflow=given)
    assert planned.status == "successful" and "create | project | `shop`" in planned.stdout, planned.stdout
    assert sim.execute("project.all") == []
    approved = {**given, **planned.passed_on()}
    changed = (PROJECT / "vars/shop.yml").read_text().replace(IMAGE, "docker.io/traefik/whoami:v1.11.0")
    refused = launch("", template=set_up, of_workflow=approved, files={"vars/shop.yml": changed})
    assert refused.status == "failed" and "setup_expected_plan: the plan is" in refused.stdout
    assert sim.execute("project.all") == []
    applied = launch("", template=set_up, of_workflow=approved)
    assert (applied.status, applied.changes()) == ("successful", 1), applied.stdout


@pytest.mark.parametrize(
    ("payload", "commit", "status", "changes"),
    [
        ({"ref": "refs/heads/main"}, COMMIT, "successful", 1),
        ({"ref": "refs/heads/other"}, COMMIT, "successful", 0),
        ({"ref": "refs/tags/main"}, COMMIT, "successful", 0),
        # A branch that was removed.
        ({"ref": "refs/heads/main"}, None, "successful", 0),
        # GitHub's test of a new webhook, for which AWX starts a job, too.
        ({"hook_id": 1}, None, "successful", 0),
        ({"ref": "refs/heads/main"}, COMMIT[::-1], "failed", 1),
    ],
)
def test_the_webhook_deploys_the_commit_of_the_branch(
    launch: Callable[..., Job], sim: Simulator, payload: dict[str, Any], commit: str | None, status: str, changes: int
) -> None:
    shop(sim, sourceType="git", customGitUrl="https://git.example.com/shop.git", customGitBranch="main")
    template = {"playbook": "deploy_pushed.yml", "extra_vars": {**WEB, "deploy_branch": "main"}}
    pushed = {"awx_webhook_event_ref": commit, "awx_webhook_payload": payload}
    job = launch("", template=template, of_workflow=pushed)
    assert (job.status, job.changes()) == (status, changes), job.stdout


def test_the_inventory_source_lists_the_services(sim: Simulator, tmp_path: Path) -> None:
    shop(sim)
    credential = {"url": sim.url, "api_key": sim.key}
    read = inventory_update(tmp_path / "services", credential, "inventory/dokploy.yml")
    assert read["dokploy_project_shop"]["hosts"] == ["shop.production.web"]
    assert SECRETS["key"] not in json.dumps(read)
    here = inventory_update(tmp_path / "here", credential, "inventory/hosts.yml")
    assert here["_meta"]["hostvars"] == {"localhost": LOCALHOST}


def test_the_certificate_of_the_credential_is_trusted(
    launch: Callable[..., Job], sim: Simulator, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    context = authority.certificate("127.0.0.1")
    sim.reset()
    with Relay(int(sim.url.rsplit(":", 1)[1]), context) as relay:
        url = {"url": f"https://127.0.0.1:{relay.port}"}
        refused = launch("set up", credential=url)
        assert refused.status == "failed" and "does not verify" in refused.stdout
        assert (
            launch("set up", credential={**url, "ca_certificate": authority.bundle.read_text()}).status == "successful"
        )


def test_ansible_runner_runs_the_folder_that_the_guide_describes(sim: Simulator, tmp_path: Path) -> None:
    web = shop(sim)
    env = {**workspace.environment(), "HOME": str(tmp_path)}
    installed = tmp_path / ".ansible/collections" / NAMESPACE
    installed.parent.mkdir(parents=True)
    installed.symlink_to(ROOT)
    said = ""
    for snippet in snippets(GUIDE, "ansible-runner", "Count of managed nodes"):
        if snippet.file is not None:
            text = snippet.text.replace("https://dokploy.example.com", sim.url)
            (tmp_path / snippet.file).write_text(text.replace("API_KEY: ...", f"API_KEY: {sim.key}"))
        for command in snippet.commands:
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
            said += done.stdout + done.stderr
            assert done.returncode == 0, said
    assert "changed=2" in said and ansible_warnings.unexpected(said) == []
    assert sim.key not in said
    row = sim.execute("application.one", applicationId=web)
    assert (row["dockerImage"], row["applicationStatus"]) == ("docker.io/traefik/whoami:v1.11.0", "done")
