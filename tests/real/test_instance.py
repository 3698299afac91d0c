# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A filled project: second runs, its export, and its recovery from that."""

from __future__ import annotations

from pathlib import Path

from tests.real.document import apply
from tests.real.playbooks import Server, run, task


def test_export_and_recovery(server: Server, image: str, path: str, tmp_path: Path) -> None:
    fill = apply(server.project, image, "changed")
    predicted = run(server, tmp_path / "check", [fill], path, check=True)
    filled = run(server, tmp_path / "fill", [fill], path)
    assert (predicted.status, filled.status) == (0, 0), predicted.output + filled.output
    assert predicted.of("apply")["plan"]["changes"] == filled.of("apply")["plan"]["changes"]
    again = run(server, tmp_path / "again", [fill], path)
    assert again.changed == [], again.output
    files = {"dest": str(tmp_path / "shop.yml"), "secrets_dest": str(tmp_path / "secrets.yml"), "secrets": "file"}
    # What it writes on the controller is an action's, so that there is one path.
    exported = run(
        server, tmp_path / "export", [task("export", "dokploy_export", scope={"projects": [server.project]}, **files)]
    )
    assert exported.status == 0, exported.output
    text = (tmp_path / "shop.yml").read_text()
    assert "s3cret-" not in text and "s3cret-token" in (tmp_path / "secrets.yml").read_text()
    bring_back = [
        {"name": "secrets", "ansible.builtin.include_vars": files["secrets_dest"]},
        task("recover", "dokploy_manifest", src=files["dest"]),
    ]
    unchanged = run(server, tmp_path / "unchanged", bring_back)
    assert (unchanged.status, unchanged.changed) == (0, []), unchanged.output
    removal = [task("remove", "dokploy_project", name=server.project, state="absent", force=True)]
    assert run(server, tmp_path / "remove", removal).status == 0
    recovered = run(server, tmp_path / "recover", bring_back)
    assert (recovered.status, recovered.changed) == (0, ["recover"]), recovered.output
    # The document that filled it has nothing to change: all is as it was.
    assert run(server, tmp_path / "compare", [fill], path).changed == []
