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
_CHECK: Spec = {
    "label": {"type": "str", "required": True},
    "secret_url": {"type": "str", "no_log": True},
    **HTTP_CHECK,
}
# The options of the module that checks several services.
OPTIONS: Spec = {
    "checks": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": _CHECK,
        "required_one_of": [["url", "secret_url"]],
        "mutually_exclusive": [["url", "secret_url"]],
    }
}


def check_all(checks: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    """The result of the module: that of each check, which takes as long as the slowest one."""
    results: List[Dict[str, Any]] = [{} for _check in checks]

    def run(number: int) -> None:
        results[number] = _checked(checks[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(checks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [result.pop("msg") for result in results]
    failed = [msg for msg in told if msg]
    return {
        "changed": False,
        "failed": bool(failed),
        "checks": results,
        **({"msg": " ".join(failed)} if failed else {}),
    }


def _checked(check: Mapping[str, Any]) -> Dict[str, Any]:
    """The result of one check, with C(msg), which is empty if the service passed it."""
    url, label = check["url"] or check["secret_url"], check["label"]
    try:
        check_options({**check, "url": url})
        (found,) = check_http([(label, url)], check, Waiter())
    except DokployError as refused:
        found = refused
    if not isinstance(found, DokployError):
        return {"label": label, "passed": True, "status": found["status"], "error": None, "msg": ""}
    error = str((found.details.get("http_check") or {}).get("error") or found)
    # The other message shows the address.
    msg = "%s failed its HTTP check: %s" % (label, error) if check["secret_url"] else str(found)
    return {"label": label, "passed": False, "status": None, "error": error, "msg": msg}
