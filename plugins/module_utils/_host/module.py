# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The packaged module as host of an operation."""

from __future__ import annotations

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._engine.runner import Operation, run
from .._errors import ConfigurationError, OptionError
from .._http.connection import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from .._model.argspec import always_secret, redacted, refusal
from .arguments import first_complaint


class DokployModule(AnsibleModule):  # type: ignore[misc]
    """A module that masks secrets by the rules of the collection, also in errors about its arguments.

    Ansible masks a value wherever it occurs, so a variable with the value "production" would mask that word everywhere;
    it gets the API key only. In an option that does not have the form of its suboptions, it would mask nothing.
    """

    params: Dict[str, Any]

    def __init__(self, operation: Operation) -> None:
        self._operation, self._accepted = operation, False
        super().__init__(argument_spec=operation.argument_spec, supports_check_mode=True)
        self._accepted = True
        self.no_log_values = always_secret(self.params)

    @property
    def shown(self) -> Any:
        """The arguments without secrets, as Ansible records them."""
        return redacted(self._operation.whole_spec, self.params)

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)
        problem = first_complaint(self._operation, self.params)
        if problem is not None:
            self.fail_json(problem)

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        if not self._accepted:
            msg = refusal(self._operation.whole_spec, self._given, msg, self.no_log_values)
            self.no_log_values = always_secret(self.params)
            kwargs = {"changed": False, "error": OptionError(msg).facts, **kwargs}
        super().fail_json(msg, **{"invocation": {"module_args": self.shown}, **kwargs})

    def _log_invocation(self) -> None:
        """Log the arguments without secrets."""
        params, found = self.params, self.no_log_values
        self.params, self.no_log_values = self.shown, always_secret(params)
        try:
            super()._log_invocation()
        finally:
            self.params, self.no_log_values = params, found


def run_module(operation: Operation) -> None:
    """Run an operation with the arguments of the module and exit."""
    module = DokployModule(operation)
    if not HAS_REQUESTS:
        msg = missing_required_lib("requests")
        module.fail_json(msg=msg, exception=REQUESTS_IMPORT_ERROR, changed=False, error=ConfigurationError(msg).facts)
    result = run(operation, module.params, check_mode=module.check_mode, diff_mode=module._diff)
    result["invocation"] = {"module_args": module.shown}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
