# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Variables whose values Docker takes for templates.

Docker expands Go templates in the environment of a service, and Dokploy does not escape them (measured on 0.30.2):
C({{.Node.Hostname}}) arrives as the name of the host, C({{"{{"}}) as C({{), C({{/* c */}}) as nothing, and a deployment
with C({{ name }}) fails. Builds read the same variables and expand nothing, so an escape that is written for the user
would be wrong there.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, List, Mapping

from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv as _dotenv

Row = Mapping[str, Any]

# What is meant as a template: it refers to the service, the node or the task, or stands for the two braces themselves.
_MEANT = re.compile(r"""\{\{-?\s*(?:[^{}]*\.(?:Service|Node|Task)\b[^{}]*|"\{\{"|`\{\{`)\s*-?\}\}""")
_REFERENCE = re.compile(r"\$\{\{(?:(project|environment)\.)?(.*?)\}\}")

#: Column -> option, of the texts that become the environment of a service.
TEXTS = {"env": "env", "previewEnv": "preview.env"}


def template_warnings(row: Row, columns: Iterable[str], words: str) -> List[str]:
    """A warning for each text with values that Docker would change or refuse.

    :param row: the answer of C(application.one). :param columns: of C(TEXTS), those to look at.
    """
    told = []
    for column in columns:
        names = _expanded(row, column)
        if names:
            told.append(
                "%s: Docker takes {{ for the beginning of a template in %s of %s. It changes the value or refuses the "
                'deployment. Write {{"{{"}} where the container is to get {{.'
                % (words, TEXTS[column], ", ".join(_dotenv.shown_name(name) for name in names))
            )
    return told


def _expanded(row: Row, column: str) -> List[str]:
    environment = row.get("environment") or {}
    own = _dotenv.parse(row.get(column))
    tables: Mapping[str, Mapping[str, str]] = {
        "project": _dotenv.parse((environment.get("project") or {}).get("env")),
        "environment": _dotenv.parse(environment.get("env")),
        "": own,
    }

    def value_of(match: Any) -> str:
        # Dokploy fails the deployment where there is no such variable.
        return tables[match.group(1) or ""].get(match.group(2), "")

    return [name for name, value in own.items() if "{{" in _MEANT.sub("", _REFERENCE.sub(value_of, value))]
