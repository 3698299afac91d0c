# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The HTTP checks of several services at once, each with options of its own."""

from __future__ import annotations

import threading
from typing import Any, Dict, List, Mapping, Sequence

from ..._deployment.http_check import check_http, check_options
from ..._engine.wait import Waiter
from ..._errors import DokployError
from ..._model.argspec import Spec

#: The suboptions of a check.
HTTP_CHECK: Spec = {
    "url": {"type": "str"},
    "host": {"type": "str"},
    "status_codes": {"type": "list", "elements": "int", "default": [200]},
    "timeout": {"type": "float", "default": 10.0},
    "retries": {"type": "int", "default": 10},
    "delay": {"type": "float", "default": 3.0},
    "validate_certs": {"type": "bool", "default": True},
    "follow_redirects": {"type": "bool", "default": True},
}


def check_all(checks: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """The result of each check, which take as long as the slowest one: C(passed), C(status) and C(error).

    :param checks: the suboptions of each, with its address in C(url).
    """
    results: List[Dict[str, Any]] = [{} for _check in checks]

    def run(number: int) -> None:
        results[number] = _checked(checks[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(checks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _checked(check: Mapping[str, Any]) -> Dict[str, Any]:
    """The result of one check. Its message would show the address, which may have a secret."""
    try:
        check_options(check)
        (answer,) = check_http([("", check["url"])], check, Waiter())
    except DokployError as refused:
        answer = refused
    if not isinstance(answer, DokployError):
        return {"passed": True, "status": answer["status"], "error": None}
    error = str((answer.details.get("http_check") or {}).get("error") or answer)
    return {"passed": False, "status": None, "error": error}
