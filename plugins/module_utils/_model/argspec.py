# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From descriptions to argument specs, and from arguments to the client's settings, their secrets and what is shown.

C(no_log) in the argument spec of an operation means that this collection hides the value. Which of these values Ansible
gets to know as secrets, C(validation_spec) decides.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from ansible.module_utils.basic import env_fallback

from .._http.connection import ClientConfig
from .._secrets.masking import (
    SHORTEST_KEY,
    Scrubber,
    credentials_in,
    hide_credentials,
    one_line,
    shortened,
    worth_hiding,
)
from .._values.codec import secret_values
from .._values.nested import with_texts
from .child import Child
from .field import Field, Group
from .resource import Resource

Spec = Dict[str, Any]

NO_LOG = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_FLAT = ("str", "int", "float", "bool", "path")
CONNECTION: Spec = {
    "dokploy_url": {"type": "str", "required": True},
    "dokploy_api_key": {"type": "str", "required": True, "no_log": True},
    "auth_scheme": {"type": "str", "choices": ["auto", "api_key", "bearer"], "default": "auto", "no_log": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "float", "default": 30.0},
    "max_retries": {"type": "int", "default": 5},
    "rate_limit_timeout": {"type": "float"},
}
for _name, _option in CONNECTION.items():
    # DOKPLOY_URL, DOKPLOY_AUTH_SCHEME, ...
    _option["fallback"] = (env_fallback, ["DOKPLOY_%s" % _name.replace("dokploy_", "").upper()])


# Of a module that signs in with a password.
SIGN_IN_CONNECTION: Spec = {
    name: option
    for name, option in CONNECTION.items()
    if name not in ("dokploy_api_key", "auth_scheme", "rate_limit_timeout")
}


def names_of(spec: Spec) -> Dict[str, str]:
    """Every name of an option, aliases as well, with the option."""
    return {alias: name for name, described in spec.items() for alias in (name, *(described.get("aliases") or ()))}


def _stated(spec: Spec, params: Mapping[Any, Any]) -> Iterator[Tuple[Optional[Mapping[str, Any]], Any]]:
    """The values that are stated, each with its option, or with C(None) where there is no such option."""
    for name, value in params.items():
        if value is not None:
            yield _named(spec, name), value


def _named(spec: Spec, name: Any) -> Optional[Mapping[str, Any]]:
    """The option with this name or alias."""
    if name in spec:
        option: Mapping[str, Any] = spec[name]
        return option
    return next((option for option in spec.values() if name in (option.get("aliases") or ())), None)


def client_config(params: Mapping[str, Any], user_agent: str) -> ClientConfig:
    """The connection options as the client takes them."""
    same = {name: params[name] for name in CONNECTION if not name.startswith("dokploy_") and name in params}
    signs_in = "dokploy_api_key" not in params
    key = "" if signs_in else params["dokploy_api_key"]
    return ClientConfig(params["dokploy_url"], key, user_agent=user_agent, signs_in=signs_in, **same)


def locator_spec(resource: Resource) -> Spec:
    """The options that locate a resource, but for its name."""
    own = () if resource.single else (resource.id_option,)
    return {name: {"type": "str"} for name in (*(listing.label for listing in resource.parents), *own)}


def parent_spec(*parents: Resource) -> Spec:
    """The options that locate one of these resources, for what belongs to it."""
    spec = merged_specs(
        {**locator_spec(parent), parent.name: {"type": "bool" if parent.single else "str"}} for parent in parents
    )
    kinds: Dict[str, List[str]] = {}
    for parent in parents:
        if parent.kind:
            kinds.setdefault("%s_type" % parent.name, []).append(parent.kind)
    return {**spec, **{option: {"type": "str", "choices": choices} for option, choices in kinds.items()}}


@functools.cache
def resource_spec(resource: Resource) -> Tuple[Spec, Dict[str, Any]]:
    """The options of a resource, and the rules between them (C(mutually_exclusive))."""
    spec: Spec = {}
    exclusive: Dict[str, List[str]] = {}
    for option in resource.options:
        if isinstance(option, Group):
            spec[option.name] = {"type": "dict", "options": fields_spec(option.fields)}
            if option.selects is not None:
                exclusive.setdefault(option.selects[0].api, []).append(option.name)
        else:
            spec[option.name] = field_spec(option)
            if option.mode_option is not None:
                spec[option.mode_option] = {"type": "str", "choices": ["replace", "merge"], "default": "replace"}
    if any(not field.compared for _path, field, _group in resource.fields()):
        choices = ["on_create", "always"]
        spec["update_secrets"] = {"type": "str", "choices": choices, "default": "on_create", "no_log": False}
    for child in resource.children:
        spec[child.option] = {"type": "list", "elements": "dict", "options": _entry_spec(child.fields)}
    return spec, {"mutually_exclusive": list(exclusive.values())}


