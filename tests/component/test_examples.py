# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the modules' documentation run as they stand, in one playbook with the real ``ansible-playbook``."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.playbook.task import Task

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from dokploy_simulator import Simulator
from tests.support.builders import create_previews, create_stack, wait_until_idle
from tests.support.certificates import CERTIFICATES, KEYS
from tests.support.effort import slow
from tests.support.host import Host
from tests.support.module_docs import MODULES, ROOT, documentation, plays, short_example, undocumented
from tests.support.operations import OPERATIONS
from tests.support.ssh_keys import openssh_key
from tools import ansible_warnings, workspace

# What the examples take from a vault. None may be seen in the output.
VAULT = {
    name: "of-the-vault-" + name
    for name in (
        "vault_ai_key",
        "vault_bitbucket_token",
        "vault_blog_password",
        "vault_cloudflare_new_token",
        "vault_cloudflare_token",
        "vault_database_password",
        "vault_database_url",
        "vault_dns_token",
        "vault_user_password",
        "vault_dokploy_password",
        "vault_ecr_token",
        "vault_editor_password",
        "vault_gitea_client_secret",
        "vault_gitea_token",
        "vault_gitlab_secret",
        "vault_hook_token",
        "vault_mail_password",
        "vault_master_key",
        "vault_new_database_password",
        "vault_new_token",
        "vault_npm_token",
        "vault_ovh_application_key",
        "vault_ovh_application_secret",
        "vault_ovh_consumer_key",
        "vault_payment_test_key",
        "vault_porkbun_api_key",
        "vault_porkbun_secret_api_key",
        "vault_preview_database_url",
        "vault_registry_new_password",
        "vault_registry_password",
        "vault_registry_token",
        "vault_s3_access_key",
        "vault_s3_new_access_key",
        "vault_s3_new_secret_access_key",
        "vault_s3_secret_access_key",
        "vault_smtp_password",
        "vault_staff_password",
        "vault_token",
    )
}
VAULT["vault_shop_certificate_key"] = KEYS[0]
VAULT["vault_slack_webhook_url"] = "https://hooks.slack.example.com/of-the-vault"
VAULT |= {"vault_worker_key": openssh_key("worker"), "vault_new_worker_key": openssh_key("new worker")}
# A stack with a database that the examples back up.
BLOG = "services:\n  db:\n    image: mariadb:11\n    volumes: [data:/var/lib/mysql]\nvolumes:\n  data: {}\n"
# What the examples mount, or write into a repository, from a file beside the playbook.
FILES = ("api.toml", "monitoring.yml", "prometheus.yml", "robots.txt", "traefik.yml")
# Writing ones first, as a user would read them; what one module makes the next ones may use.
ORDER = (
    "project",
    "environment",
    "application",
    "compose",
    "database",
    "deployment",
    "destination",
    "registry",
    "ssh_key",
    "server",
    "certificate",
    "tag",
    "network",
    "notification",
    "git_provider",
    "vault_provider",
    "dns_provider",
    "ai_provider",
)
PLAYS = [f"dokploy_{name}{kind}" for kind in ("", "_info") for name in ORDER]
PLAYS += ["dokploy_backup", "dokploy_backup_info", "dokploy_restore"]
PLAYS += ["dokploy_%s" % child.singular for child in APPLICATION.children]
# What the others need is there by then; the two that look at everything come last.
LAST = ["dokploy_info", "dokploy_api"]
PLAYS += [*sorted(set(MODULES) - {*PLAYS, *LAST}), *LAST]
# The targets dokploy_backup_set_module, dokploy_restore_module and recovery run these, with the data that they need.
ELSEWHERE = (
    "Save everything that has a backup, and describe it in a folder",
    "Save one project as a whole, with proof of its rows, and keep the last seven of each",
    "Restore an archive of a backup set into the database that has replaced the saved one",
    "Restore the volume of a Redis that is stopped",
)


