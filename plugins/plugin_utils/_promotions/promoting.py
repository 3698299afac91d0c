# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is promoted to where, as a document, and what a plan and its end say of it. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence

Row = Mapping[str, Any]

_PATH = re.compile("[^/]+/[^/]+/[^/]+")
_NEEDS = (
    "Set dokploy_promote_from and dokploy_promote_to, or a list dokploy_promotions, each as PROJECT/ENVIRONMENT/NAME."
)


def promote_pairs(options: Row) -> Dict[str, Any]:
    """The pairs of paths in C(from) and C(to), and in C(mistakes) what is wrong with them.

    :param options: those of the role by their names.
    """
    single = {"from": options["promote_from"], "to": options["promote_to"]}
    pairs = [dict(pair) for pair in options["promotions"] or [single]]
    are_paths = all(_PATH.fullmatch(str(pair.get(side) or "")) for pair in pairs for side in ("from", "to"))
    return {"pairs": pairs, "mistakes": [] if are_paths else [_NEEDS]}


def promote_targets(
    pairs: Sequence[Row], applications: Sequence[Row], stacks: Sequence[Row], http_check: Optional[Row] = None
) -> Dict[str, Any]:
    """The targets, and the document that promotes to them.

    :param applications: the results of C(dokploy_application_info) for the target of each pair.
    :param stacks: those of C(dokploy_compose_info).
    :param http_check: of each deployment; an empty mapping is one, too.
    :return: C(rows) of the targets; C(missing), the paths of those that do not exist, which a document would create;
        and C(projects) of the document.
    """
    rows = []
    for pair, application, stack in zip(pairs, applications, stacks):
        project, environment, name = pair["to"].split("/")
        of_application = application.get("applications") or []
        kind = "applications" if of_application else "compose" if stack.get("compose_stacks") else ""
        server = of_application[0].get("server") if of_application else ""
        row = {"to": pair["to"], "from": pair["from"], "project": project, "environment": environment, "name": name}
        rows.append({**row, "kind": kind, "server": server or ""})
    return {
        "rows": rows,
        "missing": [row["to"] for row in rows if not row["kind"]],
        "projects": _document([row for row in rows if row["kind"]], http_check),
    }


def _document(rows: Sequence[Row], http_check: Optional[Row]) -> List[Dict[str, Any]]:
    checked = {} if http_check is None else {"http_check": dict(http_check)}
    projects: Dict[str, Dict[str, Dict[str, List[Dict[str, Any]]]]] = {}
    for row in rows:
        empty: Dict[str, List[Dict[str, Any]]] = {"applications": [], "compose": []}
        services = projects.setdefault(row["project"], {}).setdefault(row["environment"], empty)
        services[row["kind"]].append({"name": row["name"], "image_of": row["from"], **checked})
    return [
        {"name": project, "environments": [{"name": name, **services} for name, services in environments.items()]}
        for project, environments in projects.items()
    ]


def promote_plan_lines(plan: Row) -> List[str]:
    """A plan for people: a line for each change and each image, without what the document does not name."""
    if not plan["changes"]:
        return ["Nothing changes."]
    lines = ["plan %s" % plan["id"]]
    for change in plan["changes"]:
        parts = (change["action"], change["kind"], change["path"], change.get("reason"))
        lines.append(" ".join(str(part) for part in parts if part))
    images = re.findall("[+] *image: ([^ \n]+)", plan["text"])
    return [*lines, *("image %s" % image for image in dict.fromkeys(images))]


def promote_outcomes(pairs: Sequence[Row], changed: bool, planned: bool) -> List[str]:
    """What runs in the end, a line each. :param planned: nothing was done, as in check mode."""
    runs = ("would run" if planned else "runs") if changed else "runs already"
    return ["%s %s what %s runs" % (pair["to"], runs, pair["from"]) for pair in pairs]
