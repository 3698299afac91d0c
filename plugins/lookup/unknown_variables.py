# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
short_description: Find misspelt variables of a role or a playbook
version_added: 1.0.0
description:
  - Finds variables with a prefix that a role or a playbook does not use. Ansible ignores such variables, so a run with
    a misspelt name succeeds and does nothing.
  - The roles and playbooks of this collection use it for their variables.
author:
  - Community Dokploy collection contributors (@community-dokploy)
options:
  _terms:
    description: The prefix, for example V(application_).
    type: list
    elements: str
    required: true
  spec:
    description: Path of C(meta/argument_specs.yml) of the role, whose options are known.
    type: path
  known:
    description: Other known names.
    type: list
    elements: str
    default: []
  own:
    description:
      - Names of variables for other purposes, which are not reported. V(*) matches any characters.
      - A text is a list of one name, or of several names separated by commas.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse variables that the role does not know
  ansible.builtin.assert:
    that: unknown | length == 0
    fail_msg: "{{ unknown | join(' ') }}"
  vars:
    unknown: >-
      {{ query('community.dokploy.unknown_variables', 'shop_', known=['shop_name', 'shop_result'], own=['shop_x_*']) }}
"""

RETURN = r"""
_raw:
  description:
    - One sentence for each unknown variable, sorted by name, with the variables and suboptions that have a similar
      name.
  type: list
  elements: str
  sample: ["'application_memroy_limit' is not a known variable. Did you mean: 'application_memory_limit'?"]
"""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.lookup import LookupBase

from ansible_collections.community.dokploy.plugins.module_utils._errors import close_names, suggested


class LookupModule(LookupBase):
    def run(self, terms: List[str], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> List[str]:
        self.set_options(var_options=variables, direct=kwargs)
        known: Dict[str, Any] = {name: {} for name in self.get_option("known")}
        if self.get_option("spec") is not None:
            # The loader of templates would take ten times as long, in each run of a role.
            spec = yaml_load(Path(self.get_option("spec")).read_text(encoding="utf-8"))
            known.update(spec["argument_specs"]["main"]["options"])
        own = self.get_option("own")
        return [told for prefix in terms for told in unknown(prefix, variables or {}, known, own)]


def unknown(prefix: str, names: Iterable[str], known: Mapping[str, Any], own: Sequence[str] = ()) -> List[str]:
    """One sentence for each unknown name with the prefix.

    :param known: the options of an argument spec by name. :param own: patterns of names to ignore.
    """
    wanted = sorted(name for name in names if name.startswith(prefix) and name not in known)
    found = []
    for name in wanted:
        if not any(fnmatchcase(name, pattern.strip()) for pattern in own):
            hint = _hint(name, prefix, known)
            found.append("'%s' is not a known variable.%s" % (name, " " + hint if hint else ""))
    return found


def _hint(name: str, prefix: str, known: Mapping[str, Any]) -> Optional[str]:
    """The variables and suboptions that may be meant, compared without the prefix."""
    rest = name[len(prefix) :]
    # The compared name -> the shown one.
    names: Dict[str, str] = {}
    exact = []
    for path in _paths(known):
        if path[0].startswith(prefix):
            shown = ".".join(path)
            names["_".join(path)[len(prefix) :]] = shown
            if path[-1] == rest:
                exact.append(shown)
    close = [names[name] for name in close_names(rest, names)]
    meant = list(dict.fromkeys([*exact, *close]))[:3]
    return suggested(meant) if meant else None


def _paths(options: Mapping[str, Any], above: Tuple[str, ...] = ()) -> Iterator[Tuple[str, ...]]:
    for name, spec in options.items():
        yield (*above, name)
        yield from _paths(spec.get("options") or {}, (*above, name))
