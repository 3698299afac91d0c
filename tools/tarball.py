# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball of the collection and check it: ``python -m tools.tarball``."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile

from tools import check, workspace

# What no user gets: beginnings of names.
INTERNAL = ("tests/", "tools/", "simulator/", "extensions/molecule/", "Makefile", "pyproject.toml", "noxfile.py")

USED = ("meta", "playbooks", "plugins", "roles")


def build() -> None:
    """Build the tarball, look at what is in it, and use all of it once it is installed offline.

    :raises check.Failed: something is missing, foreign or does not work.
    """
    folder = workspace.copy()
    out = workspace.CACHE / "build"
    shutil.rmtree(out, ignore_errors=True)
    check.run(check.tool("ansible-galaxy"), "collection", "build", "--output-path", out, cwd=folder)
    (tarball,) = out.glob("community-dokploy-*.tar.gz")
    with tarfile.open(tarball) as archive:
        names = {member.name for member in archive if member.isfile()}
    tracked = set(workspace.tracked_files())
    needed = {"README.md", "CHANGELOG.md", "COPYING", "LICENSES/GPL-3.0-or-later.txt", "LICENSES/BSD-2-Clause.txt"}
    needed |= {"docs/manifest.schema.json"}
    folders = ("meta/", "plugins/", "roles/", "playbooks/", "extensions/eda/", "docs/examples/")
    needed |= {name for name in tracked if name.startswith(folders)}
    foreign = {name for name in names if name.startswith((".", *INTERNAL)) or name.endswith(".pyc")}
    foreign |= names - tracked - {"MANIFEST.json", "FILES.json"}
    if needed - names or foreign:
        raise check.Failed(f"the tarball lacks {sorted(needed - names)} and should not hold {sorted(foreign)}")

    installed = out / "installed"
    env = workspace.environment(installed)
    check.run(check.tool("ansible-galaxy"), "collection", "install", "--offline", "-p", installed, tarball, env=env)
    inside = installed / workspace.NAMESPACE
    # What users can call works with these folders alone, which collections of the Ansible package must.
    for path in inside.iterdir():
        if path.is_dir() and path.name not in USED:
            shutil.rmtree(path)
    for kind, pattern in (
        ("module", "plugins/modules/*.py"),
        ("inventory", "plugins/inventory/*.py"),
        ("lookup", "plugins/lookup/*.py"),
        ("filter", "plugins/filter/*.yml"),
        ("role", "roles/*/meta/argument_specs.yml"),
    ):
        paths = sorted(inside.glob(pattern))
        if not paths:
            raise check.Failed(f"the tarball holds no {kind}")
        plugins = ["community.dokploy." + (path.parts[-3] if kind == "role" else path.stem) for path in paths]
        documented = json.loads(
            check.run(check.tool("ansible-doc"), "--json", "--type", kind, *plugins, env=env, show=False)
        )
        missing = [name for name in plugins if not documented.get(name)]
        if missing:
            raise check.Failed(f"ansible-doc knows nothing of {missing}")
        print(f"ansible-doc shows of the type {kind}: {len(plugins)}", flush=True)
    playbooks = sorted(inside.glob("playbooks/*.yml"))
    if not playbooks:
        raise check.Failed("the tarball holds no playbook")
    for playbook in playbooks:
        check.run(
            check.tool("ansible-playbook"), "--syntax-check", f"community.dokploy.{playbook.stem}", cwd=out, env=env
        )


def main() -> int:
    """Entry point; returns the exit status."""
    try:
        build()
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
