# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is said of a deployment that did not end well."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._engine.context import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    DeploymentFailed,
    DokployError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import build_log, listed


def failure(words: str, facts: Dict[str, Any], context: Context, shown: bool = False) -> DokployError:
    """The error for a deployment that did not end well, with the tail of its log.

    :param shown: the log was shown while it was written, so that the message does not repeat it.
    """
    lines, note = context.params["log_lines"], ""
    try:
        tail = build_log(context.client, str(facts["application_id"]), str(facts["deployment_id"]), lines)
    except UnknownProcedure:
        tail, note = "", "To read the log of a build here needs Dokploy 0.29.5 or newer; the web UI shows it."
    except DokployError as error:
        # The failed deployment is what counts, not that its log cannot be read.
        tail = "(the log cannot be read: %s)" % error
    message = "%s: the deployment ended in %s" % (words, facts["status"])
    if facts["status"] == "cancelled":
        message += ", as a build does that runs when Dokploy restarts; run it again"
    if facts["error_message"]:
        message += ": %s" % facts["error_message"]
    if shown:
        message += "\nIts log is above."
    elif tail:
        message += "\nThe end of its log:\n%s" % tail
    if note:
        message += "\n" + note
    return DeploymentFailed(message, details={"deployment": facts, "log": listed(tail)})
