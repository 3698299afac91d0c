# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of C(dokploy_manifest) in check mode, from which reports about drift are made."""

from __future__ import annotations

from typing import Any

MARCH = "2026-03-14T09:27:41.020Z"
CHECKED = "2026-03-17T09:28:00Z"


def service(path: str, kind: str = "application", *statuses: str, **facts: Any) -> dict[str, Any]:
    """An entry of C(resources). :param statuses: those of its deployments, newest first; none: never deployed."""
    last = {"deployment_id": "d1", "status": statuses[0], "commit": "55535fa1", "duration": 7.1} if statuses else None
    if last is not None:
        last.update(created_at=MARCH, finished_at=MARCH, error_message="")
    known = {
        "state": "present",
        "changed": False,
        "app_name": "app",
        "url": None,
        "status": (statuses or ("idle",))[0],
        "deployed_at": MARCH if "done" in statuses else None,
        "deployment": last,
    }
    return {"kind": kind, "path": path, "id": path, **known, **facts}


class Compared:
    """The result of the module, made step by step."""

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.result: dict[str, Any] = {
            "plan": {"id": "9f86d081884c7d65", "changes": [], "unmanaged": []},
            "diff": [],
            "resources": list(resources),
            "failures": [],
            "waiting": [],
        }

    def differs(
        self,
        path: str,
        before: Any = None,
        after: Any = None,
        action: str = "update",
        kind: str = "application",
        reason: str | None = None,
    ) -> Compared:
        named = {"action": action, "kind": kind, "path": path}
        self.result["plan"]["changes"].append({**named, "options": [], "reason": reason})
        if before is not None:
            self.result["diff"].append({**named, "before": before, "after": after})
        return self

    def unmanaged(self, path: str, kind: str = "application") -> Compared:
        self.result["plan"]["unmanaged"].append({"kind": kind, "path": path})
        return self


def many(count: int, value: Any = "nginx:1.27") -> Compared:
    """Services that all differ, and half of which failed last."""
    paths = ["project-%d/production/a-service-with-a-name-%d" % (number // 20, number) for number in range(count)]
    statuses = [("error", "done") if number % 2 else ("done",) for number in range(count)]
    found = Compared(*(service(path, "application", *own) for path, own in zip(paths, statuses, strict=True)))
    for path in paths:
        found.differs(
            path, {"docker": {"image": "nginx:1.26"}, "replicas": 1}, {"docker": {"image": value}, "replicas": 2}
        )
        found.differs(path, action="deploy", reason="configuration changed")
        found.unmanaged(path + "-of-somewhere-else")
    return found
