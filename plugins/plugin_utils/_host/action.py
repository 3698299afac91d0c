# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The in-process host of an operation: the same engine as in the packaged module, inside the forked worker.

A loop item takes 10 to 20 ms here and 300 to 400 ms as a packaged module. This is the only file that uses internals of
ansible-core. It never creates an ``AnsibleModule`` in process: that broke on ansible-core 2.19 and again on 2.21. It
imports at the top all that a task needs, requests too: the workers are forks of the process that loads it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
from functools import partial
from typing import Any, ClassVar, Dict, Iterator, Mapping, Optional, Sequence, Set, Tuple

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import (
    Operation,
    Session,
    first_complaint,
    run,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._host.ending import end_when, parent_has_died
from ansible_collections.community.dokploy.plugins.module_utils._host.registration import (
    register_revealed,
    register_stated,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import HAS_REQUESTS
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import validation_message
from ansible_collections.community.dokploy.plugins.plugin_utils._host.play_hosts import (
    diff_of,
    host_among_several,
    line_of,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain
from ansible_collections.community.dokploy.plugins.plugin_utils._roles import messages

display = Display()

# One session and one read cache for each worker, by the connection options. The loop of a task runs in one worker.
_CONNECTION_KEY = (
    "dokploy_url",
    "dokploy_api_key",
    "auth_scheme",
    "validate_certs",
    "ca_path",
    "request_timeout",
    "max_retries",
    "rate_limit_timeout",
)
_KEY_VARIABLE = "DOKPLOY_API_KEY"
_sessions: Dict[Tuple[Any, ...], Session] = {}
# The process, the task and the reason for each that this worker has told why it runs packaged.
_told: Set[Tuple[Any, ...]] = set()


def _notify(line: str) -> None:
    """Shows a line while a task runs. Not on stdout, where callbacks such as C(json) write one document."""
    display.display(line, stderr=True)


def _session(params: Mapping[str, Any]) -> Session:
    # With the process ID, a fork does not use a connection of its parent.
    key = (os.getpid(),) + tuple(params.get(name) for name in _CONNECTION_KEY)
    if key not in _sessions:
        _sessions.clear()
        _sessions[key] = Session.open(params, notice=_notify)
    return _sessions[key]


class DokployAction(ActionBase):
    """Runs C(operation) in process where the result is that of the module, and the module everywhere else."""

    operation: ClassVar[Operation]

    # That of the base class, whose type mypy finds only if it reads that one first.
    _templar: Any
    # The API key in the C(environment) of the task.
    _key_of_task: Any = None
    # The host of the task, if the play has several.
    _host: Optional[str] = None
    # What the packaged module has said of its failure.
    _module_message: Any = None

    TRANSFERS_FILES = False
    _supports_async = True
    _supports_check_mode = True

    @classmethod
    def main(cls) -> None:
        """What ansible-lint calls in the file of an action plugin, to validate the arguments of a task."""
        from ansible_collections.community.dokploy.plugins.plugin_utils._host import lint

        lint.main(cls.operation)

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        task_vars = task_vars or {}
        if multiprocessing.parent_process() is not None:
            end_when(partial(parent_has_died, os.getppid()))
        self._host = host_among_several(task_vars)
        result = self._perform(tmp, task_vars)
        if self._host is not None and result.get("diff"):
            result = {**result, "diff": diff_of(self._host, result["diff"])}
        if result.get("failed") and messages.VARIABLE in task_vars:
            variables = self._templar.template(task_vars[messages.VARIABLE])
            result = messages.with_role_variables(result, variables, self.operation.argument_spec)
        if self._module_message is not None and result.get("msg") != self._module_message:
            # Ansible prints it in place of the message, without the places and variables that were added here.
            result = {name: value for name, value in result.items() if name != "exception"}
        return result

    def _perform(self, tmp: Optional[str], task_vars: Dict[str, Any]) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        problem = first_complaint(self.operation, self._task.args)
        if problem is not None:
            result.update(_refused(validation_message(self.operation.whole_spec, self._task.args, problem)))
            return result
        if self._needs_module(task_vars):
            result.update(
                self._execute_module(
                    module_name="community.dokploy.%s" % self.operation.name,
                    # With what JSON lacks, such as keys that are dates, as in process.
                    module_args=plain(self._with_key(self._arguments())),
                    task_vars=task_vars,
                    wrap_async=self._task.async_val,
                )
            )
            self._module_message = result.get("msg") if result.get("failed") else None
            return result
        # The result of a module has it only at higher verbosity.
        result.pop("invocation", None)
        with self._task_environment():
            result.update(self._run_here())
        return result

    # --- which host ---

    def _needs_module(self, task_vars: Mapping[str, Any]) -> bool:
        """Whether the packaged module runs. Says why with C(-v), once for all items of a loop."""
        reason = self._packaged_because(task_vars)
        if reason is None:
            return False
        task = (os.getpid(), getattr(self._task, "_uuid", None), reason)
        if task not in _told:
            _told.add(task)
            line_of(self._host, display.v)("%s runs as a packaged module: %s." % (self.operation.name, reason))
        return True

    def _packaged_because(self, task_vars: Mapping[str, Any]) -> Optional[str]:
        """Why the task cannot run in process."""
        if self._connection.transport != "local":
            return "the connection of the task is %s, not local" % self._connection.transport
        if self._task.async_val:
            return "the task has async"
        if self._task.become:
            return "the task has become"
        if not self._in_process(task_vars):
            return "dokploy_in_process is false"
        other = self._other_python(task_vars)
        if other is not None:
            return "ansible_python_interpreter is %s, and Ansible runs with %s" % (other, sys.executable)
        return None if HAS_REQUESTS else "%s has no library requests" % sys.executable

    def _in_process(self, task_vars: Mapping[str, Any]) -> bool:
        return bool(boolean(self._template(task_vars.get("dokploy_in_process", True)), strict=False))

    def _other_python(self, task_vars: Mapping[str, Any]) -> Optional[str]:
        """The Python that the variables name, if it is not the one that runs Ansible."""
        wanted = self._template(task_vars.get("ansible_python_interpreter"))
        if not isinstance(wanted, str) or not wanted or wanted.startswith("auto"):
            return None
        python = wanted if os.path.sep in wanted else shutil.which(wanted) or wanted
        return None if _same_python(python, sys.executable) else wanted

    def _template(self, value: Any) -> Any:
        return self._templar.template(value) if isinstance(value, str) else value

    def _compute_environment_string(self, raw_environment_out: Optional[Dict[str, Any]] = None) -> str:
        """The C(environment) of the task without the API key, which the module gets as an argument instead.

        Otherwise the command that runs the module would show it in the list of processes and in the output of C(-vvv).
        """
        wanted: Dict[str, Any] = {}
        super()._compute_environment_string(wanted)
        self._key_of_task = wanted.pop(_KEY_VARIABLE, None)
        if raw_environment_out is not None:
            raw_environment_out.update(wanted)
        return str(self._connection._shell.env_prefix(**wanted))

    def _with_key(self, args: Any) -> Any:
        self._compute_environment_string()
        if "dokploy_api_key" not in self.operation.argument_spec:
            return args
        if self._key_of_task is None or not isinstance(args, Mapping) or args.get("dokploy_api_key") is not None:
            return args
        return {**args, "dokploy_api_key": self._key_of_task}

    def _arguments(self) -> Any:
        """The arguments of the task, with the files on the controller that they name, found as Ansible's actions do.

        On another host, the paths are on that host.
        """
        args = self._task.args
        if self._connection.transport != "local":
            return args
        return self._with_files({**self.operation.options, **self.operation.nested}, args)

    def _with_files(self, spec: Mapping[str, Any], args: Any) -> Any:
        if not isinstance(args, Mapping):
            return args
        arguments = dict(args)
        for name, described in spec.items():
            value = arguments.get(name)
            if name in self.operation.files and described.get("type") == "path" and isinstance(value, str) and value:
                try:
                    arguments[name] = self._find_needle("files", value)
                except AnsibleError:
                    # The operation reports it, with the path below the playbook instead of the working directory.
                    arguments[name] = self._loader.path_dwim(value)
            elif isinstance(value, (list, tuple)) and described.get("options"):
                arguments[name] = [self._with_files(described["options"], item) for item in value]
            elif isinstance(value, Mapping) and described.get("options"):
                arguments[name] = self._with_files(described["options"], value)
        return arguments

    # --- in process ---

    def _options(self, names: Sequence[str]) -> Tuple[Dict[str, Any], Optional[Dict[str, Any]]]:
        """Some options of the task, validated, and the result of a task that is refused for them."""
        validator = ModuleArgumentSpecValidator({name: self.operation.validation_spec[name] for name in names})
        arguments = {name: plain(value) for name, value in self._task.args.items() if name in names}
        return _validated(validator, self.operation, arguments)

    @contextlib.contextmanager
    def _task_environment(self) -> Iterator[None]:
        """The C(environment) of the task, which is not in C(os.environ) of a worker."""
        wanted: Dict[str, Any] = {}
        self._compute_environment_string(wanted)
        if self._key_of_task is not None:
            wanted[_KEY_VARIABLE] = self._key_of_task
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update({str(name): str(value) for name, value in wanted.items()})
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _run_here(self) -> Dict[str, Any]:
        operation = self.operation
        arguments = plain(self._arguments())
        params, problem = _validated(_validator(operation), operation, arguments)
        if problem is not None:
            return problem
        if self._task.until:
            # The loop waits for a change, so nothing is read from the cache.
            _sessions.clear()
        register_stated(operation, params)
        notify = line_of(self._host, _notify)
        result = run(
            operation,
            params,
            _session,
            check_mode=bool(self._task.check_mode),
            diff_mode=bool(self._task.diff),
            # With both modes, all that there is to see is in the result. A line that is shown while a task runs ends
            # the thread of ansible-core that takes results, if the reader of the output has gone, as C(head) has.
            waiter=Waiter(
                report=display.vv,
                notice=notify,
                line=None if self._task.check_mode and self._task.diff else notify,
            ),
        )
        if params.get("include_secrets"):
            register_revealed(result, operation.reveals)
        return result


def _same_python(first: str, second: str) -> bool:
    """Whether two paths start the same Python with the same packages: the same file, by names in the same folder.

    The file alone does not tell: the Python of a virtual environment is a link to that of the system, and the folder of
    the link decides which packages it has.
    """
    return all(
        os.path.realpath(part(first)) == os.path.realpath(part(second)) for part in (os.path.abspath, os.path.dirname)
    )


def _validated(
    validator: ModuleArgumentSpecValidator, operation: Operation, arguments: Any
) -> Tuple[Dict[str, Any], Optional[Dict[str, Any]]]:
    checked = validator.validate(arguments)
    if checked.error_messages:
        return {}, _refused(
            validation_message(operation.whole_spec, arguments, checked.errors.msg, checked._no_log_values)
        )
    params: Dict[str, Any] = checked.validated_parameters
    return params, None


def _refused(msg: str) -> Dict[str, Any]:
    """The result for refused arguments."""
    return {"failed": True, "changed": False, "msg": msg, "error": OptionError(msg).facts}


_validators: Dict[str, ModuleArgumentSpecValidator] = {}


def _validator(operation: Operation) -> ModuleArgumentSpecValidator:
    """The validator of an operation. Building it costs as much as a validation."""
    if operation.name not in _validators:
        # C(_host.module) checks the rules between options before.
        _validators[operation.name] = ModuleArgumentSpecValidator(operation.validation_spec)
    return _validators[operation.name]
