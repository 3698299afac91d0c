# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What accounts have: email addresses, API keys, and the roles of users, which organizations have as a default, too."""

from __future__ import annotations

from ..._values.schema import ID, SCALAR, TEXT, list_of, needed, object_of

EMAIL = (r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z", "is not an email address")
# A user with an unknown one is locked out (measured on Dokploy 0.30.2).
ROLES = ("admin", "member")
NO_OTHER_ROLES = (
    "Custom roles need a licence of Dokploy's enterprise edition and are not managed, and the owner stays the owner."
)
_ACCOUNT = object_of(email=TEXT, apiKeys=list_of(object_of(id=ID, name=TEXT, enabled=SCALAR, expiresAt=TEXT)))
#: The membership of the user of the API key, and what the creation of a key answers.
MEMBER_ANSWERS = {
    "user.get": needed(object_of(role=needed(TEXT), organizationId=ID, userId=ID, user=needed(_ACCOUNT))),
    "user.createApiKey": needed(object_of(id=ID, key=ID)),
}
