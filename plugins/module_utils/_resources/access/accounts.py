# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What accounts have: email addresses, and the roles of users, which organizations have as a default, too."""

from __future__ import annotations

EMAIL = (r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z", "is not an email address")
# A user with an unknown one is locked out (measured on Dokploy 0.30.2).
ROLES = ("admin", "member")
NO_OTHER_ROLES = (
    "Custom roles need a licence of Dokploy's enterprise edition and are not managed, and the owner stays the owner."
)
