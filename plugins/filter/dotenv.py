# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters C(to_dotenv) and C(from_dotenv), by the rules of the modules' own options for environment text."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import kind_of
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import omitted, plain


def to_dotenv(variables: Any) -> str:
    """Environment text that Dokploy reads as these variables; a null or C(omit) leaves one out.

    :raises AnsibleFilterError: a name or a value cannot be written. The message never has a value.
    """
    if not isinstance(variables, Mapping):
        raise AnsibleFilterError("to_dotenv takes a mapping of variables, not %s" % kind_of(variables))
    try:
        text: str = ENV.to_api(plain({name: value for name, value in variables.items() if not omitted(value)}))
    except ValueError as error:
        raise AnsibleFilterError("to_dotenv: %s" % error) from None
    return text


def from_dotenv(text: Any) -> Dict[str, str]:
    """The variables that Dokploy reads in a text.

    :raises AnsibleFilterError: it is no text.
    """
    value = plain(text)
    if not isinstance(value, str):
        raise AnsibleFilterError("from_dotenv takes text, not %s" % kind_of(value))
    return dotenv.parse(value)


class FilterModule:
    def filters(self) -> Dict[str, Callable[[Any], Any]]:
        return {"to_dotenv": to_dotenv, "from_dotenv": from_dotenv}