def create_objects(sim: Simulator, host: Host) -> dict[str, Any]:
    """The projects, providers, keys and servers that the examples name; returns the ids that they ask for."""
    sim.act(git_provider="github", name="acme-github-app")
    pair = {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----", "publicKey": "ssh-ed25519 AAAA"}
    host.call("sshKey.create", name="deploy", organizationId="any", **pair)
    key = host.read("sshKey.all")[0]["sshKeyId"]
    login = {"ipAddress": "192.0.2.7", "port": 22, "username": "root", "sshKeyId": key}
    host.call("server.create", name="worker-1", description="", serverType="deploy", **login)

    def seed(name: str, environment: str = "production", project: str = "shop", **fields: Any) -> Any:
        docker = {"sourceType": "docker", "dockerImage": "nginx:1"}
        made = sim.seed(applications=1, name=name, environment=environment, project=project, fields=fields or docker)
        return made["applicationIds"][0]

    git = {"sourceType": "git", "customGitUrl": "https://git.example.com/shop.git"}
    sim.act(registry="acme-registry")
    for destination in ("acme-s3", "backups"):
        sim.act(destination=destination)
    host.call("network.create", name="shop-internal", driver="overlay")
    create_dumped(sim, host, seed)
    worker = seed("worker")
    sim.act(deploy=worker)
    wait_until_idle(host)
    host.call("application.stop", applicationId=worker)
    seed("batch")
    seed("landing page")
    seed("broken", "staging", **git, customGitBranch="broken")
    seed("anything", project="old shop")
    sim.seed(project="shop", environment="sandbox")
    # Its last good deployment can be gone back to; as it is now it does not stay up.
    kept = sim.act(registry="keeping")["registryId"]
    docker = {"sourceType": "docker", "dockerImage": "nginx:1"}
    seed("kept", **docker, rollbackActive=True, rollbackRegistryId=kept)
    sim.act(deploy="kept")
    wait_until_idle(host)
    sim.act(set="kept", fields={"command": "false"})
    create_stack(host, environment="production")
    create_previews(host, 42)
    sim.act(preview="previewed", branch="feature/old-cart", pull_request=40)
    wait_until_idle(host)
    return {
        "web_application_id": seed("web"),
        "cron_application_id": seed("cron"),
        "preview_environment_id": sim.seed(project="shop", environment="preview")["environmentId"],
        "blog_project_id": sim.seed(project="blog")["projectId"],
    }


def create_dumped(sim: Simulator, host: Host, seed: Callable[..., Any]) -> None:
    """What the examples back up and restore, all of it running, and files from before."""
    mount = {"type": "volume", "mountPath": "/data", "volumeName": "gallery-uploads", "serviceType": "application"}
    gallery = seed("gallery")
    host.call("mounts.create", serviceId=gallery, **mount)
    sim.act(deploy=gallery)
    home = {name: sim.seed(project="shop", environment=name)["environmentId"] for name in ("production", "staging")}
    apps, databases = [], []
    login = {"databaseName": "orders", "databaseUser": "orders", "databasePassword": "password-of-orders"}
    for environment in home.values():
        row = host.call("postgres.create", name="orders", appName="orders", environmentId=environment, **login)
        host.call("postgres.deploy", postgresId=row["postgresId"])
        apps.append(f"{row['appName']}/nightly")
        databases.append(row["postgresId"])
    stack = host.call(
        "compose.create", name="blog", environmentId=home["production"], composeFile=BLOG, sourceType="raw"
    )
    host.call("compose.deploy", composeId=stack["composeId"])
    wait_until_idle(host)
    for database in databases:
        sim.act(say=database, lines=['listening on IPv4 address "0.0.0.0", port 5432'])
    for folder in (*apps, f"{stack['appName']}_db"):
        sim.act(put=f"{folder}/2026-03-13T02-15-00-000Z.sql.gz", destination="backups", data="dump")
    app = host.read("application.one", applicationId=gallery)["appName"]
    sim.act(put=f"{app}/gallery-uploads-2026-03-13T02-15-00-000Z.tar", destination="backups", data="files")


def renew(sim: Simulator) -> None:
    """An empty server with the administrator of the examples."""
    sim.reset(config=True)
    sim.config(commands=[{"command": "psql *", "output": "200000\n"}, {"command": "rake *", "output": "migrated\n"}])
    sim.config(admin_email="ops@example.com", admin_password=VAULT["vault_dokploy_password"])
    sim.reset()


@pytest.fixture(scope="module")
def playbook_run(running_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """``status`` and ``output`` of the one run of all examples, and its ``rows``: the results by task."""
    renew(running_simulator)
    host = Host(running_simulator)
    ids = create_objects(running_simulator, host)
    host.close()
    variables = {"web_address": f"{running_simulator.url}/api/health"}
    playbook = [play(module, without_elsewhere(documentation()[module]["examples"])) for module in PLAYS]
    return run(running_simulator, tmp_path_factory.mktemp("examples"), playbook, ids | variables, "--diff", "-v")


# What waits until containers stay up.
VERIFYING = ("dokploy_deployment", "dokploy_database", "dokploy_manifest")


def without_elsewhere(examples: str) -> str:
    items = re.split(r"\n(?=- name: )", examples)
    return "\n".join(item for item in items if item.partition("- name: ")[2].partition("\n")[0] not in ELSEWHERE)


def play(name: str, tasks: str) -> str:
    """Plays of examples as they stand in the documentation, with a template that the simulator has."""
    tasks = tasks.replace("id: plausible", "id: mini").replace("wait_timeout: 30", "wait_timeout: 1")
    # The examples that state no period need not wait for the default one: how long it lasts is tested elsewhere.
    periods = "".join(f"    community.dokploy.{name}: {{verify_period: 0}}\n" for name in VERIFYING)
    defaults = f"  module_defaults:\n{periods}"
    head = f"- name: {name}\n  hosts: localhost\n  gather_facts: false\n{defaults}  tasks:\n"
    return plays(tasks, head)


def run(sim: Simulator, folder: Path, playbook: list[str], variables: dict[str, Any], *options: str) -> dict[str, Any]:
    """Run plays beside the files that the examples name: ``status``, ``output`` and ``rows``, the results by task."""
    record = folder / "record.jsonl"
    chains = {"shop_certificate_chain": CERTIFICATES[0], "shop_renewed_certificate_chain": CERTIFICATES[1]}
    variables = {**VAULT, **chains, "dokploy_url": sim.url, "vault_dokploy_api_key": sim.key, **variables}
    variables["page_folder"] = str(folder / "page")
    (folder / "vars.json").write_text(json.dumps(variables))
    (folder / "page").mkdir()
    (folder / "page/index.html").write_text("<h1>Shop</h1>\n")
    (folder / "files").mkdir()
    for name in FILES:
        (folder / "files" / name).write_text(f"# This is {name}.\nservices: {{web: {{image: nginx}}}}\n")
    (folder / "sets/newest").mkdir(parents=True)
    (folder / "sets/newest/archives.yml").write_text("archives: []\n")
    (folder / "playbook.yml").write_text("---\n" + "\n".join(playbook))
    (folder / "vault-password").write_text("made-up\n")
    (folder / "group_vars/all").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/aws").write_text(f"#!/bin/sh\necho {VAULT['vault_ecr_token']}\n")
    (folder / "bin/aws").chmod(0o700)
    environment = workspace.environment()
    done = subprocess.run(
        [workspace.VENV / "bin/ansible-playbook", "-e", "@vars.json", *options, "playbook.yml"],
        cwd=folder,
        env={
            **environment,
            "PATH": f"{folder / 'bin'}:{environment['PATH']}",
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools/callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "dokploy_record",
            "DOKPLOY_RECORD": str(record),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "vault-password"),
            "DOKPLOY_URL": sim.url,
            "DOKPLOY_API_KEY": sim.key,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    rows = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    return {"status": done.returncode, "output": done.stdout, "rows": rows}


def module_of(row: dict[str, Any]) -> str:
    return str(row["action"].rpartition(".")[2])


def test_the_examples_run(playbook_run: dict[str, Any]) -> None:
    assert playbook_run["status"] == 0, playbook_run["output"][-5000:]
    # The example before has deployed the stack without a record of its content.
    known = ["nothing comes back: the content that ran before is not recorded"]
    assert ansible_warnings.unexpected(playbook_run["output"], known) == []
    assert {module_of(row) for row in playbook_run["rows"]} == set(MODULES)
    failed = [row["task"] for row in playbook_run["rows"] if row["status"] != "ok"]
    assert failed == ["Deploy a branch that does not build", "Deploy a release"]


def test_the_examples_that_write_do_write(playbook_run: dict[str, Any]) -> None:
    unchanged = [
        row["task"]
        for row in playbook_run["rows"]
        if not row["result"].get("changed") and row["status"] == "ok" and not module_of(row).endswith("_info")
    ]
    # Whether a deployment is still queued then depends on the load of the machine.
    unchanged = [task for task in unchanged if not task.startswith("Cancel the waiting deployments")]
    # The tag is deployed already, waiting changes nothing, and asking does not either.
    there = [
        "Deploy a tag, and show the log of the build",
        "Wait for all of them",
        "Check that the server is ready before services are created on it",
        # Docker has it as it was.
        "Read the network from Docker, where it was created again",
        # A provider, whose test sends nothing.
        "Test it",
        # The projects of the examples have ended it.
        "Spare the administrator the tour through the web interface, too",
    ]
    assert unchanged == [
        *there,
        "Look at the whole instance",
        "Look at one project",
        "Look at all registries, and at the databases of production",
        # The example before has written these files.
        "Merge what was changed in the web interface, and leave what people have written in the files",
        # Counting changes nothing.
        "Count the rows of a table",
        "Ask for the version of the server",
        "Read a record with all its columns",
    ]


def test_the_examples_run_in_process(playbook_run: dict[str, Any]) -> None:
    modules = Counter("invocation" in row["result"] for row in playbook_run["rows"])
    assert modules == {False: len(playbook_run["rows"])}


def test_the_examples_results_are_documented(playbook_run: dict[str, Any]) -> None:
    for row in playbook_run["rows"]:
        result = {name: value for name, value in row["result"].items() if not name.startswith("_ansible")}
        # What a loop, changed_when and failed_when add.
        for name in ("item", "ansible_loop_var", "attempts", "censored", "changed_when_result", "failed_when_result"):
            result.pop(name, None)
        assert undocumented(result, documentation()[module_of(row)]["return"]) == [], row["task"]


def test_no_secret_of_the_examples_is_printed(playbook_run: dict[str, Any], running_simulator: Simulator) -> None:
    shown = [name for name, secret in VAULT.items() if secret in playbook_run["output"]]
    assert not shown
    assert running_simulator.key not in playbook_run["output"]


class Loader(yaml.SafeLoader):
    """YAML with the tags of Ansible."""


Loader.add_constructor("!unsafe", yaml.SafeLoader.construct_scalar)


def tasks_of(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All tasks, those in blocks and plays too."""
    for task in tasks:
        if "hosts" not in task:
            yield task
        for part in ("block", "rescue", "always", "tasks", "handlers"):
            yield from tasks_of(task.get(part, []))


def first(module: str) -> str:
    """The first example of a module, with the tasks that use what it gives."""
    tasks = documentation()[module]["examples"].strip("\n").split("\n- name:")
    own = [number for number, text in enumerate(tasks) if f"community.dokploy.{module}:" in text]
    return "\n- name:".join(tasks[: own[1]] if len(own) > 1 else tasks)


def handled() -> str:
    """The tasks and handlers of the guide to deployments."""
    guide = (ROOT / "docs/docsite/rst/deployments.rst").read_text()
    return textwrap.indent(textwrap.dedent(guide[guide.index("    tasks:\n") :].split("\n\nThe fingerprint")[0]), "  ")


@slow
def test_the_first_examples_run_in_check_mode_on_a_server_without_projects(
    running_simulator: Simulator, tmp_path: Path
) -> None:
    renew(running_simulator)
    running_simulator.act(destination="backups")
    docker = {"sourceType": "docker", "dockerImage": "ghcr.io/acme/shop:1.4.2"}
    running_simulator.seed(applications=1, name="web", environment="production", project="ready", fields=docker)
    # What reads, or builds a preview, needs something that is there.
    modules = [name for name in PLAYS if not name.endswith("_info") and name != "dokploy_preview_deployment"]
    playbook = [play(module, first(module)) for module in modules]
    # An application that is configured and was not deployed.
    head = "- name: Handler\n  hosts: localhost\n  gather_facts: false\n"
    playbook.append(head + handled().replace("project: shop", "project: ready"))
    running_simulator.reset_stats()
    ran = run(running_simulator, tmp_path, playbook, {}, "--check", "--diff")
    assert ran["status"] == 0, ran["output"][-5000:]
    assert running_simulator.calls("mutation") == []
    assert {module_of(row) for row in ran["rows"]} == set(modules)
    configured, deployed = ran["rows"][-2:]
    assert not configured["result"]["diff"]["after"] and configured["result"]["deploy_needed"]
    assert module_of(deployed) == "dokploy_deployment" and deployed["result"]["changed"]


def test_the_examples_in_synopses_are_accepted(running_simulator: Simulator, tmp_path: Path) -> None:
    renew(running_simulator)
    host = Host(running_simulator)
    create_objects(running_simulator, host)
    ran = []
    for module in MODULES:
        if (params := short_example(module)) is not None:
            if module == "dokploy_preview_deployment":
                params["application"] = "previewed"
            text = re.sub(r"{{ (\w+) }}", lambda name: VAULT[name[1]], json.dumps(params))
            # Whatever Dokploy's folder of this machine is.
            params = json.loads(text.replace("/etc/dokploy", str(tmp_path)))
            # Its action writes it, on the controller.
            params.pop("dest", None)
            host.new_task()
            host.ok(OPERATIONS[module], check=True, **params)
            ran.append(module)
    host.close()
    assert len(ran) > 20


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_named_and_qualified(module: str) -> None:
    used = []
    for task in tasks_of(yaml.load(documentation()[module]["examples"], Loader)):
        assert task["name"], task
        if "block" not in task:
            (action,) = task.keys() - Task.fattributes.keys()
            assert action.count(".") >= 2, action
            used.append(action)
    assert f"community.dokploy.{module}" in used


def test_every_guide_names_modules_that_exist() -> None:
    # The guide to new resources makes these.
    known = {*MODULES, "dokploy_banner", "dokploy_banner_info", "dokploy_cache"}
    for guide in (ROOT / "docs/docsite/rst").glob("*.rst"):
        for word in guide.read_text().replace(":", " ").replace("#", " ").replace("`", " ").split():
            if word.startswith("community.dokploy.dokploy_"):
                assert word.removeprefix("community.dokploy.") in known, guide.name
