# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the procedures on data compute, as steps of the roles data and drift: functions of plain values by name."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.plugin_utils._clones import copying as clones
from ansible_collections.community.dokploy.plugins.plugin_utils._moves import checks, refusals, run, services
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe
from ansible_collections.community.dokploy.plugins.plugin_utils._promotions import images, promoting
from ansible_collections.community.dokploy.plugins.plugin_utils._recoveries import beside, copying
from ansible_collections.community.dokploy.plugins.plugin_utils._report import (
    clone,
    drill,
    markdown,
    move,
    page,
    recovery,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._report import sets as report_sets
from ansible_collections.community.dokploy.plugins.plugin_utils._sets.folder import sets_in

STEPS: Dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        beside.recovery_beside,
        checks.move_checks,
        checks.move_copies,
        checks.move_last_copy,
        checks.move_unanswered,
        clones.clone_foreign,
        clones.clone_masks,
        clones.clone_replaced,
        copying.copying_lines,
        sets_in,
        images.promote_gone,
        images.promote_images,
        images.promote_refusal,
        clone.clone_report,
        drill.drill_report,
        markdown.report_markdown,
        move.move_report,
        page.report_page,
        recovery.recovery_report,
        report_sets.backup_set_report,
        promoting.promote_outcomes,
        promoting.promote_pairs,
        promoting.promote_plan_lines,
        promoting.promote_targets,
        refusals.move_refused,
        run.move_dead,
        run.move_mistakes,
        run.move_planned,
        run.move_rest,
        run.move_run,
        services.move_services,
    )
}
OPTIONS = {
    "step": {"type": "str", "required": True, "choices": sorted(STEPS)},
    "arguments": {"type": "dict", "required": True},
}


class DataStep(ActionBase):
    """Returns what a step computes, which is not shown; why it has failed is."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(OPTIONS)
        step = options["step"]
        try:
            value = STEPS[step](**plain(options["arguments"]))
        except (AttributeError, KeyError, TypeError, ValueError, OSError, AnsibleError, DokployError) as error:
            return {**result, "changed": False, "failed": True, "msg": "%s: %s" % (step, error)}
        # What it computes may have secrets of documents.
        return {**result, "changed": False, "value": unsafe(value), "_ansible_no_log": True}
