# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an export has to know of databases: what others have of them in their texts."""

from __future__ import annotations

from ..._model.exportable import Exportable

EXPORTABLE = Exportable(
    address="internal_host",
    urls=("internal_url", "external_url"),
    logins=("password", "root_password", "urlencoded_password"),
    volumes=("-data", True),
)
