# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The packaged module as host of an operation, and the arguments that both hosts refuse before Ansible validates them.

With some of these Ansible ends in a traceback, silently converts them to another value, or names an option without its
place and without the options that may be meant (ansible-core 2.15 to 2.21).
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._engine.runner import Operation, run
from .._errors import ConfigurationError, OptionError, close_names, kind_of, suggested
from .._http.connection import HAS_REQUESTS, REQUESTS_IMPORT_ERROR
from .._model.argspec import Spec, names_of, never_shown, redacted, validation_message
from .._model.mistakes import LISTS, Validator, all_at, option_path, paths
from .._secrets.masking import one_line, without
from .registration import register_revealed, register_stated


class DokployModule(AnsibleModule):  # type: ignore[misc]
    """A module that masks secrets by the rules of the collection, also in errors about its arguments.

    Up to ansible-core 2.21, C(AnsibleModule) masks the values in C(no_log_values) in a result. There are none: the
    runner has masked what no result shows, as in process. In an option that does not have the form of its suboptions,
    Ansible would mask nothing.
    """

    params: Dict[str, Any]
    no_log_values: Set[str]

    def __init__(self, operation: Operation) -> None:
        self._operation, self._accepted = operation, False
        super().__init__(argument_spec=operation.validation_spec, supports_check_mode=True)
        self._accepted = True
        self.no_log_values = set()

    @property
    def shown(self) -> Any:
        """The arguments without secrets, as Ansible records them."""
        arguments = redacted(self._operation.whole_spec, self.params)
        return without(arguments, never_shown(self._operation.argument_spec, self.params))

    def _load_params(self) -> None:
        super()._load_params()
        self._given = dict(self.params)
        problem = first_complaint(self._operation, self.params)
        if problem is not None:
            self.fail_json(problem)

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        if not self._accepted:
            msg = validation_message(self._operation.whole_spec, self._given, msg, self.no_log_values)
            self.no_log_values = set()
            kwargs = {"changed": False, "error": OptionError(msg).facts, **kwargs}
        super().fail_json(msg, **{"invocation": {"module_args": self.shown}, **kwargs})

    def _log_invocation(self) -> None:
        """Log the arguments without secrets."""
        params, self.params = self.params, self.shown
        self.no_log_values = never_shown(self._operation.argument_spec, params)
        try:
            super()._log_invocation()
        finally:
            self.params = params


def run_module(operation: Operation) -> None:
    """Run an operation with the arguments of the module and exit."""
    module = DokployModule(operation)
    if not HAS_REQUESTS:
        msg = missing_required_lib("requests")
        module.fail_json(msg=msg, exception=REQUESTS_IMPORT_ERROR, changed=False, error=ConfigurationError(msg).facts)
    register_stated(operation, module.params)
    result = run(operation, module.params, check_mode=module.check_mode, diff_mode=module._diff)
    if module.params.get("include_secrets"):
        register_revealed(result, operation.reveals)
    result["invocation"] = {"module_args": module.shown}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def first_complaint(operation: Operation, arguments: Any) -> Optional[str]:
    """The first complaint about arguments as in a task, which names the option and shows no value; C(None): none."""

    def unknown(spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
        elsewhere = operation.elsewhere.get("", {})
        yield from (elsewhere[name] for name in values if name in elsewhere and not place)
        named = [resource.name for resource in operation.resources]
        yield from unsupported(operation.name, operation.argument_spec, spec, values, place, named)

    def chosen(described: Spec, value: Any, path: str) -> Iterator[str]:
        if isinstance(value, (Mapping, *LISTS)) or value in (described.get("choices") or ()):
            return
        # Where there is a reason for there being no other choices, or another module has this one.
        why = operation.why_no_other_choice.get(path) or operation.elsewhere.get(path, {}).get(str(value))
        if why:
            choices = ", ".join(map(repr, described["choices"]))
            yield "%s is %r; it must be one of %s. %s" % (path, value, choices, why)

    validator = Validator(unknown, chosen, operation.forms)
    # The operation judges the others by itself.
    own = {name: value for name, value in arguments.items() if name not in operation.nested}
    mistakes = validator.mistakes(operation.argument_spec, operation.rules, own)
    complaint = next(chain(mistakes, _formless(operation, arguments)), None)
    return None if complaint is None else one_line(complaint)


def _formless(operation: Operation, arguments: Mapping[Any, Any]) -> Iterator[str]:
    """The nested options that Ansible would convert, or refuse without a place."""
    for name, described in operation.nested.items():
        value = arguments.get(name)
        if value is None:
            continue
        if described["type"] == "dict" and not isinstance(value, Mapping):
            yield "%s is %s; it takes a mapping" % (name, kind_of(value))
        elif described["type"] == "list" and not isinstance(value, LISTS):
            yield "%s is %s; it takes a list of mappings" % (name, kind_of(value))
        for number, item in enumerate(value if described["type"] == "list" and isinstance(value, LISTS) else ()):
            if not isinstance(item, Mapping):
                yield "%s[%d] is %s; it takes a mapping" % (name, number, kind_of(item))


def unsupported(
    module: str, whole: Spec, spec: Spec, values: Mapping[Any, Any], place: str, named: Sequence[str] = ()
) -> Iterator[str]:
    """The complaint about options that do not exist, with those that may be meant.

    :param whole: all options of the module, among them suboptions that may be set in the wrong place.
    :param spec: the options that may be set at this place: C(mounts[0]), or empty.
    :param named: the options that name what the module is about, where these are other ones than C(name).
    """
    names = names_of(spec)
    unknown = [str(key) for key in values if key not in names and not str(key).startswith("_ansible_")]
    if unknown:
        meant: List[str] = []
        for name in unknown:
            meant += [option_path(place, close) for close in close_names(name, names)]
            meant += [path for path, last in paths(whole) if last == name]
            meant += [option for option in dict.fromkeys(named) if name == "name" and not place and option in names]
        hint = suggested(meant) if meant else "Supported parameters include: %s." % ", ".join(sorted(names))
        text = "Unsupported parameters for (community.dokploy.%s) module: %s. %s"
        yield text % (module, all_at(unknown, place), hint)
