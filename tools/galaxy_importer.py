# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import the tarball as Ansible Galaxy does, without network, and validate C(antsibull-nox.toml).

Each has an environment of its own, since they require other versions of linters and of common libraries.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tools import check, environments, workspace
from tools.workspace import CACHE, ROOT

# The importer reports what it finds in lines of its log.
COMPLAINT = re.compile(r"^(WARNING|ERROR|CRITICAL): .*", re.M)


def environment(name: str) -> Path:
    """The environment of C(tests/requirements/NAME.txt)."""
    listed = ROOT / f"tests/requirements/{name}.txt"
    return environments.prepare(CACHE / name / "venv", Path(sys.executable), ("-r", listed, "pip"), listed.read_text())


def imported(venv: Path) -> None:
    """Build the tarball and import it.

    :raises check.Failed: the import failed, or the importer warns.
    """
    folder = workspace.copy()
    out = CACHE / "galaxy_importer/build"
    shutil.rmtree(out, ignore_errors=True)
    env = workspace.environment(out, venv)
    check.run(venv / "bin/ansible-galaxy", "collection", "build", "--output-path", out, cwd=folder, env=env)
    (tarball,) = out.glob("community-dokploy-*.tar.gz")
    env["GALAXY_IMPORTER_CONFIG"] = str(ROOT / "tests/galaxy-importer.cfg")
    text = check.run(venv / "bin/python", "-m", "galaxy_importer.main", tarball, cwd=out, env=env)
    complaints = [match[0] for match in COMPLAINT.finditer(text)]
    if complaints:
        raise check.Failed("the importer complains: " + "; ".join(complaints))
    if not (out / "importer_result.json").exists():
        raise check.Failed("the import has no result")


def main() -> int:
    """Entry point; returns the exit status."""
    try:
        imported(environment("galaxy_importer"))
        venv = environment("antsibull_nox")
        check.run(venv / "bin/antsibull-nox", "lint-config", env=workspace.environment(venv=venv))
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
