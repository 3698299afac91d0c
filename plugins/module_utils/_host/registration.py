# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets that Ansible redacts in the output of the whole run, from ansible-core 2.22 on.

Ansible's validators register those among the options of a task, see C(_model.argspec.validation_spec). They know
neither those in the entries of a document, nor those that a server reveals.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping

from .._engine.revealed import revealed
from .._engine.runner import Operation
from .._model.argspec import secrets_by_themselves
from .._secrets.masking import worth_hiding

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:  # ansible-core 2.21 and older redact nothing.
    register_secrets = None


def register(secrets: Iterable[str]) -> None:
    """Register secrets, with a release of ansible-core that redacts them."""
    if register_secrets is not None:
        register_secrets(secrets)


def register_stated(operation: Operation, params: Mapping[str, Any]) -> None:
    """Register the secrets in the options whose suboptions the operation checks by itself."""
    if register_secrets is not None and operation.nested:
        register(filter(worth_hiding, secrets_by_themselves(operation.nested, params)))


def register_revealed(result: Any, is_secret: Callable[[str], bool]) -> None:
    """Register the secrets in what C(include_secrets) shows.

    :param is_secret: whether a key has a secret by itself.
    """
    register(revealed(result, is_secret))
