# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""C(image_of): entries that run what another service runs, without a build.

An application takes the image by its digest, or, where it has a source of its own that is a repository, the commit. A
stack takes the content. What runs is read once for all entries, before anything is planned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .._api.client import Call
from .._deployment.fingerprint import NO_RECORD, deploy_reason
from .._deployment.state import clones_from, newest_first, running_commit
from .._engine.lookup import locate
from .._errors import Ambiguous, DokployError, OptionError, ReferenceNotFound
from .._model.argspec import Spec
from .._model.field import Group, selected_fields
from .._model.resource import Resource
from .._reads.reads import Reads
from .._reads.rows import valid
from .._swarm.images import RunningImage, running_images
from .._swarm.tasks import Service
from .._values.paths import split, unescaped

OPTION = "image_of"
IMAGE_OF: Spec = {OPTION: {"type": "str"}}

Images = Union[List[RunningImage], DokployError]
_LATER = "Build it with a registry (option registry), so that its image has a digest"
_NOTHING = "nothing of %s runs, so that it has no digest. Start or deploy it"
# A registry tells what a tag means now, and not what it meant when it was tested.
_TAG = ". Its tag %s may mean another image by now than the one that ran; if that is right, state %s.image"
_SEVERAL = "%s runs several images: %s. Wait until its deployment has ended, or deploy it again"


@dataclass(frozen=True)
class _Taken:
    """What an entry takes. :param source: what it names. :param target: the row of the entry; empty for a new one."""

    entry: Any
    source: Service
    target: Mapping[str, Any]


class Promotions:
    """The entries of a document, those with C(image_of) with what they take.

    Six requests at most for all of them, of which one is of the project tree, and none without such an entry.

    :ivar entries: all of them, in the order of the document. :ivar mistakes: one sentence for each, with its place.
    """

    def __init__(self, entries: Sequence[Any], reads: Reads) -> None:
        self._reads = reads
        self.entries: List[Any] = list(entries)
        self.mistakes: List[str] = []
        asking = [entry for entry in entries if entry.own.get(OPTION) and not entry.absent]
        taken = self._read([pair for entry in asking for pair in self._located(entry)])
        built = [own for own in taken if own.entry.section.resource.deployable.content is None]
        images = running_images([own.source for own in built], reads.client) if built else []
        of_entry: Dict[int, Images] = {id(own.entry): running for own, running in zip(built, images)}
        promoted: Dict[int, Any] = {}
        for own in taken:
            try:
                changed = _with_image(own, of_entry[id(own.entry)]) if id(own.entry) in of_entry else _with_content(own)
                promoted[id(own.entry)] = changed
            except OptionError as error:
                self.mistakes.append("%s: %s: %s" % (own.entry.where, OPTION, error))
        self.entries = [promoted.get(id(entry), entry) for entry in entries]

    def _located(self, entry: Any) -> Iterator[Tuple[Any, str, Optional[str]]]:
        """An entry, the ID of what it names, and its own, if that exists."""
        resource, path = entry.section.resource, str(entry.own[OPTION])
        labels = [listing.label for listing in resource.parents]
        names = [unescaped(name) for name in split(path)]
        try:
            if len(names) != len(labels) + 1 or not all(names):
                example = "/".join([*labels, "name"]).upper()
                raise OptionError("%r is no path such as %s" % (path, example))
            if tuple(names) == tuple(entry.names):
                raise OptionError("%r is the entry itself" % path)
            address = {**entry.section.defaults, **dict(zip(labels, names)), resource.name_option: names[-1]}
            source = locate(resource, address, self._reads).resource_id
            if source is None:
                raise OptionError("there is no %s %r" % (resource.noun, path))
            yield entry, source, self._own_id(entry)
        except (OptionError, ReferenceNotFound, Ambiguous) as error:
            self.mistakes.append("%s: %s: %s" % (entry.where, OPTION, error))

    def _own_id(self, entry: Any) -> Optional[str]:
        try:
            return locate(entry.section.resource, entry.params, self._reads).resource_id
        except ReferenceNotFound:
            # What it is in does not exist.
            return None

    def _read(self, located: Sequence[Tuple[Any, str, Optional[str]]]) -> List[_Taken]:
        """The rows of what entries name, and their own."""
        calls = []
        for entry, *ids in located:
            reading = entry.section.resource.reading.procedure
            calls += [Call(reading, {entry.section.resource.id_key: own_id}) for own_id in ids if own_id]
        rows = iter(self._reads.client.call_many(calls) if calls else ())
        taken = []
        for entry, _source, target in located:
            resource = entry.section.resource
            source = Service(resource, valid(next(rows)), "%s %s" % (resource.name, entry.own[OPTION]))
            taken.append(_Taken(entry, source, valid(next(rows)) if target else {}))
        return taken


