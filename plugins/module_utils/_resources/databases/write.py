# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request that deploys a database, which answers when Docker has accepted the service, and may answer too late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Write
from ..._errors import DeploymentFailed, ServerError

# From 0.30.5 on a deployment waits 45 s for the containers; it fails although Docker has taken it and goes on (source).
_NOT_YET = re.compile(r"Service \S+ did not converge within \d+ms")
# Under this name the outcome says that Dokploy has given up waiting, and shows the status "error".
GIVEN_UP = "given up"
# And when it was sent, by the clock of the run.
BEGIN = "begin"


@dataclass(frozen=True)
class DeployDatabase(Write):
    """Deploys a database, or rebuilds it. :param service: the C(Service)."""

    confirm_by_polling: bool = True
    once: bool = True
    service: Any = None

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises DeploymentFailed: Dokploy could not deploy it."""
        outcome.rows[BEGIN] = executor.waiter.clock()
        try:
            super().run(executor, outcome)
        except ServerError as error:
            self.judge(error, executor, outcome)

    def judge(self, error: ServerError, executor: Executor, outcome: Outcome) -> None:
        """Take an error for what it is: Docker may have taken the service all the same.

        :raises ServerError: it is of something else. :raises DeploymentFailed: Dokploy could not deploy it.
        """
        message, kind = str(error.server_message or ""), self.service.resource.kind
        _text, on_deploy, reason = message.partition("Error on deploy %s" % kind)
        if not on_deploy:
            raise error
        reason = reason.replace("Error:", "").strip()
        if not _NOT_YET.search(reason):
            raise DeploymentFailed("%s: the deployment failed: %s" % (self.service.label, reason)) from None
        outcome.rows[GIVEN_UP] = True
        outcome.sent = executor.sent = True
