# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of modules with the variables of the role or playbook that runs them in place of the options.

A task of a role maps options to variables in C(_dokploy_variables):
C({"wait_timeout": "application_deploy_timeout", "*": "application_deploy_*"}). The star stands for all other options.
C(create) names the variable that allows the role to create a missing project or environment.

C(_dokploy_promised) is true where earlier tasks of the role would create what does not exist yet in check mode.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Mapping

try:
    from ansible._internal._display_utils import DeferredWarningContext
except ImportError:
    # Older than ansible-core 2.21.
    DeferredWarningContext = None

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION

VARIABLE = "_dokploy_variables"
PROMISED = "_dokploy_promised"

# How the warning of check mode about a missing parent ends.
_ASSUMED = "without one, a real run fails here."


def with_role_variables(
    result: Mapping[str, Any], variables: Mapping[str, str], options: Iterable[str]
) -> Dict[str, Any]:
    """The result of a failed task with the variables of the role in its messages.

    :param options: the options of the module.
    """
    shown = dict(result)
    names = {name: variable_of(name, variables) for name in options}
    if isinstance(shown.get("msg"), str):
        shown["msg"] = _renamed(shown["msg"], names)
        missing = (shown.get("error") or {}).get("kind") == "reference"
        if missing and "create" in variables and result["msg"].startswith(("project:", "environment:")):
            shown["msg"] += " Set %s to true to create it." % variables["create"]
    if isinstance(shown.get("deployments"), list):
        shown["deployments"] = [{**one, "msg": _renamed(one["msg"], names)} for one in shown["deployments"]]
    return shown


def without_promised(result: Mapping[str, Any]) -> Dict[str, Any]:
    """The result without warnings of check mode about what earlier tasks of the role would create."""
    # From ansible-core 2.21 on, the warnings of a packaged module are not in the result, but kept for its task.
    context = DeferredWarningContext.current(optional=True) if DeferredWarningContext is not None else None
    if context is not None:
        kept = context.get_warnings()
        kept[:] = [one for one in kept if _ASSUMED not in str(one)]
    # A warning of a packaged module is an object of ansible-core 2.19 and newer, which has the text in it.
    left = [one for one in result.get("warnings") or () if _ASSUMED not in str(one)]
    shown = {key: value for key, value in result.items() if key != "warnings"}
    return {**shown, "warnings": left} if left else shown


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
    # The subject of the message, an option with its value, and any option that is not an English word.
    first = re.sub(r"^(%s)(?=[.:\[]| is )" % words, lambda found: names[found[1]], first)
    first = re.sub(r"%s(%s)=(?=\w)" % (alone, words), lambda found: names[found[1]] + ": ", first)
    first = re.sub(alone + r"([a-z]+_[a-z_]+)\b", lambda found: names.get(found[1], found[1]), first)
    return first + newline + log
