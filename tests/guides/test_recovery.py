# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook recover on a Dokploy that has no administrator yet, as the guide says."""

from __future__ import annotations

from pathlib import Path

from dokploy_simulator import Simulator
from tests.guides import commands
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


def recover(sim: Simulator, folder: Path, *words: str) -> tuple[int, str]:
    env = {**workspace.environment(), "DOKPLOY_URL": sim.url, "PWD": str(folder)}
    account = ["-e", "recover_admin_email=admin@example.com", "-e", "recover_admin_password=made-up-password"]
    command = ["ansible-playbook", "community.dokploy.recover", "-e", f"recover_set={folder}/set", *account, *words]
    status, output = commands.run(command, folder, env)
    return status, " ".join(output.split())


def test_a_new_dokploy_gets_an_administrator_and_what_the_set_has(tmp_path: Path) -> None:
    (tmp_path / "set/instance").mkdir(parents=True)
    (tmp_path / "set/archives.yml").write_text(ARCHIVES)
    (tmp_path / "set/instance/shop.yml").write_text("version: 1\nprojects: [{name: shop}]\n")
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
