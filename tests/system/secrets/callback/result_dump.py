# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write everything a callback is given to C(RESULT_DUMP), as the callback C(ansible.posix.json) and others print it."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: result_dump
type: aggregate
short_description: Writes down all results
description:
  - Writes the result of each task and item to the file E(RESULT_DUMP).
author:
  - Community Dokploy collection contributors (@community-dokploy)
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "result_dump"

    def _dump(self, result: Any, *_more: Any, **_named: Any) -> None:
        # ansible-core before 2.19 names them with an underscore only.
        task = getattr(result, "task", None) or result._task
        values = getattr(result, "result", None) or result._result
        # no_log is for the callback to heed; the base class does so for those that print.
        if not task.no_log and not values.get("_ansible_no_log"):
            with open(os.environ["RESULT_DUMP"], "a", encoding="utf-8") as file:
                row = {"task": task.get_name(), "result": values}
                file.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = v2_runner_retry = _dump
    v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_item_on_skipped = _dump
    v2_on_file_diff = _dump
