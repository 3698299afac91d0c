# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The blocks of all pages without commands run in one playbook, each part on a host and a simulated server of its own.

A new block runs without a word here. One that cannot is named in ``NOT_RUN``.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
import yaml

from dokploy_simulator import Simulator
from tests.guides.blocks import Block, Loader, of_pages
from tools import ansible_warnings, workspace
from tools.workspace import ROOT

# By part, or by part and first line: why a block does not run here. A part is a label of a guide, or a page in
# Markdown.
NOT_RUN: dict[str | tuple[str, str], str] = {
    **{
        ("README.md", f"# {name}.yml"): "test_getting_started runs it with the commands"
        for name in ("requirements", "shop", "site")
    },
    "getting_started": "test_getting_started runs it from top to bottom",
    ("backup_sets", "- name: Save the shop, with proof"): "its table is nowhere: the target "
    "dokploy_backup_set_module runs a check",
    "databases": "test_services runs it with its commands",
    "drift": "test_drift runs it with its commands and pipelines",
    "event_sources": "its sources are those of rulebooks, which ansible-rulebook alone runs; "
    "tests/system/event_driven runs the rulebooks of the collection",
    "inventory": "test_plugins runs it with its commands",
    "lookup": "test_plugins runs it with the results that it shows",
    "manifest": "test_manifest runs it with its commands and pipelines",
    "moving": "test_moving runs it with its commands; that to another server has its steps in "
    "tests/system/fault_injection/test_server_moves.py",
    "pipelines": "its files are those of pipelines: tests/unit/roles/test_playbooks.py reads "
    "them, and the target playbooks runs the same playbooks",
    "recovery": "it brings back a backup set whose archives are in a bucket; "
    "tests/component/manifest/test_recovery.py brings back such sets",
    "adopting": "test_adopting runs it with its commands",
    "roles/data/README.md": "it needs a vault password and a destination; test_backups and test_at_3_am run the same "
    "role by its playbooks",
    "roles/server/README.md": "it installs Dokploy on a host; the molecule scenario of the role runs it with stand-ins",
}
# What a page takes for granted beside `seeded`: a file of tasks with the name of the part.
GIVEN = Path(__file__).parent / "given"
# What a reader has, or would write otherwise.
VARIABLES = {
    "applications": [{"name": "web", "env": {"A": "1"}}],
    "notification_url": "http://127.0.0.1:9/notifications",
    "notification_token": "of-the-rules",
}
# The simulated server in place of those that the pages name; it also answers HTTP checks.
ANSWERS = '{url: "{{ server.DOKPLOY_URL }}/api/health"}'
STAND_INS = {
    "https://dokploy.example.com": '"{{ server.DOKPLOY_URL }}"',
    "https://dokploy.internal.example.com": '"{{ server.DOKPLOY_URL }}"',
    "https://api.shop.example.com/health": '"{{ server.DOKPLOY_URL }}/api/health"',
    "https://shop.example.com/health": '"{{ server.DOKPLOY_URL }}/api/health"',
    "/etc/ssl/certs/internal-ca.pem": certifi.where(),
    "http_check: {}": f"http_check: {ANSWERS}",
    "http_check: {retries: 20}": f"http_check: {ANSWERS}",
    # The archive that the tests have made.
    "folder: shop-sessions-0aa1bb/nightly": 'folder: "{{ saved.file.path | dirname }}"',
    # The template that the simulated list has.
    "id: plausible": "id: mini",
}


def is_left_out(block: Block) -> bool:
    return block.part in NOT_RUN or (block.part, block.first_line) in NOT_RUN


BLOCKS = [block for block in of_pages() if not is_left_out(block)]
PAGES = list(dict.fromkeys(block.part for block in BLOCKS if block.kind not in ("other", "rulebook")))


def host_of(page: str) -> str:
    return re.sub(r"\W", "_", page)


def seeded(sim: Simulator) -> None:
    """A project with applications in two environments, as the pages name them."""
    sim.act(git_provider="github", name="acme")
    sim.config(commands=[{"command": "*rake *", "output": "migrated\n"}])
    docker = {"sourceType": "docker", "dockerImage": "docker.io/library/nginx:1"}
    for name in ("web", "worker"):
        sim.seed(applications=1, name=name, project="shop", environment="production", fields=docker)
    sim.seed(applications=1, name="web", project="shop", environment="staging", fields=docker)


