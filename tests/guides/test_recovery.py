# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook recover on a Dokploy that has no administrator yet, as the guide says."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing import vault

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.guides import commands
from tests.support.host import Host
from tools import workspace

ARCHIVES = """\
version: 1
created_at: "2026-12-01T02:15:00Z"
finished_at: "2026-12-01T02:16:00Z"
dokploy: {url: https://lost.example.com, release: 0.30.2}
complete: true
services: []
archives: []
checks: []
not_saved: []
"""


SECRET = "hunter2-hunter2"


def made_set(folder: Path) -> None:
    """A set of a project without data."""
    (folder / "set/instance").mkdir(parents=True)
    (folder / "set/archives.yml").write_text(ARCHIVES)
    (folder / "set/instance/shop.yml").write_text("version: 1\nprojects: [{name: shop}]\n")


def recover(sim: Simulator, folder: Path, *words: str) -> tuple[int, str]:
    env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "PWD": str(folder)}
    account = ["-e", "recover_admin_email=admin@example.com", "-e", "recover_admin_password=made-up-password"]
    command = ["ansible-playbook", "community.dokploy.recover", "-e", f"recover_set={folder}/set", *account, *words]
    status, output = commands.run(command, folder, env)
    return status, " ".join(output.split())


def test_a_new_dokploy_gets_an_administrator_and_what_the_set_has(tmp_path: Path) -> None:
    made_set(tmp_path)
    key = ["-e", f"recover_api_key_file={tmp_path}/key"]
    with Simulator(fresh=True) as sim:
        status, output = recover(sim, tmp_path, *key, "--check")
        assert status == 2
        assert "Check mode creates no administrator and no API key, so that nothing can be planned yet." in output

        status, output = recover(sim, tmp_path, *key)
        assert status == 0, output
        status, output = recover(sim, tmp_path, *key)
        assert (status, "changed=0 " in output) == (0, True), output

        status, output = recover(sim, tmp_path)
        assert status == 2 and "only the run that created it got its value" in output


@pytest.mark.parametrize(
    ("playbook", "options"),
    [
        ("recover", ["recover_set=set"]),
        ("drill", ["drill_set=set"]),
        ("clone", ["clone_from=shop/production", "clone_to=shop/staging", "clone_secrets_file=set/secrets.yml"]),
        ("move", ["move_step=finish", "move_projects=shop", "move_dest=set", "move_to_url=http://127.0.0.1:9"]),
    ],
)
def test_a_vault_password_that_is_wrong_or_missing_is_told(tmp_path: Path, playbook: str, options: list[str]) -> None:
    """Nothing is changed, and no secret is shown."""
    made_set(tmp_path)
    right = vault.VaultSecret(b"right")
    (tmp_path / "set/secrets.yml").write_bytes(vault.VaultLib().encrypt(f"password: {SECRET}\n", right))
    (tmp_path / "set/move.json").write_text('{"live_at": "2026-12-04T10:42:00Z"}')
    for name in ("right", "wrong"):
        (tmp_path / name).write_text(name)
    with Simulator() as sim:
        # The original of the clone.
        apply(Host(sim), {"projects": [{"name": "shop", "environments": [{"name": "production"}]}]})
        sim.reset_stats()
        env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "DOKPLOY_API_KEY": sim.key}
        command = ["ansible-playbook", "community.dokploy." + playbook, "-vvvv"]
        command += [word for option in options for word in ("-e", option)]
        for words, told in (
            ([], "Ansible was started without a vault password. Start it with --vault-password-file FILE"),
            (["--vault-password-file", "wrong"], "the vault password of this run does not open it."),
        ):
            status, output = commands.run([*command, *words], tmp_path, env)
            said = " ".join(output.split())
            assert status == 2 and "set/secrets.yml is encrypted with Ansible Vault" in said and told in said, output
            assert SECRET not in output and "Unknown error" not in output
        assert list(sim.calls("mutation")) == []
