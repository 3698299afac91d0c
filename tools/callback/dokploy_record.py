# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the results of the collection's own tasks to C(DOKPLOY_RECORD), one JSON object a line.

The integration runner reads them: the two ways to run a module must give equal results. Where a play sets the variable
C(dokploy_record_reset), the simulator whose control URL that is forgets everything before the play, and so does Ansible
forget the warnings that it printed and would not print again.
"""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: dokploy_record
type: aggregate
short_description: Records the results of the tasks of community.dokploy
description:
  - Writes the result of each task and loop item of the collection to the file E(DOKPLOY_RECORD).
author:
  - Community Dokploy collection contributors (@community-dokploy)
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "dokploy_record"

    _play = ""

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play.get_name()
        variables = play.get_vars()
        if "dokploy_record_reset" not in variables:
            return
        for printed in ("_warns", "_deprecations", "_errors"):
            getattr(self._display, printed).clear()
        if variables["dokploy_record_reset"]:
            url = variables["dokploy_record_reset"] + "/reset"
            with urllib.request.urlopen(url, data=b'{"config": true}', timeout=60):
                pass

    def _record(self, status: str, result: Any, item: bool = False) -> None:
        # ansible-core before 2.19 names them with an underscore only.
        task = getattr(result, "task", None) or result._task
        values = getattr(result, "result", None) or result._result
        # One that was skipped may have a name that is a template, which nothing has resolved.
        action = task.action if status == "skipped" else getattr(task, "resolved_action", None) or task.action
        if not action.startswith("community.dokploy."):
            return
        # The result of a loop as a whole repeats its items; before 2.19 no_log leaves only a word of it.
        if task.loop and not item and ("results" in values or "censored" in values):
            return
        row = {"play": self._play, "task": task.get_name(), "action": action, "status": status, "result": values}
        with open(os.environ["DOKPLOY_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str, sort_keys=True) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record("ok", result, item=True)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record("failed", result, item=True)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        self._record("skipped", result, item=True)
