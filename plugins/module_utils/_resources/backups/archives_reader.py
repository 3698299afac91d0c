# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What C(archives.yml) says, read from its content, and all mistakes in it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_int

from ..._errors import kind_of
from ..._model.argspec import Spec
from ..._model.document import mistakes_in
from ..._model.mistakes import refusal
from ..._values.timestamps import instant
from ..archive_kinds import fingerprints
from ..archive_kinds.kinds import ARCHIVE_KINDS, DATABASE
from ..service_children.jobs import SHELL_SAFE
from .archives_file import (
    AT_LEAST,
    BETWEEN,
    EQUAL,
    VERSION,
    BackupSet,
    Bucket,
    NotSaved,
    SavedArchive,
    SavedCheck,
    SavedDatabase,
    SavedServer,
    SavedService,
)

_KINDS = ("database", "application", "compose")
_WHAT = list(dict.fromkeys(kind.what for kind in ARCHIVE_KINDS.values()))
_TYPES = [name for kind in ARCHIVE_KINDS.values() for name in kind.database_types]


def read_archives(content: Any, place: str = "archives") -> BackupSet:
    """What the content of C(archives.yml) says.

    :param place: how messages call it.
    :raises OptionError: it has mistakes; C(details["mistakes"]) has them, each with its path.
    """
    mistakes = list(_foreign(content, place))
    if not mistakes:
        mistakes = mistakes_in({place: {"type": "dict", "options": SPEC}}, {place: content})
    values: Dict[str, Any] = {}
    if not mistakes:
        values = _converted(SPEC, content)
        mistakes = list(_contradictions(values, place))
    if mistakes:
        raise refusal(mistakes)
    return BackupSet(
        **{
            **values,
            "dokploy": SavedServer(**values["dokploy"]),
            "services": [SavedService(**service) for service in values["services"]],
            "archives": [_archive(archive) for archive in values["archives"]],
            "checks": [SavedCheck(**check) for check in values["checks"]],
            "not_saved": [NotSaved(**data) for data in values["not_saved"]],
        }
    )


def read_archive(content: Any, place: str) -> SavedArchive:
    """What one entry of C(archives) says.

    :param place: how messages call it.
    :raises OptionError: it has mistakes; C(details["mistakes"]) has them.
    """
    spec = SPEC["archives"]["options"]
    mistakes = mistakes_in({place: {"type": "dict", "options": spec}}, {place: content})
    values = {} if mistakes else _converted(spec, content)
    if not mistakes:
        mistakes = list(_mistakes_of(values, [(values["kind"], values["path"])], place))
    if mistakes:
        raise refusal(mistakes)
    return _archive(values)


def _foreign(content: Any, place: str) -> Iterator[str]:
    """The mistake of what is no content of this version of the format; nothing else of it is known then."""
    hint = "Name the file archives.yml of a backup set, or use the release of the collection that wrote it."
    if not isinstance(content, Mapping):
        yield "%s is %s; it takes the content of archives.yml. %s" % (place, kind_of(content), hint)
    elif content.get("version") != VERSION or isinstance(content["version"], bool):
        text = "%s.version is %r, and this release of the collection reads version %d. %s"
        yield text % (place, content.get("version"), VERSION, hint)


def _archive(values: Mapping[str, Any]) -> SavedArchive:
    database = values.get("database") and SavedDatabase(**values["database"])
    known = {
        "database": database,
        "destination": Bucket(**values["destination"]),
        "fingerprint": fingerprints.read_fingerprint(values.get("fingerprint")),
    }
    return SavedArchive(**{**values, **known})


def _converted(spec: Spec, values: Any) -> Dict[str, Any]:
    """Values without mistakes, without those that are null, and lists that are not stated as empty ones."""
    lists: Dict[str, Any] = {
        name: [] for name, option in spec.items() if option["type"] == "list" and "options" in option
    }
    # A mapping may be a text of JSON.
    stated = {name: value for name, value in check_type_dict(values).items() if value is not None}
    return {**lists, **{name: _value(spec[name], value) for name, value in stated.items()}}


def _value(option: Mapping[str, Any], value: Any) -> Any:
    if option["type"] == "list":
        inner = option.get("options")
        if option.get("elements") == "raw":
            return list(value)
        return [_converted(inner, item) if inner else str(item) for item in value]
    if option["type"] == "dict":
        return _converted(option["options"], value) if "options" in option else value
    convert = {"bool": check_type_bool, "int": check_type_int}.get(option["type"], str)
    return convert(value)


def _contradictions(values: Mapping[str, Any], place: str) -> Iterator[str]:
    """The mistakes of values that are right by themselves."""
    for name in ("created_at", "finished_at"):
        yield from _no_time(values[name], "%s.%s" % (place, name))
    services = [(service["kind"], service["path"]) for service in values["services"]]
    yield from _twice(services, "%s.services" % place)
    data = []
    for number, archive in enumerate(values["archives"]):
        here = "%s.archives[%d]" % (place, number)
        yield from _mistakes_of(archive, services, here)
        names = (archive.get("database") or {}).get("name"), archive.get("volume"), archive.get("bind")
        data.append((archive["kind"], archive["path"], archive["what"], archive.get("service"), *names))
    yield from _twice(data, "%s.archives" % place)
    for number, check in enumerate(values["checks"]):
        yield from _no_service(check, services, "%s.checks[%d]" % (place, number))


