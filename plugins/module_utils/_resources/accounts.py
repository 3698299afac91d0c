# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The roles that users, and organizations by default, can have."""

from __future__ import annotations

# A user with an unknown one is locked out (measured on Dokploy 0.30.2).
ROLES = ("admin", "member")
OTHERS = (
    "Custom roles need a licence of Dokploy's enterprise edition and are not managed, and the owner stays the owner."
)
