# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options of roles are those of modules, and with it what a role takes as a whole.

The C(meta/argument_specs.yml) of a role describes its own options. Of an option that it passes to a module it has one
sentence and a link. What such an option takes, with its suboptions, is the argument spec of the module, so that a check
of a role and a check of a module cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION, Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import (
    ENVIRONMENT_OPERATION as ENVIRONMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.database import (
    OPERATION as DATABASE,
)

# The role itself defines how it finds a resource, and what it does with it.
OWN = frozenset(
    "name state project environment project_id environment_id application_id database_id compose_id"
    " force wait_timeout trigger include_secrets".split()
)
# The module of options that every module has.
CONNECTION_OF = APPLICATION.name


@dataclass(frozen=True)
class Place:
    """Where a role has the options of a module: below the options of C(path), their names with C(prefix).

    :param module: the name of the module.
    :param spec: its options, or some of them.
    :param only: the options that the role has, if it does not have all.
    :param defaults: the defaults are those of the module; else the role has its own, or none, and none is required.
    :param described: the role has no words of its own for the options.
    """

    module: str
    spec: Spec
    path: Tuple[str, ...] = ()
    prefix: str = ""
    only: Tuple[str, ...] = ()
    defaults: bool = True
    described: bool = True

    def variable(self, option: str) -> str:
        """The option of the role for an option of the module."""
        return option if self.prefix and option.startswith(self.prefix) else self.prefix + option

    def options(self) -> Spec:
        """The options of the module that the role has, by their names in the module."""
        names = self.only or [name for name in self.spec if name not in OWN]
        dropped = () if self.defaults else ("default", "required")
        return {name: {key: value for key, value in self.spec[name].items() if key not in dropped} for name in names}


_ENVIRONMENTS = ("setup_projects", "environments")
_APPLICATIONS = (*_ENVIRONMENTS, "applications")
_COMPOSE = (*_ENVIRONMENTS, "compose")
_WHAT = ("revision", "archive", "path", "ignore")
_HOW = ("title", "description", "verify_period", "log_lines")


def _deployment(*only: str, **differences: Any) -> Place:
    return Place(DEPLOYMENT.name, DEPLOYMENT.options, only=only, **differences)


_CONNECTION = Place(CONNECTION_OF, CONNECTION, prefix="dokploy_", only=tuple(CONNECTION), defaults=False)

PLACES: Mapping[str, Tuple[Place, ...]] = {
    "application": (
        Place(APPLICATION.name, APPLICATION.options, prefix="application_"),
        _deployment(*_WHAT, prefix="application_"),
        _deployment(*_HOW, prefix="application_deploy_", defaults=False),
        _deployment("http_check", prefix="application_", described=False),
        _CONNECTION,
    ),
    "setup": (
        Place(PROJECT.name, PROJECT.options, ("setup_projects",)),
        Place(ENVIRONMENT.name, ENVIRONMENT.options, _ENVIRONMENTS),
        Place(DATABASE.name, DATABASE.options, (*_ENVIRONMENTS, "databases")),
        Place(COMPOSE.name, COMPOSE.options, _COMPOSE),
        _deployment("revision", path=_COMPOSE),
        Place(APPLICATION.name, APPLICATION.options, _APPLICATIONS),
        _deployment(*_WHAT, path=_APPLICATIONS),
        _deployment("http_check", path=_APPLICATIONS, described=False),
        _deployment(*_HOW, prefix="setup_deploy_", defaults=False),
        _CONNECTION,
    ),
}


def options_at(options: Spec, path: Tuple[str, ...]) -> Spec:
    """The options below those of a path."""
    for name in path:
        options = options[name]["options"]
    return options


def whole_specification(role: str, described: Mapping[str, Any]) -> Dict[str, Any]:
    """The options of a role as they are checked.

    :param described: the options in its C(meta/argument_specs.yml), which are completed in place.
    """
    whole = dict(described)
    for place in PLACES.get(role, ()):
        found = {place.variable(name): option for name, option in place.options().items()}
        options_at(whole, place.path).update(found)
    return whole
