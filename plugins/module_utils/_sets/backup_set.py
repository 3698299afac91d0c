# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_backup_set): the data of everything in a scope, saved once and described in one place."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence

from .._engine.execute import Executor
from .._engine.lookup import resolve
from .._engine.plan import Outcome, Step
from .._engine.runner import Context, Operation
from .._engine.view import ChangePlan, Difference
from .._engine.wait import Polls
from .._errors import DokployError, Incomplete, OptionError, Refused
from .._model.argspec import Spec
from .._reads.rows import need
from .._resources.backups.checks import SPEC as CHECK
from .._resources.backups.checks import Check, image_of
from .._resources.backups.coverage import Service, coverage
from .._resources.backups.promises import SPEC as SETS
from .._resources.backups.promises import Promise, gone, line_of, promises_of
from .._resources.backups.services import SERVICES, InScope, services_in_scope
from .._resources.backups.set_archives import is_series
from .._resources.infrastructure.bucket_files import LIST_ANSWERS, destination_rows, list_files
from .._resources.infrastructure.destination import DESTINATION
from .._resources.projects.scope import OPTION as SCOPE
from .._resources.service_children.backup_lock import is_lock
from .._resources.service_children.single_runs import is_of_a_set
from .._resources.services.docker_units import size_in_bytes
from .._values.grammar import image_reference
from .carrying import side_by_side
from .content import complaints, is_complete, now, promise_of, set_content
from .items import DUMPS, VOLUMES, Item, Left, Wishes, matches, planned_items, refuse_unused
from .leftovers import is_job_of
from .results import Failure, Results
from .scratch import left_volumes
from .service_run import ServiceRun, Settings
from .versions import versions_of

Row = Mapping[str, Any]

# Volumes can be removed from it on.
_JOBS_SINCE = (0, 30, 0)
_GONE = "Archives of existing sets cannot be restored. Remove the folders of sets that are not usable."
_ONLY_ACTION = "%s: only the action of the module writes it, on the controller"


def backup_set(context: Context) -> Dict[str, Any]:
    """Save what there is, and say what is not saved.

    :raises OptionError: the scope selects nothing, or options do not go together.
    :raises Incomplete: something is not saved, or a check has failed; C(details) has what there is.
    """
    params = context.params
    _refuse(params)
    if params["jobs"] or params["checks"]:
        need(context.client.version(), "jobs" if params["jobs"] else "checks", _JOBS_SINCE)
    created_at, known = now(), services_in_scope(context)
    planned = _planned(known, context)
    _refuse_hidden(planned.items, known, context)
    promises = promises_of(params["sets"])
    results = Results(failures=list(planned.unreachable))
    planned = replace(planned, steps=(_Make(planned, known, context, results),))
    outcome = context.executor.run(planned)
    view: Dict[str, Any] = {
        "plan": [item.view() for item in planned.items],
        "not_saved": [entry.view() for entry in planned.left],
        "set": None,
        "complete": is_complete(results, planned.left, len(planned.items)),
    }
    if not outcome.sent:
        view["gone"] = gone(promises, known.destinations, context)
        result = planned.difference.result(**view)
        if view["gone"]:
            raise Incomplete("\n".join(_lines_of(view["gone"])), details=result)
        return result
    left = [*planned.left, *results.left]
    destinations = {str(row["destinationId"]): row for row in known.destinations}
    view["gone"] = _looked_at(results, promises, destinations, context)
    view["set"] = set_content(
        results,
        left,
        known.services,
        destinations,
        versions_of(known.services, context.client),
        created_at=created_at,
        url=context.client.base_url[: -len("/api")],
        version=context.client.version(),
        scope=params["scope"],
        series=planned.series,
    )
    view["complete"], view["not_saved"] = view["set"]["complete"], view["set"]["not_saved"]
    result = planned.difference.result(**view)
    lines = []
    if not view["complete"]:
        lines += ["The set is not complete. What there is of it can be used.", *complaints(results, left)]
    lines += _lines_of(view["gone"])
    if lines:
        raise Incomplete("\n".join(lines), details=result)
    return result


def _looked_at(
    results: Results, promises: Sequence[Promise], destinations: Mapping[str, Row], context: Context
) -> List[Dict[str, Any]]:
    """The archives of other sets that are gone. One of the new set that is not in its bucket counts as not saved."""
    own = {saved.file["path"]: saved for saved in results.saved}
    new = [promise_of(saved, destinations) for saved in results.saved]
    missing = gone([*new, *promises], list(destinations.values()), context)
    for entry in missing:
        if entry["set"] is None and entry["file"] in own:
            saved = own[entry["file"]]
            results.saved.remove(saved)
            results.failures.append(Failure(saved.item.service, saved.item, entry["reason"]))
    return [entry for entry in missing if entry["set"] is not None or entry["file"] is None]


