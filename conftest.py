# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the checkout importable as ``ansible_collections.community.dokploy``, whatever its folder is called.

Only ansible-core's own loader knows that name, and it insists on a path that ends in it. Namespace packages that point
here give the tests the same imports without that loader, in every pytest process (pytest-xdist loads this file too).
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.support.effort import example_count

ROOT = Path(__file__).resolve().parent


def _map_collection() -> None:
    parent = None
    for name, path in (
        ("ansible_collections", None),
        ("ansible_collections.community", None),
        ("ansible_collections.community.dokploy", str(ROOT)),
    ):
        module = sys.modules.get(name)
        if module is None:
            spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [path] if path else []
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
        if parent is not None:
            setattr(parent, name.rpartition(".")[2], module)
        parent = module


_map_collection()

# No test depends on how fast the machine is.
settings.register_profile(
    "dokploy", max_examples=example_count(50, 100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("dokploy")

# Hypothesis draws constants of the modules that are loaded, which depends on the tests that ran before: a test has the
# same examples in every order. It parses all of these modules, too.
providers._get_local_constants = lambda: providers._local_constants
