# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an operation on both hosts in this process and capture all output: fast enough for thousands of cases."""

from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.common import warnings

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.plugin_utils._host import action as host_action
from tests.support.action_and_module import NEW_SECRETS, make_action, module_output

HOSTS = ("action", "module")


class CapturedRun:
    """The result of one run: the result, and every text that a person or a file could get to see."""

    def __init__(self, result: dict[str, Any], **texts: str) -> None:
        self.result = result
        self.texts = {"result": json.dumps(result, ensure_ascii=False, default=str), **texts}

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


def run(host: str, operation: Operation, args: dict[str, Any], check: bool = False) -> CapturedRun:
    """One task of the operation on a host, in diff mode; without connection options that it does not have."""
    args = {name: value for name, value in args.items() if name in operation.argument_spec or name not in CONNECTION}
    try:
        return _in_process(operation, args, check) if host == "action" else _as_module(operation, args, check)
    except Exception:
        # Ansible's own validation breaks on some values. What it then shows counts as well.
        return CapturedRun({"failed": True, "msg": "broken", "exception": traceback.format_exc()})


@contextlib.contextmanager
def _display(lines: list[str]) -> Iterator[None]:
    """Ansible's own screen, at any verbosity."""

    def tell(line: Any = "", *_rest: Any, **_named: Any) -> None:
        lines.append(str(line))

    stand_in = SimpleNamespace(display=tell, vv=tell, warning=tell, deprecated=tell, vvv=tell, vvvv=tell)
    with mock.patch.object(host_action, "display", stand_in):
        yield


def _in_process(operation: Operation, args: dict[str, Any], check: bool) -> CapturedRun:
    lines: list[str] = []
    with _display(lines):
        result = make_action(operation, args, check).run()
    return CapturedRun(result, screen="\n".join(lines))


def _as_module(operation: Operation, args: dict[str, Any], check: bool) -> CapturedRun:
    log: list[str] = []

    def syslog(_module: Any, msg: Any, log_args: Any = None) -> None:
        log.append(f"{msg} {log_args}")

    # Those of an earlier run: ansible-core keeps them for the life of a process.
    warnings._global_warnings.clear()
    with mock.patch.object(basic.AnsibleModule, "log", syslog):
        out, err = module_output(operation, args, check, verbosity=4)
    result = json.loads(out)
    if result.pop(NEW_SECRETS, None):
        out = json.dumps(result, ensure_ascii=False)
    return CapturedRun(result, stdout=out, stderr=err, syslog="\n".join(log))
