# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a clone: what it has changed, where its data is from, and what of it is that of the original. Pure."""

from __future__ import annotations

from typing import Any, Container, Dict, List, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.plugin_utils._report.model import counted, outcomes_table, table_of
from ansible_collections.community.dokploy.plugins.plugin_utils._report.recovery import recovery_report

Row = Mapping[str, Any]

ORIGINAL, OWN, NEW = "that of the original", "of the copy, from the file", "new"
_PASSWORDS = ("password", "root_password")
_OF_DATA = ("restore", "mask", "release")
# What a copy never has of the original.
_LEFT_OUT = ("webhook_token",)


def clone_report(
    applied: Row,
    source: str,
    target: str,
    replaced: Sequence[str] = (),
    secrets: Sequence[Row] = (),
    own_secrets: Container[str] = (),
    new_passwords: bool = False,
    seconds: float = 0.0,
    server: str = "",
    document: str = "",
    made_at: str = "",
    planned: bool = False,
) -> Dict[str, Any]:
    """The report.

    :param applied: the result of C(dokploy_manifest), also of one that failed. :param replaced: the paths of services
        whose data is replaced. :param secrets: those of the original, as C(secret_names) of C(dokploy_export).
    :param own_secrets: the names of those that a file has for the copy.
    :param new_passwords: databases get passwords of their own. :param planned: nothing was done, as in check mode.
    """
    base = recovery_report(applied, [{"name": "everything", "seconds": float(seconds)}], server, document, made_at)
    kept = _secrets(secrets, source, target, own_secrets, new_passwords)
    plan: Row = applied.get("plan") or {}
    changes, masks = list(plan.get("changes") or ()), [dict(row) for row in applied.get("masks") or ()]
    tables = {table["title"]: table for table in base["tables"]}
    originals = [secret for secret in kept if secret["is"] == ORIGINAL]
    return {
        **{
            key: base[key]
            for key in ("sources", "made_at", "set", "oldest", "newest", "archives", "checks", "not_proven")
        },
        **{key: base[key] for key in ("missing", "absent", "failed_checks", "errors", "seconds", "good")},
        "title": "Clone of %s as %s" % (source, target),
        "headline": _headline(applied, base, changes, target, planned, replaced),
        "cloned": base["recovered"],
        "from": source,
        "to": target,
        "changed": bool(applied.get("changed")),
        "changes": changes,
        "masks": masks,
        "replaced": list(replaced),
        "held": list(plan.get("held") or ()),
        "secrets": kept,
        "tiles": _tiles(base, changes, masks, originals),
        "tables": [
            tables["Errors"],
            _changes_table(changes),
            tables["Data"],
            tables["Checks"],
            outcomes_table("Masks", "Mask", masks),
            tables["Missing"],
            _secrets_table(kept),
            _held_table(plan.get("held") or ()),
            tables["Deployments"],
            tables["Time"],
        ],
    }


def _headline(
    applied: Row, base: Row, changes: Sequence[Row], target: str, planned: bool, replaced: Sequence[str]
) -> str:
    lacks = _lacks(base)
    if lacks:
        return "The clone %s is not complete: %s" % (target, ", ".join(lacks))
    # What runs cannot be replaced, so that a plan does not have it.
    to_replace = replaced if planned else ()
    if not (applied.get("changed") or to_replace):
        return "%s is as it has to be" % target
    deployed = sum(change["action"] == "deploy" for change in changes)
    others = sum(change["action"] not in _OF_DATA for change in changes) - deployed
    due = "to_restore" if planned else "restored"
    restored = sum(row["outcome"] == due for row in base["archives"])
    parts = ["%s %s: %d changes" % ("To be cloned" if planned else "Cloned", target, others)]
    parts += ["%d deployments" % deployed, "the data of %s" % counted(restored, "archive")]
    parts += ["the data of %d services replaced" % len(to_replace)] if to_replace else []
    parts += ["%d not proven" % len(base["not_proven"])] if base["not_proven"] else []
    return ", ".join(parts + (["%d missing" % len(base["missing"])] if base["missing"] else []))


def _lacks(base: Row) -> List[str]:
    """Why a clone is not complete."""
    absent, failed = len(base["absent"]), len(base["failed_checks"])
    counts = (
        (len(base["errors"]), "error" if len(base["errors"]) == 1 else "errors"),
        (absent, "archive not there" if absent == 1 else "archives not there"),
        (failed, "check failed" if failed == 1 else "checks failed"),
    )
    return ["%d %s" % (count, words) for count, words in counts if count]


def _secrets(
    secrets: Sequence[Row], source: str, target: str, own: Container[str], new_passwords: bool
) -> List[Dict[str, Any]]:
    """The secrets of the copy, each with where it is from."""
    listed = []
    for secret in secrets:
        path = str(secret["path"])
        if not (path + "/").startswith(source + "/") or secret["option"] in _LEFT_OUT:
            continue
        generated = new_passwords and secret["kind"] == "database" and secret["option"] in _PASSWORDS
        origin = NEW if generated else OWN if secret["name"] in own else ORIGINAL
        listed.append({**secret, "path": target + path[len(source) :], "is": origin})
    return listed


def _tiles(base: Row, changes: Sequence[Row], masks: Sequence[Row], originals: Sequence[Row]) -> List[Dict[str, Any]]:
    failed = sum(mask["passed"] is False for mask in masks)
    counts: Tuple[Tuple[int, str, str], ...] = (
        (len(changes), "changes", ""),
        (sum(row["outcome"] in ("restored", "to_restore") for row in base["archives"]), "archives", ""),
        (sum(mask["passed"] is True for mask in masks), "masks", ""),
        (failed, "masks failed", "bad"),
        (len(base["errors"]), "errors", "bad"),
        (len(originals), "secrets of the original", "warn"),
    )
    return [{"count": count, "words": words, "mood": mood} for count, words, mood in counts]


def _changes_table(changes: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        [change["action"], "%s %s" % (change["kind"], change["path"]), ", ".join(change["options"]), _reason(change)]
        for change in changes
    ]
    return table_of("Changes", "", ["Action", "What", "Options", "Why"], rows, [""] * len(rows))


def _reason(change: Row) -> str:
    return str(change.get("reason") or "")


def _secrets_table(secrets: Sequence[Row]) -> Dict[str, Any]:
    rows = [
        ["%s %s" % (secret["kind"], secret["path"]), secret["option"], secret["name"], secret["is"]]
        for secret in secrets
    ]
    moods = ["warn" if secret["is"] == ORIGINAL else "" for secret in secrets]
    note = "What has a secret of the original may do what the original does. clone_secrets_file has other ones."
    return table_of("Secrets", note, ["What", "Option", "Variable", "Value"], rows, moods)


def _held_table(held: Sequence[Row]) -> Dict[str, Any]:
    rows = [["%s %s" % (option["kind"], option["path"]), option["option"]] for option in held]
    note = "The original has it, and the copy does not."
    return table_of("Left out", note, ["What", "Option"], rows, [""] * len(rows))