def merged_specs(specs: Iterable[Mapping[str, Any]]) -> Spec:
    """The options of all specs; an option that several have has the choices and suboptions of all."""
    joined: Spec = {}
    for spec in specs:
        for name, option in spec.items():
            joined.setdefault(name, dict(option))
            if "options" in option:
                joined[name]["options"] = merged_specs((joined[name]["options"], option["options"]))
            if "choices" in option:
                joined[name]["choices"] = list(dict.fromkeys([*joined[name]["choices"], *option["choices"]]))
    return joined


def given(spec: Spec, params: Mapping[str, Any]) -> List[str]:
    """The options of a spec that are stated and do not have their default."""
    return [name for name, described in spec.items() if params.get(name) not in (None, described.get("default"))]


def fields_spec(fields: Iterable[Field]) -> Spec:
    return {field.name: field_spec(field) for field in fields}


def _entry_spec(fields: Iterable[Field]) -> Spec:
    """The suboptions of the entries of a list."""
    options = fields_spec(fields)
    for field in fields:
        if field.default is not None:
            options[field.name]["default"] = field.default
        if field.needed is True:
            options[field.name]["required"] = True
    return options


def child_spec(child: Child) -> Spec:
    """The options of a child's own module. None is required: the ID may stand for the natural key, and what is needed
    may be set already."""
    spec: Spec = {child.id_option: {"type": "str"}, **fields_spec(child.fields)}
    if child.generates is not None:
        spec["generate"] = {"type": "bool"}
    return spec


def field_spec(field: Field) -> Spec:
    spec: Spec = {"type": field.codec.type}
    if field.codec.elements is not None:
        spec["elements"] = field.codec.elements
    if field.choices:
        spec["choices"] = list(field.choices)
    if field.why_no_other_choice:
        spec["why_no_other_choice"] = field.why_no_other_choice
    if field.parts:
        # A single object is cleared by C({}): nothing in it is required, and no default may fill it.
        spec["options"] = (_entry_spec if field.codec.type == "list" else fields_spec)(field.parts)
    if field.aliases:
        spec["aliases"] = list(field.aliases)
    if field.secret and field.codec.type != "path" and not field.parts:
        # Of a file only what it holds is secret, not its name, and of a login not the name of the user.
        spec["no_log"] = True
        if field.codec.contents:
            spec["contents"] = True
    elif field.reference is not None:
        # A name, even that of an SSH key.
        spec["no_log"] = False
    return spec


def is_secret_by_itself(option: Mapping[str, Any]) -> bool:
    """Whether the value of an option is a secret and nothing else, such as a password or a private key.

    Variables, files and the inputs of procedures have secrets in them, beside words such as C(production).
    """
    return bool(option.get("no_log")) and option.get("type", "str") == "str" and not option.get("contents")


def validation_spec(spec: Spec, registers: bool = True) -> Spec:
    """An argument spec for Ansible's validators: C(no_log) is what is a secret by itself.

    From ansible-core 2.22 on, a validator registers the values of C(no_log) options, and Ansible redacts them in the
    output of the whole run, of any length and wherever they occur (C(ArgumentSpecValidator.validate)).

    :param registers: whether the validator is to do so.
    """
    return {name: _validated(option, registers) for name, option in spec.items()}


# What Ansible knows nothing of.
_OWN = {"contents", "why_no_other_choice"}


def _validated(option: Mapping[str, Any], registers: bool) -> Spec:
    known = {key: value for key, value in option.items() if key not in _OWN}
    if "no_log" in option:
        known["no_log"] = registers and is_secret_by_itself(option)
    if "options" in option:
        known["options"] = validation_spec(option["options"], registers)
    return known


def secrets_by_themselves(spec: Spec, params: Any) -> Iterator[str]:
    """The values of all options that are secrets by themselves, at any depth; none of a value in another form."""
    for option, value in _stated(spec, params) if isinstance(params, Mapping) else ():
        if option is None:
            continue
        if is_secret_by_itself(option):
            if isinstance(value, str):
                yield value
        elif option.get("options"):
            for item in value if isinstance(value, (list, tuple)) else [value]:
                yield from secrets_by_themselves(option["options"], item)