def plays(page: str) -> Iterator[str]:
    """The plays of a page: its playbooks as they are but for the host, and between them plays of its tasks."""
    hosts = f'hosts: {host_of(page)}\n  environment: "{{{{ server }}}}"\n'
    head = (
        f"- {hosts}  gather_facts: false\n"
        "  module_defaults:\n    community.dokploy.dokploy_deployment: {verify_period: 1}\n"
        "    community.dokploy.dokploy_manifest: {verify_period: 1}\n"
    )
    given = GIVEN / f"{host_of(page)}.yml"
    tasks = f"- ansible.builtin.include_tasks: {given}\n" if given.exists() else ""
    for block in (block for block in BLOCKS if block.part == page):
        text = block.text
        for shown, real in STAND_INS.items():
            text = text.replace(shown, real)
        if block.kind == "tasks":
            tasks += text
        elif block.kind == "options":
            options = textwrap.indent(text, "    ")
            tasks += "- community.dokploy.dokploy_application:\n    project: shop\n    name: web\n" + options
        elif block.kind in ("play", "playbook"):
            yield head + "  tasks:\n" + textwrap.indent(tasks, "    ")
            tasks = ""
            if block.kind == "play":
                yield head + textwrap.indent(text, "  ")
            else:
                yield re.sub(r"\bhosts: .*\n", hosts, text)
    yield head + "  tasks:\n" + textwrap.indent(tasks, "    ")


def write_files(folder: Path, text: str) -> None:
    """The files that the pages name, those of a page's own as it shows them."""
    for name in re.findall(r"\bsrc: ([\w./]+)|'([\w.]+\.j2)'", text):
        path = folder / "files" / "".join(name)
        if path.suffix == ".j2":
            path = folder / "templates" / path.name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# A file of the tests.\n")
    for block in BLOCKS:
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """The output of the one run, and the secrets that the pages take from a vault."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    folder.mkdir()
    playbook = "".join(text if text.endswith("\n") else text + "\n" for page in PAGES for text in plays(page))
    write_files(folder, playbook)
    text = playbook + "".join(file.read_text() for file in GIVEN.glob("*.yml"))
    vault = {name: f"of-the-{name}" for name in re.findall(r"\bvault_\w+", text) if "api_key" not in name}
    with contextlib.ExitStack() as stack:
        hosts = {}
        for page in PAGES:
            sim = stack.enter_context(Simulator(build_seconds=0.01))
            seeded(sim)
            hosts[host_of(page)] = {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "server": {"DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key},
                "vault_dokploy_api_key": sim.key,
            }
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        (folder / "variables.json").write_text(json.dumps({**VARIABLES, **vault}))
        (folder / "site.yml").write_text(playbook)
        done = subprocess.run(
            ["ansible-playbook", "-i", "hosts.json", "-e", "@variables.json", "--diff", "site.yml"],
            cwd=folder,
            env=workspace.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    return done.stdout, list(vault.values())


def test_the_blocks_of_all_pages_run(run: tuple[str, list[str]]) -> None:
    output, _vault = run
    recaps = dict(re.findall(r"^(\w+) +: ok=(\d+) ", output, re.M))
    # Not even a page whose tasks are all skipped.
    assert [page for page in PAGES if recaps.get(host_of(page), "0") == "0"] == []
    assert ansible_warnings.unexpected(output) == []


def test_no_secret_is_printed(run: tuple[str, list[str]]) -> None:
    output, vault = run
    assert [secret for secret in vault if secret in output] == []


def test_what_does_not_run_is_there() -> None:
    names = {block.part for block in of_pages()} | {(block.part, block.first_line) for block in of_pages()}
    assert set(NOT_RUN) <= names


def test_a_file_of_the_repository_is_shown_as_it_is() -> None:
    for block in (one for one in of_pages() if one.file is not None and (ROOT / one.file).exists()):
        assert block.documents == list(yaml.load_all((ROOT / str(block.file)).read_text(), Loader)), block.name


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_each_block_runs_or_is_a_file_of_its_page(block: Block) -> None:
    assert block.kind not in ("other", "rulebook") or block.file is not None
