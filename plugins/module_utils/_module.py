# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The packaged module as host of an operation."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.community.dokploy.plugins.module_utils._argspec import always_secret, redacted
from ansible_collections.community.dokploy.plugins.module_utils._client import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from ansible_collections.community.dokploy.plugins.module_utils._runner import Operation, run


def run_module(operation: Operation) -> None:
    """Read the arguments, run the operation, report; never returns."""
    module = AnsibleModule(argument_spec=operation.argument_spec, supports_check_mode=True, **operation.rules)
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    # Results are made without secrets. Ansible's masking by value would turn every "production" into stars as soon as a
    # variable of an environment has that value, so it is left with the key alone.
    module.no_log_values = always_secret(module.params)
    result = run(operation, module.params, check_mode=module.check_mode, diff_mode=module._diff)
    result["invocation"] = {"module_args": redacted(operation.argument_spec, module.params)}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        result.pop("failed")
        module.fail_json(**result)
    module.exit_json(**result)