def _with_image(taken: _Taken, images: Images) -> Any:
    """The entry of an application with the image that another one runs, or its commit.

    :raises OptionError: that is not known, or the entry states another one.
    """
    entry, source = taken.entry, taken.source
    running, group = valid(images), _group(entry.section.resource, "image")
    if not running:
        tag = _TAG % (source.row.get(group.fields[0].api), group.name) if _pulls(source, group) else ""
        raise OptionError(_NOTHING % source.label + tag)
    if len(running) > 1:
        raise OptionError(_SEVERAL % (source.label, ", ".join(own.image for own in running)))
    (image,) = running
    own_repository = clones_from(entry.section.resource, taken.target) and _stated(entry, "image") is None
    if _stated(entry, "branch") is not None or (own_repository and image.digest is None):
        return _with_commit(entry, source)
    if image.digest is None:
        raise OptionError("no registry has the image %s of %s. %s" % (image.image, source.label, _LATER))
    stated = entry.params.get(group.name) or {}
    if stated.get("image"):
        raise OptionError("it is mutually exclusive with %s.image" % group.name)
    login = {field.name: source.row.get(field.api) for field in group.fields} if _pulls(source, group) else {}
    options = {field.name: stated.get(field.name) or login.get(field.name) or None for field in group.fields}
    params = {**entry.params, group.name: {**options, "image": image.digest}}
    return replace(entry, params={**params, **_without_registry(entry, taken.target)})


def _with_commit(entry: Any, source: Service) -> Any:
    commit = running_commit(source)
    if commit is None:
        raise OptionError("the last deployment of %s has no commit" % source.label)
    if entry.own.get("revision"):
        raise OptionError("it is mutually exclusive with revision")
    return replace(entry, own={**entry.own, "revision": commit})


def _with_content(taken: _Taken) -> Any:
    """The entry of a stack with the content of another one. :raises OptionError: that is not what runs."""
    entry, source = taken.entry, taken.source
    rows = newest_first(source.row.get("deployments"))
    group = _group(entry.section.resource, "content")
    if source.row.get(group.selects[0].api) != group.selects[1]:
        raise OptionError("the source of %s is not %s" % (source.label, group.name))
    reason = deploy_reason(source, rows)
    if reason not in (None, NO_RECORD):
        raise OptionError("what is configured of %s is not what runs: %s" % (source.label, reason))
    if _stated(entry, "content") is not None:
        raise OptionError("it is mutually exclusive with %s" % group.name)
    columns = {field.name: field.api for field in group.fields if not field.input_only}
    content = {field.name: None for field in group.fields}
    content.update({name: source.row.get(api) for name, api in columns.items()})
    params = {**entry.params, group.name: content}
    kind = next((field for field in entry.section.resource.options if field.name == "type"), None)
    if kind is not None and not taken.target and params.get("type") is None:
        params["type"] = source.row.get(kind.api)
    return replace(entry, params=params)


def _group(resource: Resource, name: str) -> Any:
    """The source with a field of this name."""
    return next(
        option
        for option in resource.options
        if isinstance(option, Group) and option.selects is not None and any(own.name == name for own in option.fields)
    )


def _stated(entry: Any, name: str) -> Any:
    """The source that an entry states, of those with a field of this name; C(None) if it states none of these."""
    groups = [option for option in entry.section.resource.options if isinstance(option, Group) and option.selects]
    fitting = [group for group in groups if any(own.name == name for own in group.fields)]
    return next((entry.params[group.name] for group in fitting if entry.params.get(group.name)), None)


def _pulls(source: Service, group: Any) -> bool:
    return any(field is group.fields[0] for field in selected_fields(source.resource.options, source.row))


def _without_registry(entry: Any, target: Mapping[str, Any]) -> Dict[str, Any]:
    """The options that make Dokploy push no image: of one with a digest it refuses to.

    :raises OptionError: the entry states a registry.
    """
    options: Dict[str, Any] = {}
    for path, field, group in entry.section.resource.fields():
        if path[-1] != "registry" or path[0] == "rollback":
            continue
        outer = entry.params.get(path[0]) if group is not None else entry.params
        if (outer or {}).get(field.name):
            raise OptionError(
                "it is mutually exclusive with %s: Dokploy pushes no image with a digest" % ".".join(path)
            )
        if target.get(field.api) and group is None:
            options[field.name] = ""
        elif target.get(field.api):
            options[path[0]] = {**{own.name: None for own in group.fields}, **(outer or {}), field.name: ""}
    return options
