#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application_info
short_description: TODO
"""

from ansible_collections.community.dokploy.plugins.module_utils._module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