def _lines_of(missing: Sequence[Row]) -> List[str]:
    return [_GONE, *map(line_of, missing)] if missing else []


def _refuse(params: Mapping[str, Any]) -> None:
    """:raises OptionError: an option has an invalid value, or is for the action of the module."""
    for option in ("dest", "secrets_dest"):
        if params[option] is not None:
            raise OptionError(_ONLY_ACTION % option)
    for option in ("at_once", "wait_timeout"):
        if params[option] <= 0:
            raise OptionError("%s is %g; it must be more than 0" % (option, params[option]))
    try:
        image_reference(params["job_image"])
    except ValueError as error:
        raise OptionError("job_image: %s" % error) from None
    try:
        size_in_bytes(params["count_rows_below"])
    except ValueError as error:
        raise OptionError("count_rows_below: %s" % error) from None
    if params["keep"] < 0:
        raise OptionError("keep is %d; it must not be less than 0" % params["keep"])
    if params["series"] is not None and not is_series(params["series"]):
        raise OptionError("series is %r; it takes eight digits of 0 to 9 and a to f" % params["series"])
    if params["keep"] and params["series"] is None:
        raise OptionError("keep needs dest or series: the archives of a set without them are in folders of their own")


def _refuse_same_names(services: Sequence[Service]) -> None:
    """:raises Refused: services of one kind have one name, by which a recovery could not tell them."""
    for (kind, path), count in Counter((service.kind, service.path) for service in services).items():
        if count > 1:
            raise Refused(
                "there are %d services %s %s, and a set tells services by their names" % (count, kind, path),
                hint="Rename all but one of them, or leave their project out of scope.",
            )


def _refuse_hidden(items: Sequence[Item], known: InScope, context: Context) -> None:
    """:raises PermissionDenied: the key does not show the destination of an archive, and only with its bucket can a set
    be restored on another server.
    """
    readable = {str(row["destinationId"]) for row in known.destinations}
    if any(item.destination_id not in readable for item in items):
        destination_rows(context)


@dataclass(frozen=True)
class SetPlan(ChangePlan):
    """What a set saves.

    :param checks: those of each service, by its name in Docker. :param unreachable: of what no bucket takes.
    :param destination_id: one for the records of services without an archive; C(None) if there is none.
    :param series: the token in the prefix of the archives.
    """

    items: Sequence[Item]
    left: Sequence[Left]
    checks: Mapping[str, Sequence[Check]]
    unreachable: Sequence[Failure]
    destination_id: Optional[str]
    series: str


def _planned(known: InScope, context: Context) -> SetPlan:
    params, destination_id = context.params, None
    _refuse_same_names(known.services)
    if params["destination"] is not None:
        destination_rows(context)
        destination_id = resolve(context.reads, DESTINATION.listing, params["destination"], "destination")
    wishes = Wishes(
        everything=params["data"] == "all",
        destination_id=destination_id,
        jobs=params["jobs"],
        stop=params["stop"],
        leave_out=params["leave_out"],
        stacks=params["stacks"],
    )
    services = [_without_leftovers(service) for service in known.services]
    items, left = planned_items(coverage(services), wishes)
    checks = _checks(services, params["checks"], items)
    reached = _reached(items, context)
    names = {str(row["destinationId"]): str(row["name"]) for row in known.destinations}
    unreachable = [
        Failure(item.service, item, reached[item.destination_id], names.get(item.destination_id, item.destination_id))
        for item in items
        if reached[item.destination_id]
    ]
    lines = ["%s (%s)" % (item.label, item.method) for item in items]
    difference = Difference("backup set", {"archives": []}, {"archives": lines}, action="create")
    good = [key for key, reason in reached.items() if not reason]
    any_destination = destination_id or next(iter(good), None)
    series = params["series"] or secrets.token_hex(4)
    return SetPlan((), difference, items, left, checks, unreachable, any_destination, series)


def _without_leftovers(service: Service) -> Service:
    """A service without the records of sets that were killed."""
    volumes = [row for row in service.volume_backups if not is_of_a_set(row) and not is_lock(row)]
    dumps = [row for row in service.row.get("backups") or () if not is_of_a_set(row)]
    return replace(service, volume_backups=volumes, row={**service.row, "backups": dumps})


