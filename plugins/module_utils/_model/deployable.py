# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of how a service is deployed and runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional, Tuple


@dataclass(frozen=True)
class OwnText:
    """A text that the collection keeps with a service, beside what else the column holds: C(get) finds it in a value of
    the column, C(put) gives the value with another one; C("") stands for none."""

    column: str
    get: Callable[[Any], str]
    put: Callable[[Any, str], Any]


_NO_TEXT = OwnText("", lambda value: "", lambda value, text: value)


@dataclass(frozen=True)
class Deployable:
    """How a service is deployed and runs: procedures, each with the service's ID, and keys; empty where it has none.

    :param redeploy: queues a deployment that builds again what the last one took.
    :param history: the query for its deployments. :param status: the key of the service's row with its status.
    :param fingerprint: of the last deployment. :param mark: of the archives that its data have been restored from.
    :param lock: of what works on it in several tasks.
    :param earlier: of what ran before the last deployment.
    :param content: the columns that are what runs, and which Dokploy replaces when they change, from its row; C(None)
        for a row whose source is elsewhere.
    :param fresh_volumes: the key of the deploying procedures that deletes the volumes first, and what prevents it, from
        the row; C("") if nothing does.
    :param upload: takes a ZIP archive and deploys it. :param rollback: goes back to an earlier deployment.
    :param clean_queue: drops the queued deployments. :param kill_build: interrupts the running build.
    :param containers: where it is more than one service of the swarm, the query for its containers by C(appName), and
        further keys of the input, from its row.
    :param service_label: the label of such a container that names its service.
    :param logs: the query for the log of its containers; of one of them, C(containerId), where it has C(containers).
    :param reload_applies: a reload brings the stored configuration to the service; otherwise it only stops the service
        and starts one task of it, as C(start) does.
    :param starts: whether a deployment starts containers, from its row.
    :param runs_once: whether its containers run to their end and are not started again, from its row.
    :param cannot_start: why C(start) has no effect, from its row; empty if it has.
    :param compare: compares what runs of it with its row, from the service and whether everything is looked at: a
        generator of the queries of each round, which returns the comparison.
    :param lost_on_stop: what is lost when its containers are ended, from its row, for a warning; empty: nothing.
    :param rebuild: deletes its volumes and deploys it. :param change_password: changes a password in what runs.
    :param set_status: stores C(status), which the server gets wrong where its containers take long.
    :param applies_immediately: the keys whose change takes effect without a deployment.
    :param deploy_needed: whether a deployment is needed, from the resource, the diff, the row after it, the label of
        the resource and the context.
    :param result_facts: further results, from the resource and the row.
    """

    deploy: str = ""
    redeploy: str = ""
    history: str = ""
    status: str = ""
    fingerprint: OwnText = _NO_TEXT
    mark: OwnText = _NO_TEXT
    lock: OwnText = _NO_TEXT
    earlier: OwnText = _NO_TEXT
    content: Optional[Callable[[Mapping[str, Any]], Optional[Dict[str, Any]]]] = None
    fresh_volumes: Tuple[str, Callable[[Mapping[str, Any]], str]] = ("", lambda row: "")
    upload: str = ""
    rollback: str = ""
    clean_queue: str = ""
    kill_build: str = ""
    previews: str = ""
    containers: Optional[Callable[[Mapping[str, Any]], Tuple[str, Mapping[str, Any]]]] = None
    service_label: str = ""
    logs: str = ""
    starts: Callable[[Mapping[str, Any]], bool] = lambda row: True
    runs_once: Callable[[Mapping[str, Any]], bool] = lambda row: False
    start: str = ""
    cannot_start: Callable[[Mapping[str, Any]], str] = lambda row: ""
    stop: str = ""
    reload: str = ""
    reload_applies: bool = True
    lost_on_stop: Callable[[Mapping[str, Any]], str] = lambda row: ""
    compare: Optional[Callable[[Any, Any], Any]] = None
    rebuild: str = ""
    set_status: str = ""
    change_password: str = ""
    applies_immediately: Tuple[str, ...] = ()
    deploy_needed: Optional[Callable[..., bool]] = None
    result_facts: Optional[Callable[..., Dict[str, Any]]] = None
