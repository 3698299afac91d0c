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
from typing import Any, Dict, FrozenSet, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION, Spec
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
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
    :param checked: the role checks the values; otherwise the module does, which knows what is in them.
    """

    module: str
    spec: Spec
    path: Tuple[str, ...] = ()
    prefix: str = ""
    only: Tuple[str, ...] = ()
    defaults: bool = True
    described: bool = True
    checked: bool = True

    def variable(self, option: str) -> str:
        """The option of the role for an option of the module."""
        return option if self.prefix and option.startswith(self.prefix) else self.prefix + option

    def options(self) -> Spec:
        """The options of the module that the role has, by their names in the module."""
        names = self.only or [name for name in self.spec if name not in OWN]
        dropped = () if self.defaults else ("default", "required")
        return {name: {key: value for key, value in self.spec[name].items() if key not in dropped} for name in names}


_WHAT = ("revision", "archive", "path", "ignore")
_HOW = ("title", "description", "verify_period", "log_lines")


def _deployment(*only: str, **differences: Any) -> Place:
    return Place(DEPLOYMENT.name, DEPLOYMENT.options, only=only, **differences)


def _manifest(*only: str, **differences: Any) -> Place:
    return Place(MANIFEST.name, MANIFEST.options, only=only, defaults=False, **differences)


#: The options of the module that a role has for the document as a whole, and for each of its sections.
DOCUMENT_OPTIONS = (
    "src",
    *sorted((one.name for one in SECTIONS), key=lambda name: (name != "projects", name)),
    *("prune", "prune_limit", "owner", "adopt", "expected_plan"),
)
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
        _manifest(*DOCUMENT_OPTIONS, prefix="setup_", checked=False),
        _manifest(*_HOW, prefix="setup_deploy_"),
        _CONNECTION,
    ),
}


def options_at(options: Spec, path: Tuple[str, ...]) -> Spec:
    """The options below those of a path."""
    for name in path:
        options = options[name]["options"]
    return options


def unchecked(role: str) -> FrozenSet[str]:
    """The options of a role whose values it leaves to the module."""
    places = (place for place in PLACES.get(role, ()) if not place.checked)
    return frozenset(place.variable(name) for place in places for name in place.options())


def whole_specification(role: str, described: Mapping[str, Any]) -> Dict[str, Any]:
    """The options of a role as they are checked.

    :param described: the options in its C(meta/argument_specs.yml), which are completed in place.
    """
    whole = dict(described)
    for place in PLACES.get(role, ()):
        # What a section has is for the hints about other variables.
        inside = {} if place.checked else MANIFEST.nested
        found = {place.variable(name): inside.get(name, option) for name, option in place.options().items()}
        options_at(whole, place.path).update(found)
    return whole
