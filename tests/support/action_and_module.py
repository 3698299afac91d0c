# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run an operation in this process the two ways a user can: by its action plugin and as a packaged module."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
from types import SimpleNamespace
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.plugin_utils._host import action as host_action
from ansible_collections.community.dokploy.plugins.plugin_utils._host.action import DokployAction

Result = dict[str, Any]
# How a packaged module hands over the secrets that ansible-core 2.22 redacts, which takes them out of the result.
NEW_SECRETS = "_ansible_new_secrets"


class Unserializable(Exception):
    """ansible-core itself cannot send these arguments to a module."""


class _Templar:
    def template(self, value: Any) -> Any:
        return value


class _Shell:
    tmpdir = "/nowhere"

    def env_prefix(self, **_values: Any) -> str:
        return ""


def new_task() -> None:
    """Nothing that was read before counts any more."""
    for session in host_action._sessions.values():
        session.client.close()
    host_action._sessions.clear()


def in_process(operation: Operation, args: Result, check: bool = False) -> Result:
    """What the action of an operation says, as a task of its own."""
    return make_action(operation, args, check).run(task_vars={})  # type: ignore[no-any-return]


def as_module(operation: Operation, args: Result, check: bool = False) -> Result:
    """What the action says that has the packaged module do it.

    :raises Unserializable: ansible-core cannot send it the arguments.
    """
    found: Result = make_action(operation, args, check).run(task_vars={"dokploy_in_process": False})
    return found


def make_action(operation: Operation, args: Result, check: bool, base: type[DokployAction] = DokployAction) -> Any:
    """The action of a task of its own."""
    new_task()
    action_class = type("ActionModule", (base,), {"operation": operation})
    task = SimpleNamespace(
        args=args,
        action="community.dokploy." + operation.name,
        async_val=0,
        become=False,
        check_mode=check,
        diff=True,
        environment=None,
        until=[],
        get_search_path=list,
    )
    connection = SimpleNamespace(transport="local", _shell=_Shell())
    action = action_class(task, connection, SimpleNamespace(), DataLoader(), _Templar(), None)
    action._execute_module = lambda module_args, **_others: run_packaged(operation, module_args, check)
    return action


def serialize_args(args: Any) -> bytes:
    """The arguments as ansible-core sends them to a module.

    :raises Unserializable: it cannot.
    """
    try:
        return json.dumps({"ANSIBLE_MODULE_ARGS": args}, **_encoder()).encode()
    except TypeError as error:
        raise Unserializable(str(error)) from error


def _encoder() -> dict[str, Any]:
    try:
        from ansible.module_utils.common.json import Direction, get_module_encoder
    except ImportError:
        # Before ansible-core 2.19.
        from ansible.parsing.ajson import AnsibleJSONEncoder

        return {"cls": AnsibleJSONEncoder, "vault_to_text": True}
    return {"cls": get_module_encoder("legacy", Direction.CONTROLLER_TO_MODULE)}


def run_packaged(operation: Operation, args: Result, check: bool = False) -> Result:
    """What the packaged module prints for these arguments, as it does in a process of its own.

    :raises Unserializable: ansible-core cannot send it the arguments.
    """
    found: Result = json.loads(module_output(operation, args, check)[0])
    found.pop("invocation", None)
    found.pop(NEW_SECRETS, None)
    return found


def module_output(operation: Operation, args: Result, check: bool, verbosity: int = 0) -> tuple[str, str]:
    """What the packaged module writes to standard output and standard error.

    :raises Unserializable: ansible-core cannot send it the arguments.
    """
    internal: Result = {
        "_ansible_module_name": "community.dokploy." + operation.name,
        "_ansible_diff": True,
        "_ansible_check_mode": check,
        "_ansible_verbosity": verbosity,
    }
    # Newer releases of ansible-core record the arguments only when asked to; older ones do not know the word.
    if "_ansible_inject_invocation" in inspect.getsource(basic):
        internal["_ansible_inject_invocation"] = True
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(basic, "_ANSIBLE_ARGS", serialize_args({**args, **internal})),
        mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        run_module(operation)
    return out.getvalue(), err.getvalue()
