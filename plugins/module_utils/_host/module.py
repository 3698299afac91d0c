# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The packaged module as host of an operation."""

from __future__ import annotations

from typing import Any, Dict, Set

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._engine.runner import Operation, first_complaint, run
from .._errors import ConfigurationError, OptionError
from .._http.connection import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from .._model.argspec import never_shown, redacted, validation_message
from .._secrets.masking import without
from .ending import end_when, reader_has_died
from .registration import register_revealed, register_stated


class DokployModule(AnsibleModule):  # type: ignore[misc]
    """A module that masks secrets by the rules of the collection, also in errors about its arguments.

    Up to ansible-core 2.21, C(AnsibleModule) masks the values in C(no_log_values) in a result. There are none: the
    runner has masked what no result shows, as in process. In an option that does not have the form of its suboptions,
    Ansible would mask nothing.
    """

    params: Dict[str, Any]
    no_log_values: Set[str]

    def __init__(self, operation: Operation) -> None:
        self._operation, self._accepted = operation, False
        super().__init__(argument_spec=operation.validation_spec, supports_check_mode=True)
        self._accepted = True
        self.no_log_values = set()

    @property
    def shown(self) -> Any:
        """The arguments without secrets, as Ansible records them."""
        arguments = redacted(self._operation.whole_spec, self.params)
        return without(arguments, never_shown(self._operation.argument_spec, self.params))

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)
        problem = first_complaint(self._operation, self.params)
        if problem is not None:
            self.fail_json(problem)

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        if not self._accepted:
            msg = validation_message(self._operation.whole_spec, self._given, msg, self.no_log_values)
            self.no_log_values = set()
            kwargs = {"changed": False, "error": OptionError(msg).facts, **kwargs}
        super().fail_json(msg, **{"invocation": {"module_args": self.shown}, **kwargs})

    def _log_invocation(self) -> None:
        """Log the arguments without secrets."""
        params, self.params = self.params, self.shown
        self.no_log_values = never_shown(self._operation.argument_spec, params)
        try:
            super()._log_invocation()
        finally:
            self.params = params


def run_module(operation: Operation) -> None:
    """Run an operation with the arguments of the module and exit."""
    end_when(reader_has_died)
    module = DokployModule(operation)
    if not HAS_REQUESTS:
        msg = missing_required_lib("requests")
        module.fail_json(msg=msg, exception=REQUESTS_IMPORT_ERROR, changed=False, error=ConfigurationError(msg).facts)
    register_stated(operation, module.params)
    result = run(operation, module.params, check_mode=module.check_mode, diff_mode=module._diff)
    if module.params.get("include_secrets"):
        register_revealed(result, operation.reveals)
    result["invocation"] = {"module_args": module.shown}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
