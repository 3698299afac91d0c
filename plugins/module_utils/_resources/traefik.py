# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Traefik configuration of an application: a file, checked, compared and written as a whole.

Dokploy stores any text, and answers C(true) even when it cannot write the file (measured on 0.30.2). So invalid YAML is
refused here, and the file is read again after the write.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Iterator, Mapping

from .._engine.diff import Difference
from .._engine.lookup import find_parent
from .._engine.plan import Plan, Write
from .._engine.runner import Context, action_operation
from .._errors import ConfigurationError, NotApplied, OptionError, ReferenceNotFound, kind_of
from .._model.resource import Resource
from .._secrets.patterns import MASK
from .._secrets.traefik import masked, masked_pair
from .._values import yaml_text
from .application import APPLICATION
from .routing import INVALID_FILE_EFFECT


def configure(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_traefik_config).

    :raises NotApplied: the server accepted the text, but the file has another one.
    """
    if not yaml_text.HAS_YAML:
        raise ConfigurationError("The Python library PyYAML is missing where the module runs.")
    text = rendered(context.params["content"])
    try:
        target = find_parent(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        label = "%s %r" % (resource.name, context.params[resource.name])
        return Difference(label, *masked_pair(None, text)).result(application_id=None, traefik_config=None)
    resource_id = str(target.resource_id)
    read = partial(context.client.query, "application.readTraefikConfig", {"applicationId": resource_id})
    current = read()
    unchanged = current is not None and yaml_text.same(text, current)
    shown = masked_pair(current, current if unchanged else text)
    difference = context.first(Difference(target.label, *shown, hidden=not unchanged))
    if not unchanged:
        body = {"applicationId": resource_id, "traefikConfig": text}
        # Domains, redirects and basic-auth users are written by reading, changing and writing the same file.
        outcome = context.executor.run(Plan((Write("application.updateTraefikConfig", body, exclusive=True),)))
        if outcome.sent and not yaml_text.same(text, read()):
            raise NotApplied(
                "%s: the server accepted the Traefik configuration, but the file has another one" % target.label,
                hint="It could not write the file, or a domain was changed at the same time.",
            )
    return difference.result(application_id=resource_id, traefik_config=masked((current or "") if unchanged else text))


def rendered(content: Any) -> str:
    """The value of the option as the text to write.

    :raises OptionError: it is neither a mapping nor the text of one, or Traefik refuses it.
    """
    if not isinstance(content, (str, Mapping)):
        raise OptionError("content takes a mapping or the text of one, not %s" % kind_of(content))
    try:
        text = content if isinstance(content, str) else yaml_text.written(content)
    except ValueError as error:
        raise OptionError("content: %s" % error) from error
    text = text if text.endswith("\n") else text + "\n"
    _check(text)
    if MASK in text:
        raise OptionError(
            "content contains %s in place of a secret: read it with include_secrets=true before you write it back"
            % MASK
        )
    return text


def _check(text: str) -> None:
    try:
        value = yaml_text.mapping_of(text, "Traefik", "{http: ...}")
    except ValueError as error:
        raise OptionError("content %s" % error) from error
    empty = next(_empty_sections(value), None)
    if empty is not None:
        raise OptionError(
            "content: %s is empty or not a mapping. %s. Leave it out; {} is an empty configuration"
            % (empty, INVALID_FILE_EFFECT)
        )


def _empty_sections(content: Mapping[str, Any]) -> Iterator[str]:
    """The sections and tables that Traefik refuses, since they are empty (measured with 3.7)."""
    for section in ("http", "tcp", "udp", "tls"):
        tables = content.get(section)
        named = tables if isinstance(tables, Mapping) else {}
        if tables is not None and all(table is None for table in named.values()):
            yield section
        yield from ("%s.%s" % (section, name) for name, table in named.items() if table == {})


OPERATION = action_operation(
    "dokploy_traefik_config",
    APPLICATION,
    configure,
    # It may contain password hashes.
    {"content": {"type": "raw", "required": True, "no_log": True}},
    {"required_one_of": [["application", "application_id"]]},
)
