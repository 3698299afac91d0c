# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role or a playbook: which there are, and which are misspelt."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._errors import close_names, suggested

#: The entry point that every role has.
MAIN = "main"


def specification(path: str, entry_point: str = MAIN) -> Dict[str, Any]:
    """The options of an entry point in the C(meta/argument_specs.yml) of a role."""
    # The loader of templates would take ten times as long, in each run of a role.
    spec = yaml_load(Path(path).read_text(encoding="utf-8"))
    options: Dict[str, Any] = spec["argument_specs"][entry_point]["options"]
    return options


def not_read(variables: Mapping[str, Any]) -> Iterator[str]:
    """What the command line states as extra variables, and is none: Ansible ignores it."""
    text = str(variables.get("_raw_params") or "")
    if text:
        file = re.search(r"(?:^| )([\w./~-]+\.(?:ya?ml|json))(?: |$)", text)
        name = file[1] if file else "vars.yml"
        yield "An option -e of the command line sets no variable. A file of variables needs an @: -e @%s." % name


def unknown(prefix: str, names: Iterable[str], known: Mapping[str, Any], own: Sequence[str] = ()) -> List[str]:
    """One sentence for each unknown name with the prefix.

    :param known: the options of an argument spec by name. :param own: patterns of names to ignore.
    """
    wanted = sorted(name for name in names if name.startswith(prefix) and name not in known)
    sentences = []
    for name in wanted:
        if not any(fnmatchcase(name, pattern.strip()) for pattern in own):
            hint = _hint(name, prefix, known)
            sentences.append("'%s' is not a known variable.%s" % (name, " " + hint if hint else ""))
    return sentences


def _hint(name: str, prefix: str, known: Mapping[str, Any]) -> Optional[str]:
    """The variables and suboptions that may be meant, compared without the prefix."""
    rest = name[len(prefix) :]
    # The compared name -> the shown one.
    names: Dict[str, str] = {}
    exact = []
    for path in _paths(known):
        if path[0].startswith(prefix):
            dotted = ".".join(path)
            names["_".join(path)[len(prefix) :]] = dotted
            if path[-1] == rest:
                exact.append(dotted)
    close = [names[name] for name in close_names(rest, names)]
    # A singular or a plural of a variable comes before a suboption of that name.
    number = [names[name] for name in (rest + "s", rest[:-1]) if name in names]
    meant = list(dict.fromkeys([*number, *exact, *close]))[:3]
    return suggested(meant) if meant else None


def _paths(options: Mapping[str, Any], above: Tuple[str, ...] = ()) -> Iterator[Tuple[str, ...]]:
    for name, spec in options.items():
        yield (*above, name)
        yield from _paths(spec.get("options") or {}, (*above, name))
