# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The packaged module as host of an operation."""

from __future__ import annotations

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.community.dokploy.plugins.module_utils._api.client import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, run
from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError, OptionError
from ansible_collections.community.dokploy.plugins.module_utils._host.arguments import first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._model.no_log import always_secret, redacted, refusal


class DokployModule(AnsibleModule):  # type: ignore[misc]
    """A module that hides secrets by our own rules, in what it says before it has begun as well.

    Ansible's masking by value would turn every "production" into stars as soon as a variable of an environment has that
    value, so it is left with the key alone. And where it does not even find the secrets, since an option has not the
    form of its suboptions, it masks nothing.
    """

    params: Dict[str, Any]

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._accepted = False
        super().__init__(argument_spec=operation.argument_spec, supports_check_mode=True)
        self._accepted = True
        self.no_log_values = always_secret(self.params)

    @property
    def shown(self) -> Any:
        """The arguments as Ansible may record them."""
        return redacted(self._operation.argument_spec, self.params)

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)
        problem = first_complaint(self._operation, self.params)
        if problem is not None:
            self.fail_json(problem)

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        if not self._accepted:
            msg = refusal(self._operation.argument_spec, self._given, msg, self.no_log_values)
            self.no_log_values = always_secret(self.params)
            kwargs = {"changed": False, "error": OptionError(msg).facts, **kwargs}
        super().fail_json(msg, **{"invocation": {"module_args": self.shown}, **kwargs})

    def _log_invocation(self) -> None:
        """To the host's log, of the arguments as well."""
        params, found = self.params, self.no_log_values
        self.params, self.no_log_values = self.shown, always_secret(params)
        try:
            super()._log_invocation()
        finally:
            self.params, self.no_log_values = params, found


def run_module(operation: Operation) -> None:
    """Read the arguments, run the operation, report; never returns."""
    module = DokployModule(operation)
    if not HAS_REQUESTS:
        msg = missing_required_lib("requests")
        module.fail_json(msg=msg, exception=REQUESTS_IMPORT_ERROR, changed=False, error=ConfigurationError(msg).facts)
    result = run(operation, module.params, check_mode=module.check_mode, diff_mode=module._diff)
    result["invocation"] = {"module_args": module.shown}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        result.pop("failed")
        module.fail_json(**result)
    module.exit_json(**result)
