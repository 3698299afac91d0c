# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of a recovery beside what lives."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain_filter
from ansible_collections.community.dokploy.plugins.plugin_utils._recoveries import beside, copying


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        functions = (beside.recovery_beside, copying.copying_lines)
        return {function.__name__: plain_filter(function) for function in functions}
