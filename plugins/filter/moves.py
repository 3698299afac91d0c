# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the playbook move."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.community.dokploy.plugins.plugin_utils._moves import checks, services
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain_filter
from ansible_collections.community.dokploy.plugins.plugin_utils._report import move


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        functions = (
            checks.move_checks,
            checks.move_copy,
            checks.move_unanswered,
            services.move_document,
            services.move_named,
            services.move_readers,
            services.move_refusals,
            services.move_renamed,
            services.move_services,
            move.move_report,
        )
        return {function.__name__: plain_filter(function) for function in functions}
