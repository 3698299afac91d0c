# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The labels of a service: those that are stated, and the one of ours that is among them."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.community.dokploy.plugins.module_utils._values.codec import Codec, text_map
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import SCALAR, map_of

# The label in which a deployment leaves what it deployed (see C(_deployment.fingerprint)), as Docker's own tools do.
MARK_LABEL = "community.dokploy.deployment"


def _labels(value: Any) -> Dict[str, str]:
    labels = text_map(value)
    if MARK_LABEL in labels:
        raise ValueError("%s is the label that dokploy_deployment keeps for itself; leave it out" % MARK_LABEL)
    return labels


def stated_labels(value: Any) -> Dict[str, str]:
    """The labels without the one that is kept by ourselves."""
    return {name: text for name, text in (value or {}).items() if name != MARK_LABEL}


def _with_mark(wanted: Any, current: Any) -> Any:
    mark = {name: text for name, text in (current or {}).items() if name == MARK_LABEL}
    return {**(wanted or {}), **mark} or None


LABELS = Codec(
    type="dict",
    to_api=_labels,
    same=lambda wanted, current: stated_labels(wanted) == stated_labels(current),
    shown=stated_labels,
    empty=None,
    kept=_with_mark,
    stored=map_of(SCALAR),
)
