# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what follows from a module's file: its action in process, its place in the action group and in the overview.

The actions and the group are written as a whole. The overview has sentences of its own, so that only rows of modules
that it lacks are added: move them to where users look for them, and reword them.
"""

from __future__ import annotations

import re

from tools import returns
from tools.documents import documented, module_path
from tools.workspace import ROOT

ACTION = """\
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

{imported}
from ansible_collections.community.dokploy.plugins.plugin_utils.{file} import {base}


class ActionModule({base}):
    operation = {operation}


main = ActionModule.main
"""
_IMPORTED = re.compile(
    r"^from \S+\.(?:_resources|_manifest|_export|_sets)\.[\w.]+ import (?:\(.*?\n\)|[^\n(]+)$", re.M | re.S
)
RUNTIME = ROOT / "meta/runtime.yml"
OVERVIEW = ROOT / "docs/docsite/rst/overview.rst"
# The defaults of the group hold the API key, which this module creates and does not accept.
WITHOUT_KEY = ("dokploy_bootstrap",)
#: The actions that read or write documents on the controller, by the package of their operation.
ON_THE_CONTROLLER = {
    "._manifest.": ("_document.action", "ManifestAction"),
    "._export.": ("_export.action", "ExportAction"),
    "._sets.": ("_sets.action", "SetAction"),
}
#: The heading of the overview under which the row of a new module comes, by what its records are in.
HEADINGS = {"project": "Projects and services", "environment": "Projects and services"}
OF_SERVICE, OTHER = "What belongs to a service", "The server, and what services use"


def action(module: str) -> str:
    """The file of a module's action, which runs the same operation.

    :raises ValueError: the module imports no operation.
    """
    path = module_path(module)
    match = _IMPORTED.search(path.read_text())
    if match is None:
        raise ValueError(
            f"{path.relative_to(ROOT)} does not import its operation: add a line such as 'from ansible_collections."
            "community.dokploy.plugins.module_utils._resources.projects.tag import OPERATION'"
        )
    file, base = next(
        (host for part, host in ON_THE_CONTROLLER.items() if part in match[0]), ("_host.action", "DokployAction")
    )
    return ACTION.format(imported=match[0], operation=re.findall(r"\w+", match[0])[-1], file=file, base=base)


def runtime(text: str) -> str:
    """C(meta/runtime.yml) with all modules in the action group."""
    names = "".join(f"    - {name}\n" for name in returns.MODULES if name not in WITHOUT_KEY)
    return re.sub(r"(?<=^  dokploy:\n)(    - \w+\n)*", names, text, flags=re.M)


def overview(text: str) -> str:
    """The overview with a row for each module that it lacks: a module and the one that lists its records share one."""
    listed = text.partition("\nModules by subject\n")[2]
    missing = [name for name in returns.MODULES if f"{name}#module" not in listed]
    for name in missing:
        managing = name.removesuffix("_info")
        if managing != name and managing in missing:
            continue
        names = [name] + [other for other in (f"{name}_info",) if other in missing]
        links = ", ".join(f":ansplugin:`{linked} <community.dokploy.{linked}#module>`" for linked in names)
        about = re.sub(r"^(Manage|List) ", "", documented(name)["short_description"])
        text = _with_row(text, _heading(name), f"   * - {_folded(links)}\n     - {about[:1].upper()}{about[1:]}\n")
    return text


def _folded(links: str) -> str:
    """Two links in two lines, as 120 characters hold no more."""
    return links.replace(", :", ",\n       :")


def _heading(module: str) -> str:
    name = module.removeprefix("dokploy_")
    resources = returns.resources_of(module)
    if any(child.singular == name for resource in resources for child in resource.children):
        return OF_SERVICE
    return HEADINGS.get(resources[0].scope, OTHER) if resources else OTHER


def _with_row(text: str, heading: str, row: str) -> str:
    """The text with a row at the end of the table under a heading."""
    before, after = text.split(f"\n{heading}\n", 1)
    # The next heading, or the end.
    table, *rest = re.split(r"\n\n(?=[^ \n.].*\n[~=-]{3,}\n)", after, maxsplit=1)
    return "\n\n".join([f"{before}\n{heading}\n{table.rstrip()}\n{row}".rstrip(), *rest])


def main() -> None:
    for module in returns.MODULES:
        (ROOT / f"plugins/action/{module}.py").write_text(action(module))
    RUNTIME.write_text(runtime(RUNTIME.read_text()))
    OVERVIEW.write_text(overview(OVERVIEW.read_text()))
