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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)

# The module of options that every module has.
CONNECTION_OF = APPLICATION.name


@dataclass(frozen=True)
class RoleOptions:
    """The options of a module that a role has, their names with C(prefix). The role has its own defaults, or none.

    :param module: the name of the module. :param spec: its options. :param only: those that the role has.
    :param checked: the role checks the values; otherwise the module does, which knows what is in them.
    """

    module: str
    spec: Spec
    prefix: str
    only: Tuple[str, ...]
    checked: bool = True

    def variable(self, option: str) -> str:
        """The option of the role for an option of the module."""
        return option if self.prefix and option.startswith(self.prefix) else self.prefix + option

    def options(self) -> Spec:
        """The options of the module that the role has, by their names in the module."""
        dropped = ("default", "required")
        return {
            name: {key: value for key, value in self.spec[name].items() if key not in dropped} for name in self.only
        }


_HOW = ("title", "description", "verify_period", "log_lines")


#: The options of the module that a role has for the document as a whole, and for each of its sections.
DOCUMENT_OPTIONS = (
    "src",
    "secrets_file",
    *sorted((section.name for section in SECTIONS), key=lambda name: (name != "projects", name)),
    *("unstated", "list_unstated", "report_facts", "reset_limit"),
    *(
        "prune",
        "prune_limit",
        "owner",
        "adopt",
        "on_rename",
        "scope",
        "hold",
        "rename",
        "rename_rules",
        "rename_passwords",
        "isolated_network",
        "on_server",
        "locked_for",
        "lock",
        "expected_plan",
    ),
    *(
        "archives",
        "archives_before",
        "archives_max_age",
        "archives_at_once",
        "archives_keep",
        "archives_save_first",
        "archives_image",
        "overwrite",
    ),
    *("archives_rehearsal", "archives_together", "masks", "restore_timeout"),
)
PLACES: Mapping[str, Tuple[RoleOptions, ...]] = {
    "setup": (
        RoleOptions(MANIFEST.name, MANIFEST.options, "setup_", DOCUMENT_OPTIONS, checked=False),
        RoleOptions(MANIFEST.name, MANIFEST.options, "setup_deploy_", _HOW),
        RoleOptions(CONNECTION_OF, CONNECTION, "dokploy_", tuple(CONNECTION)),
    ),
}


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
        whole.update({place.variable(name): inside.get(name, option) for name, option in place.options().items()})
    return whole
