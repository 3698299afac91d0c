# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What databases and their clients say while a database comes up.

The images of databases start a server for their first set-up, stop it, and start the one that stays.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Callable, Optional, Pattern

from ..._engine.runner import Context
from ..._engine.wait import Pause, Polls
from ..._errors import DokployError

#: How often at least, and for how many seconds, something is tried meanwhile, and the seconds between. On a busy host,
#: a first set-up takes half a minute, a single attempt two minutes, and on one with thirty times the work that it has
#: processors for, a first set-up more than two (measured).
ATTEMPTS, PATIENCE, PAUSE = 4, 300.0, 4.0
COMING_UP = re.compile(
    r"the database system is (?:shutting down|starting up)|terminating connection due to administrator command|"
    r"connection to server (?:at|on)(?:(?! failed).)* failed(?!: FATAL:\s+password)|server closed the connection|"
    r"Can't connect to|"
    r"Lost connection|Connection refused|ECONNREFUSED|No such container|LOADING Redis is loading",
    re.IGNORECASE,
)
#: What else their clients say in the container, while the first set-up has not made the database and its user.
SET_UP = re.compile(r"Access denied for user|Unknown database", re.IGNORECASE)


def while_it_comes_up(
    label: str, what: str, body: Callable[[], Polls], context: Context, also: Optional[Pattern[str]] = None
) -> Polls:
    """What a body gives, which is carried out again while its database comes up.

    :param what: it is, such as C(restoring). :param also: what else its errors say meanwhile.
    """
    begin = context.waiter.clock()
    for attempt in count(1):
        try:
            return (yield from body())
        except DokployError as error:
            comes_up = COMING_UP.search(str(error)) or (also is not None and also.search(str(error)))
            if not comes_up or (attempt >= ATTEMPTS and context.waiter.clock() - begin >= PATIENCE):
                raise
        context.waiter.progress("%s: the database comes up; %s again" % (label, what))
        yield Pause(label, PAUSE), float("inf")
