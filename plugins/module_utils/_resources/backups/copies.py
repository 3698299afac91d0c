# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs that copy what Dokploy cannot save, a folder of the host or the data of Redis, into a volume that it saves."""

from __future__ import annotations

import datetime
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ..._engine.state import Node
from ..._values.timestamps import instant
from ..archive_kinds.file_sums import sums_command
from ..archive_kinds.key_counts import dump_command
from ..archive_kinds.kinds import SINGLE_FILE
from .checks import beside, variables, without_networks
from .coverage import Service

# Where a job has the volume, and the folder or the file of the host.
_TARGET, _SOURCE = "/set", "/source"
# A volume that an earlier run has left may have files.
_EMPTY = "rm -rf %s/..?* %s/.[!.]* %s/*\n" % (_TARGET, _TARGET, _TARGET)
_COPY = """\
[ ! -f {source} ] || cp -a {source} {target}/{file}
[ -f {source} ] || cp -a {source}/. {target}/
""".format(source=_SOURCE, target=_TARGET, file=SINGLE_FILE)
_REDIS = 'redis-cli -h "$DB_HOST" -p "$DB_PORT" --rdb %s/dump.rdb\ntest -s %s/dump.rdb\n' % (_TARGET, _TARGET)
_REDIS += dump_command("%s/dump.rdb" % _TARGET)
# The clock is that of the host.
_BEGINS = 'echo "begun at $(date +%s)"\n'
_BEGUN = re.compile(r"begun at (\d+)\Z")
# An image may lack a program for it.
_SUMS = "%s || echo no fingerprint\n" % sums_command([_TARGET])


def copy_node(service: Service, folder: Optional[str], volume: str, key: str, image: str, timeout: float) -> Node:
    """The job that fills a volume, whose name it has.

    :param folder: the folder or the file of the host; C(None): the data of the service, which is a Redis and runs.
    :param image: for the copy of a folder.
    """
    mounts: List[Dict[str, str]] = [{"path": _TARGET, "type": "volume", "name": volume}]
    if folder is None:
        own = beside(service, volume, str(service.row.get("dockerImage")), key)
        script = _EMPTY + _BEGINS + _REDIS + _SUMS
        return own.node(script=script, env=variables(service), mounts=mounts, timeout=timeout)
    mounts.append({"path": _SOURCE, "type": "bind", "host_path": folder})
    own = beside(without_networks(service), volume, image, key)
    return own.node(script=_EMPTY + _BEGINS + _COPY + _SUMS, mounts=mounts, timeout=timeout)


def copied_at(file: Mapping[str, Any], lines: Sequence[str], seconds: float) -> Dict[str, Any]:
    """The archive of a copy, of the time when the copy began: it may lack what was written after that.

    :param lines: the output of the job, which has that time. :param seconds: from before the copy to the archive, which
        count where that cannot be read, so that the time is never too late.
    """
    seconds_since_1970 = [int(match[1]) for match in map(_BEGUN.match, lines) if match]
    if seconds_since_1970:
        moment = datetime.datetime.fromtimestamp(seconds_since_1970[0], datetime.timezone.utc)
    else:
        moment = instant(file["created_at"]) - datetime.timedelta(seconds=seconds)
    begin = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return {**file, "created_at": min(begin, str(file["created_at"]))}
