# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Traefik configuration of an application: a file, checked, compared and written as a whole.

Dokploy stores any text, and answers C(true) even when it cannot write the file (measured on 0.30.2). So invalid YAML is
refused here, and the file is read again after the write.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Optional

from ..._engine.lookup import Target, find_parent
from ..._engine.plan import Write
from ..._engine.runner import Context, action_operation
from ..._engine.view import ChangePlan, Difference
from ..._errors import ConfigurationError, NotApplied, OptionError, ReferenceNotFound
from ..._model.resource import Resource
from ..._values import yaml_text
from ..._values.codec import GENERATED
from ..instance.traefik_content import dynamic_file, ignored_keys
from ..instance.traefik_masking import masked_config, masked_pair
from ..service_children.routing import READ_FILE, WRITE_FILE
from ..service_children.server_limits import LIMITS
from ..services.application import APPLICATION


def configure(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_traefik_config).

    :raises NotApplied: the server accepted the text, but the file has another one.
    """
    if not yaml_text.HAS_YAML:
        raise ConfigurationError("The Python library PyYAML is missing where the module runs.")
    text = text_of_config(context.params["content"])
    ignored = ignored_keys(text)
    context.warn(["content: %s." % ignored] if ignored else [])
    try:
        target = find_parent(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        label = "%s %r" % (resource.name, context.params[resource.name])
        return Difference(label, *masked_pair(None, text)).result(application_id=GENERATED, traefik_config=GENERATED)
    read = partial(context.client.query, READ_FILE, {"applicationId": target.resource_id})
    current = read()
    planned = plan_file(target, text, current)
    first = context.first_plan(planned)
    if context.executor.run(planned).sent and not yaml_text.same(text, read()):
        raise NotApplied(
            "%s: the server accepted the Traefik configuration, but the file has another one" % target.label,
            hint="It could not write the file, or a domain was changed at the same time.",
        )
    after = masked_config(text if planned.steps else current or "")
    return first.difference.result(application_id=target.resource_id, traefik_config=after)


def plan_file(target: Target, text: str, current: Optional[str]) -> ChangePlan:
    """What writes a text into the file, which has the C(current) one; no steps if they mean the same. Pure."""
    if current is not None and yaml_text.same(text, current):
        return ChangePlan((), Difference(target.label, *masked_pair(current, current)))
    body = {"applicationId": target.resource_id, "traefikConfig": text}
    # Domains, redirects and basic-auth users are written by reading, changing and writing the same file.
    write = Write(WRITE_FILE, body, in_flight=LIMITS)
    return ChangePlan((write,), Difference(target.label, *masked_pair(current, text), hidden=True))


def text_of_config(content: Any) -> str:
    """The value of the option as the text to write.

    :raises OptionError: it is neither a mapping nor the text of one, or Traefik refuses it.
    """
    try:
        return dynamic_file(content)
    except ValueError as error:
        raise OptionError("content: %s" % error) from error


OPERATION = action_operation(
    "dokploy_traefik_config",
    APPLICATION,
    configure,
    # It may contain password hashes.
    {"content": {"type": "raw", "required": True, "no_log": True}},
    {"required_one_of": [["application", "application_id"]]},
)
