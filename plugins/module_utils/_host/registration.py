# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets that Ansible redacts in the output of the whole run, from ansible-core 2.22 on.

Ansible's validators register those among the options and in the entries of documents, see
C(_model.argspec.validation_spec). Nothing but this collection knows of those that a server reveals.
"""

from __future__ import annotations

from typing import Any, Callable

from .._engine.revealed import revealed

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # ansible-core 2.21 and older redact nothing.
    register_secrets = None


def register_revealed(shown: Any, is_secret: Callable[[str], bool]) -> None:
    """Register the secrets in what C(include_secrets) shows.

    :param is_secret: whether a key has a secret by itself.
    """
    if register_secrets is not None:
        register_secrets(revealed(shown, is_secret))
