# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From descriptions to Ansible's argument spec, and from arguments to the client's settings."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Tuple

from ansible.module_utils.basic import env_fallback

from .._errors import ConfigurationError
from .._http.config import ClientConfig
from .field import Field, Group
from .resource import Child, Resource

Spec = Dict[str, Any]


def _env(name: str) -> Tuple[Any, List[str]]:
    return (env_fallback, [name])


CONNECTION: Spec = {
    "dokploy_url": {"type": "str", "required": True, "fallback": _env("DOKPLOY_URL")},
    "dokploy_api_key": {"type": "str", "required": True, "no_log": True, "fallback": _env("DOKPLOY_API_KEY")},
    "auth_scheme": {
        "type": "str",
        "choices": ["auto", "api_key", "bearer"],
        "default": "auto",
        "fallback": _env("DOKPLOY_AUTH_SCHEME"),
        "no_log": False,
    },
    "validate_certs": {"type": "bool", "default": True, "fallback": _env("DOKPLOY_VALIDATE_CERTS")},
    "ca_path": {"type": "path", "fallback": _env("DOKPLOY_CA_PATH")},
    "request_timeout": {"type": "float", "default": 30.0, "fallback": _env("DOKPLOY_REQUEST_TIMEOUT")},
    "max_retries": {"type": "int", "default": 5, "fallback": _env("DOKPLOY_MAX_RETRIES")},
    "rate_limit_timeout": {"type": "float", "fallback": _env("DOKPLOY_RATE_LIMIT_TIMEOUT")},
}


def names_of(spec: Spec) -> Dict[str, str]:
    """Every name of an option, aliases as well, with the option."""
    return {alias: name for name, one in spec.items() for alias in (name, *(one.get("aliases") or ()))}


def unset_connection(complaint: str) -> str:
    """What to do when Ansible's complaint is that connection options are missing; nothing for another complaint."""
    if not complaint.startswith("missing required arguments:"):
        return ""
    names = [name for name, one in CONNECTION.items() if one.get("required") and name in complaint]
    if not names:
        return ""
    variables = [CONNECTION[name]["fallback"][1][0] for name in names]
    return (
        "Set %s in the task or in module_defaults, or set %s in the environment of the host that runs the module. "
        "A remote host does not see the environment of the controller." % (" and ".join(names), " and ".join(variables))
    )


def client_config(params: Mapping[str, Any], user_agent: str) -> ClientConfig:
    """The connection options as the client takes them.

    :raises ConfigurationError: a number that cannot be.
    """
    for name, lowest in (("request_timeout", 0.001), ("max_retries", 0), ("rate_limit_timeout", 0)):
        if params[name] is not None and params[name] < lowest:
            raise ConfigurationError("%s is %s; it cannot be less than %g" % (name, params[name], lowest))
    same = ("auth_scheme", "validate_certs", "ca_path", "request_timeout", "max_retries", "rate_limit_timeout")
    return ClientConfig(
        url=params["dokploy_url"],
        api_key=params["dokploy_api_key"],
        user_agent=user_agent,
        **{name: params[name] for name in same},
    )


def locator_spec(resource: Resource) -> Spec:
    """The options that locate a resource, but for its name."""
    return {name: {"type": "str"} for name in (*(one.label for one in resource.parents), resource.id_option)}


def resource_spec(resource: Resource) -> Tuple[Spec, Dict[str, Any]]:
    """The options of a resource, and the rules between them (C(mutually_exclusive))."""
    spec: Spec = {}
    exclusive: Dict[str, List[str]] = {}
    for option in resource.options:
        if isinstance(option, Group):
            spec[option.name] = {"type": "dict", "options": {f.name: field_spec(f) for f in option.fields}}
            if option.selects is not None:
                exclusive.setdefault(option.selects[0].api, []).append(option.name)
        else:
            spec[option.name] = field_spec(option)
            if option.mode_option is not None:
                spec[option.mode_option] = {"type": "str", "choices": ["replace", "merge"], "default": "replace"}
    for child in resource.children:
        spec[child.option] = {"type": "list", "elements": "dict", "options": _entry_spec(child.fields)}
    return spec, {"mutually_exclusive": list(exclusive.values())}


def _entry_spec(fields: Iterable[Field]) -> Spec:
    """The suboptions of the entries of a list."""
    options = {field.name: field_spec(field) for field in fields}
    for field in fields:
        if field.default is not None:
            options[field.name]["default"] = field.default
        if field.needed is True:
            options[field.name]["required"] = True
    return options


def child_spec(child: Child) -> Spec:
    """The options of a child's own module.

    None is required: an id may stand for the natural key, and what is needed may be set already.
    """
    spec: Spec = {child.id_option: {"type": "str"}, **{f.name: field_spec(f) for f in child.fields}}
    if child.generates is not None:
        spec["generate"] = {"type": "bool"}
    return spec


def field_spec(field: Field) -> Spec:
    spec: Spec = {"type": field.codec.type}
    if field.codec.elements is not None:
        spec["elements"] = field.codec.elements
    if field.choices:
        spec["choices"] = list(field.choices)
    if field.parts:
        # A single object is cleared by C({}): nothing in it is required, and no default may fill it.
        of_list = field.codec.type == "list"
        spec["options"] = _entry_spec(field.parts) if of_list else {part.name: field_spec(part) for part in field.parts}
    if field.aliases:
        spec["aliases"] = list(field.aliases)
    if field.secret and field.codec.type != "path":
        # Of a file only what it holds is secret, not its name.
        spec["no_log"] = True
    elif field.reference is not None:
        # A name, even that of an SSH key.
        spec["no_log"] = False
    return spec
