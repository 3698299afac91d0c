# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Running a schedule or a volume backup now, and what came of it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._deployment.queue import FINAL, deployment_facts
from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Request
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    ReferenceNotFound,
    WaitTimeout,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import listed, log_tail

Row = Mapping[str, Any]

# The server answers when the command has ended; a proxy in between may not wait that long, so looking decides.
ANSWER_TIMEOUT = 60.0


def run_now(child: Child, row: Optional[Row], target: Target, context: Context) -> Dict[str, Any]:
    """Run it, wait for its end, and give what its run left.

    :raises ReferenceNotFound: there is none.
    :raises DeploymentFailed: it failed; the message ends with the tail of its log.
    :raises WaitTimeout: it has not ended in time.
    """
    result: Dict[str, Any] = {"changed": True, "application_id": target.own_id, child.id_option: None, "run": None}
    if row is None:
        missing = ReferenceNotFound("%s has no such %s" % (target.words, child.singular.replace("_", " ")))
        context.executor.parent_missing(missing)
        return result
    procedure, kind = child.run or ("", "")
    own_id = str(row[child.id_key])
    timeout = context.params["wait_timeout"]
    before = {item.get("deploymentId") for item in _rows(context.client, own_id, kind)}
    request = Request(
        procedure, {child.id_key: own_id}, timeout=min(timeout, ANSWER_TIMEOUT), look_after=True, once=True
    )
    outcome = context.executor.run(Plan((request,)))
    result[child.id_option] = own_id
    words = "%s %s of %s" % (child.singular.replace("_", " "), row.get(child.fields[0].api), target.words)
    result["diff"] = {
        "before": {"run": ""},
        "after": {"run": "(a new one)"},
        "before_header": words,
        "after_header": words,
    }
    if not outcome.sent:
        return result
    facts = deployment_facts(_final(context, own_id, kind, before, timeout, words))
    lines = context.params["log_lines"]
    log = log_tail(context.client, str(target.own_id), str(facts["deployment_id"]), lines)
    result["run"] = {
        **{key: facts[key] for key in ("deployment_id", "status", "created_at", "started_at", "finished_at")},
        "log": listed(log),
    }
    if facts["status"] != "done":
        message = "%s: the run ended in %s" % (words, facts["status"])
        raise DeploymentFailed(
            "%s\nThe end of its log:\n%s" % (message, log) if log else message, details={"run": result["run"]}
        )
    return result


def _rows(client: Client, own_id: str, kind: str) -> List[Row]:
    return list(client.query("deployment.allByType", {"id": own_id, "type": kind}) or [])


def _final(context: Context, own_id: str, kind: str, before: Any, timeout: float, words: str) -> Row:
    state: Dict[str, Any] = {"status": "unknown"}

    def look(_passed: float) -> Optional[Row]:
        new = [row for row in _rows(context.client, own_id, kind) if row.get("deploymentId") not in before]
        if new:
            state["status"] = new[0].get("status")
        return new[0] if new and new[0].get("status") in FINAL else None

    def expired() -> DokployError:
        return WaitTimeout(
            "%s: the run has not ended after %g s (%s)" % (words, timeout, state["status"]),
            hint="It goes on at the server; raise wait_timeout.",
            details={"status": state["status"]},
        )

    final: Row = context.waiter.until(timeout, look, expired)
    return final
