# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A build log while it grows: its new lines, each once, masked.

The server gives the last lines of a log and no position in it (C(deployment.readLogs), 0.29.5 and newer), so what is
new is found by laying one answer over the one before.
"""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call, Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import clean, masker

Row = Mapping[str, Any]

# How many lines one look asks for; more than come between two looks.
TAIL = 1000
SKIPPED = "(lines were written too fast to be shown)"


class LogStream:
    """The log of one deployment.

    :param tell: takes a line. :param prefix: stands before each.
    :param application: the answer of C(application.one), whose values are masked.
    """

    def __init__(self, client: Client, tell: Callable[[str], None], prefix: str, application: Row) -> None:
        self._client, self._tell, self._prefix, self._masked = client, tell, prefix, masker(application)
        self._seen: List[str] = []
        #: Whether there is anything to ask for; a server that cannot read logs is asked once.
        self.open = True
        #: Whether the whole log has been told.
        self.complete = False

    def call(self, deployment_id: str) -> Call:
        """The query whose answer is for C(take)."""
        return Call("deployment.readLogs", {"deploymentId": deployment_id, "tail": TAIL})

    def take(self, answer: Any, last: bool = False) -> None:
        """Tell what is new in an answer.

        :param last: the log is complete, so that a line without an end is one as well.
        """
        if isinstance(answer, DokployError):
            # A log that cannot be read is no reason to let go of the deployment.
            self.open = False
            return
        # A line break alone says that there is no log, as for one on a build server.
        lines = [""] if answer == "\n" else str(answer or "").split("\n")
        # What stands behind the last line break is still being written.
        rest = lines.pop()
        if last and rest:
            lines.append(rest)
        fresh = new_lines(self._seen, lines)
        if fresh is None:
            self._tell("%s | %s" % (self._prefix, SKIPPED))
            fresh = lines
        if lines:
            self._seen = lines[-TAIL:]
        # Colours may stand in the middle of a secret, so they go first.
        text = self._masked("\n".join(clean(line) for line in fresh))
        for line in text.split("\n") if fresh else ():
            self._tell("%s | %s" % (self._prefix, line))

    def finish(self, deployment_id: str) -> None:
        """Tell what came since the last look."""
        if not self.open:
            return
        call = self.call(deployment_id)
        try:
            self.take(self._client.query(call.procedure, call.input), last=True)
        except DokployError:
            self.open = False
        self.complete = self.open and bool(self._seen)


def new_lines(seen: Sequence[str], lines: Sequence[str]) -> Optional[List[str]]:
    """What of C(lines) comes after C(seen), the end of the same log at an earlier time; C(None) when they do not meet.

    Both are whole as long as they are short, and cut at the front when they are not.
    """
    if not seen:
        return list(lines)
    for overlap in range(min(len(seen), len(lines)), 0, -1):
        if list(seen[-overlap:]) == list(lines[:overlap]):
            return list(lines[overlap:])
    # An answer that is shorter than what was seen is of a log that was cleared.
    return [] if not lines else None