def _checks(services: Sequence[Service], stated: Sequence[Row], items: Sequence[Item]) -> Dict[str, List[Check]]:
    """:raises OptionError: there is no such service or data, a name is there twice, or an image is missing."""
    checks: Dict[str, List[Check]] = {}
    for number, check in enumerate(stated):
        own = [service for service in services if service.path == check["service"]]
        if len(own) != 1:
            text = "checks[%d].service: the scope has %s %r"
            several = "several services at" if own else "no service at"
            raise OptionError(text % (number, several, check["service"]))
        (service,) = own
        same = checks.setdefault(service.app_name, [])
        if any(other.name == check["name"] for other in same):
            raise OptionError("checks[%d].name: %s has %r already" % (number, service.path, check["name"]))
        _refuse_image(check["image"], number)
        entries = [item.entry for item in items if item.entry.service.app_name == service.app_name]
        unused = [text for text in check["looks_at"] if not any(matches(text, entry) for entry in entries)]
        if unused:
            refuse_unused("checks[%d].looks_at" % number, unused, entries)
        same.append(Check(check["name"], check["script"], check["image"], check["compare"], check["looks_at"]))
        image_of(same[-1], service)
    return checks


def _refuse_image(image: Optional[str], number: int) -> None:
    """:raises OptionError: it is no name of an image."""
    try:
        if image is not None:
            image_reference(image)
    except ValueError as error:
        raise OptionError("checks[%d].image: %s" % (number, error)) from None


def _reached(items: Sequence[Item], context: Context) -> Dict[str, str]:
    """Why each destination cannot be used, by its ID; C("") if it can."""
    reached: Dict[str, str] = {}
    for item in items:
        if item.destination_id not in reached:
            try:
                list_files(context, item.destination_id, item.service.app_name)
                reached[item.destination_id] = ""
            except DokployError as error:
                reached[item.destination_id] = str(error)
    return reached


@dataclass(frozen=True)
class _Make(Step):
    """Save everything, several services at once."""

    planned: SetPlan
    known: InScope
    context: Context
    results: Results

    def run(self, executor: Executor, outcome: Outcome) -> None:
        params = self.context.params
        settings = Settings(
            stop=params["stop"],
            jobs=params["jobs"],
            keep=params["keep"],
            image=params["job_image"],
            timeout=params["wait_timeout"],
            leave_out=params["leave_out"],
            count_rows_below=size_in_bytes(params["count_rows_below"]),
            series=self.planned.series,
            promised=[promise.file for promise in promises_of(params["sets"])],
        )
        runs: Deque[Callable[[], Polls]] = deque(run.polls for run in self._runs(settings))
        side_by_side(runs, params["at_once"], self.context)
        outcome.sent = True

    def _runs(self, settings: Settings) -> List[ServiceRun]:
        planned, known = self.planned, self.known
        unreachable = [failure.item for failure in planned.unreachable]
        volumes = left_volumes(known.services, self.context)
        runs = []
        for service in known.services:
            items = [
                item
                for item in planned.items
                if item.service.app_name == service.app_name and not any(item is other for other in unreachable)
            ]
            jobs = [row for row in known.jobs if is_job_of(row, service)]
            records = [*service.volume_backups, *(service.row.get("backups") or ())]
            left = any(is_of_a_set(row) or is_lock(row) for row in records)
            checks, names = planned.checks.get(service.app_name, ()), volumes.get(service.app_name, [])
            if not (items or checks or jobs or names or left):
                continue
            destination_id = items[0].destination_id if items else planned.destination_id
            destination_id = destination_id or next((str(row["destinationId"]) for row in known.destinations), "")
            runs.append(
                ServiceRun(service, items, checks, jobs, names, destination_id, settings, self.context, self.results)
            )
        return runs


OPTIONS: Spec = {
    "state": {"type": "str", "choices": ["created"], "default": "created"},
    "scope": SCOPE,
    "data": {"type": "str", "choices": ["configured", "all"], "default": "configured"},
    "destination": {"type": "str"},
    "jobs": {"type": "bool", "default": False},
    "job_image": {"type": "str", "default": "ubuntu"},
    "count_rows_below": {"type": "str", "default": "1GB"},
    "stop": {"type": "bool", "default": False},
    "stacks": {"type": "str", "choices": [DUMPS, VOLUMES], "default": DUMPS},
    "keep": {"type": "int", "default": 0},
    "series": {"type": "str"},
    "sets": {"type": "list", "elements": "dict", "options": SETS, "default": []},
    "leave_out": {"type": "list", "elements": "str", "default": []},
    "checks": {"type": "list", "elements": "dict", "options": CHECK, "default": []},
    "at_once": {"type": "int", "default": 3},
    "wait_timeout": {"type": "float", "default": 3600.0},
    "dest": {"type": "path"},
    "secrets": {"type": "str", "choices": ["vault", "file", "names_only"], "no_log": False},
    "secrets_dest": {"type": "path", "no_log": False},
}
OPERATION = Operation(
    "dokploy_backup_set",
    OPTIONS,
    backup_set,
    files=(),
    resources=(DESTINATION, *SERVICES),
    answers=LIST_ANSWERS,
)
