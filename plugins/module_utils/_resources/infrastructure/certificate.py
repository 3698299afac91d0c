# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Certificates: pairs of PEM texts that Dokploy writes into files for Traefik.

Dokploy looks at neither of them, and does not notice that a server is unreachable (measured on 0.30.2). Every answer
shows the private key in clear. Whether Traefik reads the files is seen to in C(certificate_files).
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, List, Mapping, Optional, Tuple

from ..._engine.apply import resource_operation
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.info import info_operation
from ..._engine.plan import Step, Write
from ..._engine.state import State
from ..._engine.view import predicted
from ..._errors import OptionError
from ..._model.field import Field, Listing
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import DELETE_TIMEOUT, SERVERS, ChangeCheck, Resource
from ..._reads.reads import Reads
from ..._values.codec import IDENTIFIER
from .certificate_files import ANSWERS, ServeCertificate
from .x509 import (
    PEM,
    check_certificate,
    check_pair,
    check_private_key,
    fingerprint,
    validity,
)


def _now(_state: State, _diff: Diff, _params: Mapping[str, Any], _reads: Reads) -> Mapping[str, Any]:
    return {"now": datetime.datetime.now(datetime.timezone.utc)}


def _checked(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """Whether the pair belongs together as it will be, and a warning where it is not valid C(now).

    :raises OptionError: the key belongs to another certificate.
    """
    after = predicted(state.resource, state.row, diff)
    certificate, private_key = str(after.get("certificateData") or ""), str(after.get("privateKey") or "")
    if any(change.field.api in ("certificateData", "privateKey") for change in diff.changes):
        try:
            check_pair(certificate, private_key)
        except ValueError as error:
            raise OptionError(str(error)) from None
        serve = ServeCertificate(after.get("serverId"), state.row)
        diff = replace(diff, more=(*diff.more, lambda resource_id: serve))
    period = validity(certificate)
    return Judgement(diff, () if period is None else _outside(str(after.get("name")), *period, known["now"]))


def _outside(name: str, begin: datetime.datetime, end: datetime.datetime, now: datetime.datetime) -> Tuple[str, ...]:
    if end < now:
        return ("The certificate %r is not valid any more, since %s." % (name, _text(end)),)
    return ("The certificate %r is not valid yet, but from %s on." % (name, _text(begin)),) if begin > now else ()


def _text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(row: Row, number: int) -> Optional[str]:
    period = validity(row.get("certificateData"))
    return None if period is None else _text(period[number])


def _fingerprint(row: Row) -> Optional[str]:
    return fingerprint(row.get("certificateData"))


def _begin(row: Row) -> Any:
    return _date(row, 0)


def _end(row: Row) -> Any:
    return _date(row, 1)


def _removal(resource: Resource, row: Row, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> List[Step]:
    remove = Write(resource.removal.procedure, resource.removed(row), missing_ok=True, timeout=DELETE_TIMEOUT)
    return [remove, ServeCertificate(row.get("serverId"), row, there=False)]


CERTIFICATE = Resource(
    name="certificate",
    scope="instance",
    listing=Listing("certificate", ("certificates.all",), "certificateId"),
    since=(0, 29, 0),
    options=(
        Field("name", "name", needed=True, limits=(1, 255)),
        Field("certificate", "certificateData", PEM, needed=True, grammar=check_certificate),
        Field("private_key", "privateKey", PEM, secret=True, needed=True, grammar=check_private_key),
        Field("server", "serverId", IDENTIFIER, create_only=True, reference=SERVERS),
    ),
    creation=Creation(
        "certificates.create",
        takes=("name", "certificateData", "privateKey", "serverId"),
        # The server ignores the ID, and creates it in the organization of the API key.
        defaults={"organizationId": ""},
    ),
    reading=Reading(
        in_listing=True,
        facts=(("fingerprint", _fingerprint), ("not_before", _begin), ("not_after", _end), ("path", "certificatePath")),
    ),
    updating=Updating("certificates.update"),
    removal=Removal("certificates.remove", steps=_removal),
    acknowledged=("certificates.remove",),
    answers=ANSWERS,
    checks=(ChangeCheck(_checked, _now),),
)

OPERATION = resource_operation(CERTIFICATE)
INFO_OPERATION = info_operation(CERTIFICATE)
