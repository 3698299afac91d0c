# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what was just created is the only one of its name.

Dokploy takes any number of things of one name, and whoever creates one cannot know who does the same at this moment:
another controller, another container of AWX, somebody in the web UI. So after a creation those of the same parent are
read. Whoever reads last sees all of them, so that a second one never stays unnoticed, and all put them into the same
order, by date and id: the oldest stays. A younger one is taken back by the run that made it, as long as it is just as
it was made, and that run goes on with the oldest.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._client import Client
from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, DokployError, NotFoundError
from ansible_collections.community.dokploy.plugins.module_utils._plan import Sole
from ansible_collections.community.dokploy.plugins.module_utils._reads import shaped
from ansible_collections.community.dokploy.plugins.module_utils._resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._services import DELETE_TIMEOUT
from ansible_collections.community.dokploy.plugins.module_utils._tree import is_default
from ansible_collections.community.dokploy.plugins.module_utils._wait import Waiter

Row = Mapping[str, Any]

# Seconds for which a younger one is given to be taken back by whoever made it: a few requests of a busy server.
GRACE = 10.0


def sole(client: Client, waiter: Waiter, step: Sole, created: Optional[Row]) -> bool:
    """Whether what was created stays; C(False) when it was taken back, since there is an older one of its name.

    :raises Ambiguous: several stay; the message lists their ids and says which one was created here.
    """
    key = step.resource.id_key
    own_id = (created or {}).get(key)
    if created is None or not own_id:
        # Whatever needs the id says so.
        return True
    own_id = str(own_id)
    ids: List[str] = []
    taken_back = False

    def look(_passed: float) -> Optional[bool]:
        nonlocal ids, taken_back
        ids = [str(row.get(key)) for row in _namesakes(client, step)]
        if taken_back:
            # Others may be about to do the same; until then nobody could say which one is meant.
            return False if len(ids) <= 1 else None
        if own_id not in ids or len(ids) == 1:
            # One that is not listed any more is missed by the read-back.
            return True
        waiter.progress("%s %r: somebody else has created it too" % (step.resource.name, step.name))
        if ids[0] == own_id:
            return None
        if not _is_as_made(client, step.resource, created, own_id):
            raise _ambiguous(step, ids, own_id)
        _take_back(client, step.resource, own_id)
        taken_back = True
        return False if len(ids) == 2 else None

    return bool(waiter.until(GRACE, look, lambda: _ambiguous(step, ids, own_id)))


def _namesakes(client: Client, step: Sole) -> List[Row]:
    """Those of the same parent and name, the oldest first."""
    procedure, key = step.resource.siblings
    parent = {step.resource.create_parent: step.parent_id} if step.resource.create_parent else {}
    answer = client.query(procedure, parent) if parent else client.query(procedure)
    rows = shaped(answer, dict, procedure).get(key) if key else answer
    found = [row for row in shaped(rows, list, procedure) if row.get("name") == step.name]
    return sorted(found, key=lambda row: _age(step.resource, row))


def _age(resource: Resource, row: Row) -> Tuple[str, str]:
    return str(row.get("createdAt") or ""), str(row.get(resource.id_key))


def _is_as_made(client: Client, resource: Resource, created: Row, own_id: str) -> bool:
    """Whether nobody has changed it or put anything into it since."""
    try:
        row: Dict[str, Any] = shaped(client.query(resource.read, {resource.id_key: own_id}), dict, resource.read)
    except NotFoundError:
        return True
    if any(row.get(key) != value for key, value in created.items() if key in row):
        return False
    return all(_is_empty(value) for key, value in row.items() if key not in created and isinstance(value, list))


def _is_empty(rows: List[Any]) -> bool:
    """Nothing but, in a new project, its default environment as it comes."""
    if not rows:
        return True
    one = rows[0]
    if len(rows) > 1 or not isinstance(one, dict) or not is_default(one) or one.get("env"):
        return False
    return not any(value for value in one.values() if isinstance(value, list))


def _take_back(client: Client, resource: Resource, own_id: str) -> None:
    try:
        client.mutate(resource.remove, {resource.id_key: own_id}, timeout=DELETE_TIMEOUT)
    except NotFoundError as error:
        if not error.own:
            raise


def _ambiguous(step: Sole, ids: List[str], own_id: str) -> DokployError:
    name = step.resource.name
    there = own_id in ids
    others = [one for one in ids if one != own_id]
    words = "%s by this task, %s by somebody else" % (own_id, ", ".join(others)) if there else ", ".join(others)
    return Ambiguous(
        "%d %ss are named %r, created at the same time: %s" % (len(ids), name, step.name, words),
        hint="Dokploy does not keep names unique. Remove the one that is not wanted with state=absent and %s; until "
        "then tasks that name it fail. This task did nothing but create its own%s."
        % (step.resource.id_option, "" if there else ", which it has taken back"),
        details={"ids": ids, "created": own_id if there else None},
    )