def _twice(items: List[Tuple[Any, ...]], place: str) -> Iterator[str]:
    """The mistake of each item that is there several times."""
    for item, count in Counter(items).items():
        if count > 1:
            numbers = [str(number) for number, other in enumerate(items) if other == item]
            named = "%s %s" % (item[0], item[1])
            yield "%s[%s] is %s, with the same data as entry %s" % (place, numbers[1], named, numbers[0])


def _mistakes_of(archive: Mapping[str, Any], services: List[Tuple[str, str]], here: str) -> Iterator[str]:
    yield from _no_service(archive, services, here)
    yield from _no_time(archive["created_at"], here + ".created_at")
    what, method, database_type = archive["what"], archive["method"], archive.get("database_type")
    kind = ARCHIVE_KINDS[method]
    if what != kind.what:
        yield "%s.method is %r, and what is %r" % (here, method, what)
    elif kind.named_by is not None and archive.get(kind.named_by) is None:
        yield "%s.%s is missing, which names the data of the method %r" % (here, kind.named_by, method)
    if what == DATABASE and database_type is None:
        yield "%s.database_type is missing" % here
    elif kind.what == DATABASE and database_type not in kind.database_types:
        yield "%s.database_type is %r, and method is %r" % (here, database_type, method)
    if what == DATABASE and archive["kind"] == "application":
        yield "%s.kind is 'application', which has no database" % here
    if what == DATABASE and archive["kind"] == "compose" and archive.get("service") is None:
        yield "%s.service is missing, the service of the stack that has the database" % here
    if archive.get("fingerprint") is not None:
        yield from fingerprints.mistakes_in(archive["fingerprint"], here + ".fingerprint")
    if archive["size"] < 0:
        yield "%s.size is %d; it must not be less than 0" % (here, archive["size"])
    if not re.match(SHELL_SAFE[0], archive["file"]):
        yield "%s.file %s" % (here, SHELL_SAFE[1])


def _no_service(entry: Mapping[str, Any], services: List[Tuple[str, str]], here: str) -> Iterator[str]:
    if (entry["kind"], entry["path"]) not in services:
        yield "%s.path: the services have no %s %s" % (here, entry["kind"], entry["path"])


def _no_time(text: str, path: str) -> Iterator[str]:
    try:
        instant(text)
    except ValueError as error:
        yield "%s: %s" % (path, error)


_TEXT: Spec = {"type": "str"}
_NEEDED: Spec = {"type": "str", "required": True}
_KIND: Spec = {"type": "str", "required": True, "choices": list(_KINDS)}
_TYPE: Spec = {"type": "str", "choices": _TYPES}


def _list_of(options: Spec, required: bool = False) -> Spec:
    return {"type": "list", "elements": "dict", "required": required, "options": options}


def _texts(*names: str, option: Spec) -> Spec:
    return dict.fromkeys(names, option)


#: The keys of the file, as an argument spec.
SPEC: Spec = {
    "version": {"type": "int", "required": True},
    **_texts("created_at", "finished_at", option=_NEEDED),
    "dokploy": {"type": "dict", "required": True, "options": _texts("url", "release", option=_NEEDED)},
    "scope": {"type": "dict"},
    "series": _TEXT,
    "complete": {"type": "bool", "required": True},
    "services": _list_of(
        {
            "kind": _KIND,
            **_texts("path", "app_name", option=_NEEDED),
            "type": _TYPE,
            **_texts("server", "image", "digest", "commit", option=_TEXT),
        },
        required=True,
    ),
    "archives": _list_of(
        {
            "kind": _KIND,
            "path": _NEEDED,
            "what": {"type": "str", "required": True, "choices": _WHAT},
            "method": {"type": "str", "required": True, "choices": list(ARCHIVE_KINDS)},
            "service": _TEXT,
            "database_type": _TYPE,
            "database": {"type": "dict", "options": {"name": _NEEDED, "user": _TEXT}},
            **_texts("volume", "bind", option=_TEXT),
            "at_rest": {"type": "bool"},
            "definers": {"type": "list", "elements": "str"},
            "fingerprint": {"type": "dict", "options": fingerprints.SPEC},
            "destination": {
                "type": "dict",
                "required": True,
                "options": _texts("name", "endpoint", "bucket", option=_NEEDED),
            },
            **_texts("file", "created_at", option=_NEEDED),
            "size": {"type": "int", "required": True},
        },
        required=True,
    ),
    "checks": _list_of(
        {
            **_texts("name", "path", "script", "output", option=_NEEDED),
            "kind": _KIND,
            **_texts("image", "output_after", option=_TEXT),
            "compare": {"type": "str", "choices": [EQUAL, AT_LEAST, BETWEEN]},
            "exit_code": {"type": "int"},
            "looks_at": {"type": "list", "elements": "str"},
        }
    ),
    "not_saved": _list_of(
        {
            "kind": _KIND,
            **_texts("path", "what", "reason", option=_NEEDED),
            **_texts("name", "service", option=_TEXT),
            "left_out": {"type": "bool"},
        }
    ),
}