def secrets_in(spec: Spec, params: Any) -> Set[str]:
    """Every text under a C(no_log) option, and the credentials in the URLs under the others; a value in place of
    suboptions, and suboptions in place of a value, are secret as a whole, since one of them may be."""
    return {text for text in _secrets(spec, params) if worth_hiding(text)}


def _secrets(spec: Spec, params: Any) -> Iterator[str]:
    if not isinstance(params, Mapping):
        for text in secret_values(params):
            yield text
            # Ansible takes "image=nginx password=..." for a mapping.
            yield from re.split(r"[\s,;:=]+", text)
        return
    plain: List[str] = []
    for option, value in _stated(spec, params):
        if option is None:
            continue
        if option.get("no_log") or _is_misplaced(option, value):
            yield from secret_values(value)
        elif option.get("options"):
            for item in value if isinstance(value, list) else [value]:
                yield from _secrets(option["options"], item)
        elif isinstance(value, str):
            plain.append(value)
    # All at once: no credentials extend over several lines.
    text = "\n".join(plain)
    if "@" in text or "=" in text:
        yield from credentials_in(text)


def _is_misplaced(option: Mapping[str, Any], value: Any) -> bool:
    """Whether a mapping or a list is where an option takes text or a number: there may be a secret in it."""
    if isinstance(value, (list, tuple)) and option.get("type") == "list":
        return any(_is_misplaced({"type": option.get("elements", "raw")}, element) for element in value)
    return option.get("type", "str") in _FLAT and isinstance(value, (Mapping, list, tuple))


def never_shown(spec: Spec, params: Mapping[str, Any]) -> Set[str]:
    """The secrets that a host takes out of all that it reports, wherever a server quotes them.

    They are the API key and, unless C(include_secrets) asks for them, the stated options that are secrets by
    themselves. A secret that is also the value of another option stays, such as a password like the name of its user.
    """
    key = str(params.get("dokploy_api_key") or "").strip()
    # The key is one of them.
    stated = {text.strip() for text in secrets_by_themselves(spec, params)} - {key}
    if params.get("include_secrets"):
        stated = set()
    elif stated:
        stated -= set(_plain_texts(spec, params))
    return {text for text in {key, *stated} if len(text) >= SHORTEST_KEY and (text == key or worth_hiding(text))}


def _plain_texts(spec: Spec, params: Any) -> Iterator[str]:
    """The texts of all options that are no secrets."""
    for name, value in params.items() if isinstance(params, Mapping) else ():
        option = spec.get(name, {})
        if not option.get("no_log"):
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, str):
                    yield item
                yield from _plain_texts(option.get("options") or {}, item)


def redacted(spec: Spec, params: Any) -> Any:
    """The arguments with every C(no_log) value replaced, for Ansible's record of the invocation; also those of unknown
    options, which may be misspelt, and values in place of suboptions or the reverse."""
    if not isinstance(params, Mapping):
        return NO_LOG
    return {name: value if value is None else _redacted(_named(spec, name), value) for name, value in params.items()}


def _redacted(option: Optional[Mapping[str, Any]], value: Any) -> Any:
    if option is None or option.get("no_log"):
        return NO_LOG
    if not option.get("options"):
        return NO_LOG if _is_misplaced(option, value) else with_texts(value, hide_credentials)
    if isinstance(value, list):
        return [redacted(option["options"], item) for item in value]
    return redacted(option["options"], value)


def validation_message(spec: Spec, given: Mapping[str, Any], msg: str, more: Iterable[str] = ()) -> str:
    """Ansible's message about invalid arguments, which may quote one, without secrets, and with advice if connection
    options are missing.

    :param given: the arguments before Ansible converted them, which loses those that it cannot convert.
    :param more: the secrets that Ansible has found, also in environment variables.
    """
    scrubber = Scrubber()
    scrubber.add(*secrets_in(spec, given), *(text for text in more if worth_hiding(text)))
    message = shortened(one_line(hide_credentials(scrubber.mask(msg))))
    unset = [name for name, option in CONNECTION.items() if option.get("required") and name in msg]
    if not unset or not msg.startswith("missing required arguments:"):
        return message
    return (
        "%s. Set %s in the task or in module_defaults, or set %s in the environment of the host that runs the module. "
        "A remote host does not see the environment of the controller."
        % (message, " and ".join(unset), " and ".join(CONNECTION[name]["fallback"][1][0] for name in unset))
    )
