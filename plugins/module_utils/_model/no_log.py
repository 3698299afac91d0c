# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets in the arguments, and the arguments and Ansible's messages about them without secrets."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Set, Tuple

from .._secrets.masking import Scrubber
from .._secrets.patterns import (
    SHORTEST,
    credentials_in,
    hide_credentials,
    hide_credentials_in,
    one_line,
    shortened,
    worth_hiding,
)
from .._values.codec import secret_values
from .argspec import Spec, names_of, unset_connection

NO_LOG = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def secrets_in(spec: Spec, params: Any) -> Set[str]:
    """Every text under a C(no_log) option, and the credentials in the URLs under the others.

    A value in place of suboptions is secret as a whole, since one of them may be.
    """
    return {text for text in _secrets(spec, params) if worth_hiding(text)}


def _secrets(spec: Spec, params: Any) -> Iterator[str]:
    if not isinstance(params, Mapping):
        for text in secret_values(params):
            yield text
            # Ansible takes "image=nginx password=..." for a mapping.
            yield from re.split(r"[\s,;:=]+", text)
        return
    for _name, described, value in _described(spec, params):
        if value is None or described is None:
            continue
        if described.get("no_log"):
            yield from secret_values(value)
        elif described.get("options"):
            for item in value if isinstance(value, list) else [value]:
                yield from _secrets(described["options"], item)
        elif isinstance(value, str):
            yield from credentials_in(value)


def _described(spec: Spec, params: Mapping[str, Any]) -> Iterator[Tuple[str, Optional[Spec], Any]]:
    """Each argument with its name and its option."""
    names = names_of(spec)
    for name, value in params.items():
        yield name, spec.get(names.get(name, "")), value


def always_secret(params: Mapping[str, Any]) -> Set[str]:
    """The API key, which is masked in everything that a host reports."""
    key = str(params.get("dokploy_api_key") or "").strip()
    return {key} if len(key) >= SHORTEST else set()


def redacted(spec: Spec, params: Mapping[str, Any]) -> Dict[str, Any]:
    """The arguments with every C(no_log) value replaced, for Ansible's record of the invocation.

    The values of unknown options, which may be misspelt, and values in place of suboptions are replaced as well.
    """
    shown: Dict[str, Any] = {}
    for name, described, value in _described(spec, params):
        if value is None:
            shown[name] = None
        elif described is None or described.get("no_log"):
            shown[name] = NO_LOG
        elif not described.get("options"):
            shown[name] = hide_credentials_in(value)
        elif isinstance(value, list):
            shown[name] = [_suboptions(described["options"], item) for item in value]
        else:
            shown[name] = _suboptions(described["options"], value)
    return shown


def _suboptions(spec: Spec, value: Any) -> Any:
    return redacted(spec, value) if isinstance(value, Mapping) else NO_LOG


def refusal(spec: Spec, given: Mapping[str, Any], msg: str, more: Iterable[str] = ()) -> str:
    """Ansible's message about invalid arguments, which may quote one, without secrets.

    :param given: the arguments before Ansible converted them, which loses those that it cannot convert.
    :param more: the secrets that Ansible has found, also in environment variables.
    """
    scrubber = Scrubber()
    scrubber.add(*secrets_in(spec, given), *(text for text in more if worth_hiding(text)))
    shown = shortened(one_line(hide_credentials(scrubber.mask(msg))))
    advice = unset_connection(msg)
    return "%s. %s" % (shown, advice) if advice else shown
