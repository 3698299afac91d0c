# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of a move: which steps each of them takes, and what a run notes when something has happened. Pure.

What is known of a move is a mapping that its folder keeps: where it goes, what it has, and when each event was.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, FrozenSet, Mapping, Optional

Known = Mapping[str, Any]

# The steps.
PREPARE = "prepare"
SWITCH = "switch"
FINISH = "finish"
BACK = "back"

# The states, in their order.
NEW = "new"
BEGUN = "begun"
PREPARED = "prepared"
STOPPED = "stopped"
LIVE = "live"
NAMED = "named"
FINISHED = "finished"
STATES = (NEW, BEGUN, PREPARED, STOPPED, LIVE, NAMED, FINISHED)

#: The steps that a state takes. Those of a target that is live can be repeated, and write over nothing.
STEPS_OF: Dict[str, FrozenSet[str]] = {
    NEW: frozenset({PREPARE}),
    BEGUN: frozenset({PREPARE, BACK}),
    PREPARED: frozenset({PREPARE, SWITCH, BACK}),
    STOPPED: frozenset({SWITCH, BACK}),
    LIVE: frozenset({SWITCH, FINISH}),
    NAMED: frozenset({SWITCH, FINISH}),
    FINISHED: frozenset({SWITCH, FINISH}),
}

#: The events that a run notes in a state, with the state that follows.
EVENTS_OF: Dict[str, Dict[str, str]] = {
    NEW: {"begun": BEGUN},
    BEGUN: {"begun": BEGUN, "prepared": PREPARED},
    PREPARED: {"begun": PREPARED, "prepared": PREPARED, "stopped": STOPPED},
    STOPPED: {"started": PREPARED, "live": LIVE},
    LIVE: {"named": NAMED, "pointed": LIVE, "left": LIVE, "finished": FINISHED},
    NAMED: {"pointed": NAMED, "left": NAMED, "finished": FINISHED},
    FINISHED: {"pointed": FINISHED},
}

# What tells a state, the last one first.
_TOLD_BY = (
    ("finished_at", FINISHED),
    ("named_at", NAMED),
    ("live_at", LIVE),
    ("stopped_at", STOPPED),
    ("prepared_at", PREPARED),
)
_NOT_LIVE = "The target is not live, so that the source is not removed. Run move_step=switch first."
_STOPPED = "The source was stopped by the step switch. Run move_step=switch again, or move_step=back."
_NOT_PREPARED = "The move is not prepared. Run move_step=prepare first."
_IS_LIVE = "The target is live since %s, and nothing is written over it. Remove the source with move_step=finish."
_NO_WAY_BACK = (
    "The target is live since %s. The way back is a move the other way, with its data, after the services that are "
    "stopped were removed with move_step=finish: %s."
)


def state_of(known: Known) -> str:
    """The state of a move. :param known: what is known of it; empty for one that has not begun."""
    for key, state in _TOLD_BY:
        if known.get(key):
            return state
    return BEGUN if known else NEW


def refusal_of(known: Known, step: str, way_back: str = "") -> Optional[str]:
    """Why a move does not take a step in its state; C(None) if it does.

    :param way_back: the command of a move the other way.
    """
    state = state_of(known)
    if step in STEPS_OF[state]:
        return None
    if step == SWITCH:
        return _NOT_PREPARED
    if step == FINISH:
        return _NOT_LIVE
    if state == STOPPED:
        return _STOPPED
    if step == PREPARE:
        return _IS_LIVE % (known["live_at"],)
    # Only the step back is left.
    return _NO_WAY_BACK % (known["live_at"], way_back) if known else _NOT_PREPARED


def noted(known: Known, event: str, more: Mapping[str, Any], now: float) -> Dict[str, Any]:
    """What is known after an event.

    :param more: what else is known then. :param now: the time, in seconds since 1970.
    :raises ValueError: the event cannot be in the state of the move.
    """
    state = state_of(known)
    if event not in EVENTS_OF[state]:
        raise ValueError("a move that is %s cannot be %s" % (state, event))
    own = {_NOTES[event]: _note(event, now)} if event in _NOTES else {}
    return {**known, **own, **more}


def _note(event: str, now: float) -> Any:
    if event == "stopped":
        # The time without service is counted from here.
        return now
    if event == "started":
        return ""
    if event == "pointed":
        return True
    return datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


_NOTES = {
    "prepared": "prepared_at",
    "stopped": "stopped_at",
    "started": "stopped_at",
    "live": "live_at",
    "named": "named_at",
    "pointed": "dns",
    "finished": "finished_at",
}
