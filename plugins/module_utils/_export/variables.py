# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The variables of the secrets of a document."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable


class SecretVariables:
    """:ivar values: each a text, or a mapping of texts, by its name."""

    def __init__(self) -> None:
        self.values: Dict[str, Any] = {}

    def add(self, names: Iterable[str], option: str, value: Any) -> str:
        """The name of a new variable: C(vault_shop_production_web_env).

        :param names: those of what has the option. :param value: a text, or a mapping of texts.
        """
        words = re.sub(r"[^a-z0-9]+", "_", "_".join((*names, option)).lower()).strip("_")
        name, number = "vault_%s" % words, 1
        while name in self.values:
            number += 1
            name = "vault_%s_%d" % (words, number)
        self.values[name] = value
        return name
