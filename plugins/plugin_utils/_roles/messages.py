# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of modules with the variables of the role or playbook that runs them in place of the options.

A task of a role maps options to variables in C(_dokploy_variables):
C({"wait_timeout": "setup_deploy_timeout", "*": "setup_*"}). The star stands for all other options.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import in_one_text

VARIABLE = "_dokploy_variables"


def with_role_variables(
    result: Mapping[str, Any], variables: Mapping[str, str], options: Iterable[str]
) -> Dict[str, Any]:
    """The result of a failed task with the variables of the role in its messages.

    :param options: the options of the module.
    """
    translated = dict(result)
    names = {name: variable_of(name, variables) for name in options}
    if isinstance(translated.get("mistakes"), list):
        translated["mistakes"] = [_renamed(mistake, names) for mistake in translated["mistakes"]]
        translated["msg"] = in_one_text(translated["mistakes"])
    elif isinstance(translated.get("msg"), str):
        for failure in _failures(translated):
            # Each is a line of the message, or more.
            renamed = _renamed(failure["msg"], names)
            translated["msg"] = translated["msg"].replace(failure["msg"], renamed)
            failure["msg"] = renamed
        translated["msg"] = _renamed(translated["msg"], names)
    if isinstance(translated.get("deployments"), list):
        translated["deployments"] = [
            {**deployment, "msg": _renamed(deployment["msg"], names)} for deployment in translated["deployments"]
        ]
    return translated


def _failures(result: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The failures of entries, which the result has as copies then."""
    if not isinstance(result.get("failures"), list):
        return []
    copies = [dict(failure) for failure in result["failures"]]
    result["failures"] = copies
    return copies


def variable_of(option: str, variables: Mapping[str, str]) -> str:
    """The variable of an option, or the option itself if the role does not map it."""
    if option in CONNECTION:
        return option if option.startswith("dokploy_") else "dokploy_" + option
    return variables.get(option) or variables.get("*", "*").replace("*", option)


def _renamed(message: str, names: Mapping[str, str]) -> str:
    # The lines after the first one are a log.
    first, newline, log = message.partition("\n")
    words = "|".join(sorted(names, key=len, reverse=True))
    # Not a part of another word, and not in quotes.
    alone = r"(?<![\w.'\"/-])"
    # The subject of the message, the path of an entry, an option with its value, and any option that is not an English
    # word.
    first = re.sub(r"^(%s)(?=[.:]| is )" % words, lambda match: names[match[1]], first)
    first = re.sub(r"%s(%s)(?=\[)" % (alone, words), lambda match: names[match[1]], first)
    first = re.sub(r"%s(%s)=(?=\w)" % (alone, words), lambda match: names[match[1]] + ": ", first)
    first = re.sub(alone + r"([a-z]+_[a-z_]+)\b", lambda match: names.get(match[1], match[1]), first)
    return first + newline + log
