# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The project tree, and how a name becomes an id.

C(project.all) answers the whole tree in one read: projects (with every column), their environments, and of each
service its id and name. Names are not unique in Dokploy, so two matches are an error that lists both ids, never a
guess.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import Ambiguous, ReferenceNotFound
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import enumerated, known_names

Row = Dict[str, Any]


def pick(
    rows: Sequence[Row], wanted: str, *, option: str, kind: str, id_key: str, name_key: str = "name", where: str = ""
) -> Optional[Row]:
    """The one row that bears a name, or whose id it is; C(None) when there is none.

    :raises Ambiguous: several bear the name; the message lists their ids.
    """
    named = [row for row in rows if row.get(name_key) == wanted]
    if len(named) > 1:
        raise Ambiguous(
            "%s: %d %ss are named %r%s: %s"
            % (option, len(named), kind, wanted, where, ", ".join(sorted(str(row.get(id_key)) for row in named))),
            hint="Dokploy does not keep names unique; give the id instead, or rename or delete the others.",
            details={"ids": sorted(str(row.get(id_key)) for row in named)},
        )
    if named:
        return named[0]
    for row in rows:
        if row.get(id_key) == wanted:
            return row
    return None


def missing(
    rows: Sequence[Row], wanted: str, *, option: str, kind: str, name_key: str = "name", where: str = ""
) -> ReferenceNotFound:
    """The error for a name that does not exist; its hint lists similar names, or else the names that exist."""
    hint = known_names(wanted, (str(row.get(name_key)) for row in rows), where)
    return ReferenceNotFound("%s: no %s is named %r%s" % (option, kind, wanted, where), hint=hint)


class Tree:
    """One reading of C(project.all), kept up to date with what this run creates and removes."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.projects: List[Row] = list(rows)
        self._index = Index(self.projects)

    def project(self, wanted: str, option: str) -> Optional[Row]:
        return pick(self._index.rows(None, wanted), wanted, option=option, kind="project", id_key="projectId")

    def need_project(self, wanted: str, option: str) -> Row:
        row = self.project(wanted, option)
        if row is None:
            raise missing(self.projects, wanted, option=option, kind="project")
        return row

    def environment(self, project: Row, wanted: str, option: str) -> Optional[Row]:
        return pick(
            self._index.rows(project, wanted),
            wanted,
            option=option,
            kind="environment",
            id_key="environmentId",
            where=" in project %r" % project.get("name"),
        )

    def need_environment(self, project: Row, wanted: Optional[str], option: str) -> Row:
        """The environment of that name; without a name, the default one."""
        rows = project.get("environments") or []
        where = " in project %r" % project.get("name")
        if wanted is None:
            row = default_environment(rows)
            if row is None:
                raise ReferenceNotFound("%s: there is no default environment%s" % (option, where))
            return row
        row = self.environment(project, wanted, option)
        if row is None:
            raise missing(rows, wanted, option=option, kind="environment", where=where)
        return row

    def application(self, project: Row, environment: Row, wanted: str, option: str) -> Optional[Row]:
        return pick(
            self._index.rows(environment, wanted) if environment else [],
            wanted,
            option=option,
            kind="application",
            id_key="applicationId",
            where=place(project, environment),
        )

    def no_application(
        self, project: Row, environment: Row, wanted: str, option: str, by_default: bool
    ) -> ReferenceNotFound:
        """The error for an application that is not in its environment; it says where else one of the name is.

        :param by_default: the environment is the default one, since none was stated.
        """
        where = place(project, environment)
        if by_default:
            where += " (the default environment, since environment is not set)"
        rows = environment.get("applications") or []
        error = missing(rows, wanted, option=option, kind="application", where=where)
        others = self._elsewhere([project], wanted) or self._elsewhere(self.projects, wanted)
        if others:
            error.hint = "There is one %s." % enumerated(others)
        return error

    def _elsewhere(self, projects: Sequence[Row], wanted: str) -> List[str]:
        """The places of all applications that bear a name, in words."""
        return [
            place(project, environment).lstrip()
            for project in projects
            for environment in project.get("environments") or []
            if any(row.get("name") == wanted for row in environment.get("applications") or [])
        ]

    def find(self, id_key: str, value: str) -> Home:
        """The project, environment and application that an id belongs to; C(None) where it leads no further."""
        return self._index.home(id_key, value)

    def services(self, kind: str) -> Iterator[Tuple[Row, Row, Row]]:
        """Every service of a kind, such as C(application), with its project and its environment before it."""
        for project in self.projects:
            for environment in project.get("environments") or []:
                for row in environment.get("%ss" % kind) or []:
                    yield project, environment, row

    # --- what a write changed ---

    def enter(self, level: str, row: Row, parent: Optional[Row]) -> None:
        """Enter what was just created."""
        id_key = "%sId" % level
        if any(self.find(id_key, str(row.get(id_key)))):
            return
        if level == "project":
            self.projects.append(row)
            self._index.add((row, None, None))
            return
        # The row of the present tree, which may have been read anew since the parent was found.
        parent_key = "projectId" if level == "environment" else "environmentId"
        project, environment, _application = self.find(parent_key, str((parent or {}).get(parent_key)))
        known = project if level == "environment" else environment
        if known is not None:
            option = "environments" if level == "environment" else "applications"
            known[option] = known.get(option) or []
            known[option].append(row)
            self._index.add((project, row, None) if level == "environment" else (project, environment, row))

    def refresh(self, id_key: str, row: Row) -> None:
        """Take over what a read-back shows: another name, another home; of the keys only those the tree keeps."""
        value = str(row[id_key])
        home = self.find(id_key, value)
        project, environment, application = home
        known = application or environment or project
        if known is None:
            return
        self._index.remove(home)
        known.update({key: item for key, item in row.items() if key in known or key == "environments"})
        self._index.add(home)
        parent, parent_key = (environment, "environmentId") if application else (project, "projectId")
        if known is project or parent is None or row.get(parent_key) in (None, parent.get(parent_key)):
            return
        level = "application" if application else "environment"
        self.forget(id_key, value)
        project, environment, _application = self.find(parent_key, str(row[parent_key]))
        self.enter(level, known, environment if application else project)

    def forget(self, id_key: str, value: str) -> None:
        """Take out what was just removed."""
        home = self.find(id_key, value)
        project, environment, application = home
        self._index.remove(home)
        if application is not None and environment is not None:
            environment["applications"] = [row for row in environment["applications"] if row is not application]
        elif environment is not None and project is not None:
            project["environments"] = [row for row in project["environments"] if row is not environment]
        else:
            self.projects = [row for row in self.projects if row is not project]


def default_environment(rows: Sequence[Row]) -> Optional[Row]:
    """The default environment: by C(isDefault), before 0.26.1 by its name (measured)."""
    return next((row for row in rows if is_default(row)), None)


def is_default(row: Mapping[str, Any]) -> bool:
    """Whether an environment is the default one, which goes with its project only."""
    return bool(row["isDefault"] if "isDefault" in row else row.get("name") == "production")


def place(project: Optional[Row], environment: Optional[Row]) -> str:
    """Where something is, in words: " in shop/production"."""
    names = [str(row.get("name")) for row in (project, environment) if row is not None]
    return " in %s" % "/".join(names) if names else ""


# --- tree index ---
# Where each row of the project tree stands: a loop over a thousand applications looks at none of them twice.


#: A project, one of its environments and an application in it; C(None) where it leads no further.
Home = Tuple[Optional[Row], Optional[Row], Optional[Row]]

NOWHERE: Home = (None, None, None)
_KEYS = ("projectId", "environmentId", "applicationId")
_TOP = ""


class Index:
    """The rows of a tree by id, and by name inside of what they are in. It is told of every change."""

    def __init__(self, projects: Sequence[Row]) -> None:
        self._homes: Dict[Tuple[str, str], Home] = {}
        self._named: Dict[Tuple[str, str], List[Row]] = {}
        for project in projects:
            self.add((project, None, None))

    def home(self, id_key: str, value: str) -> Home:
        """Where the row of an id stands, itself at the end."""
        return self._homes.get((id_key, value), NOWHERE)

    def rows(self, parent: Optional[Row], wanted: str) -> List[Row]:
        """The rows inside of C(parent) (C(None): the projects) that bear a name, or whose id it is."""
        level = 0 if parent is None else 1 if _KEYS[1] not in parent else 2
        parent_id = _TOP if parent is None else str(parent.get(_KEYS[level - 1]))
        found = list(self._named.get((parent_id, wanted), ()))
        home = self._homes.get((_KEYS[level], wanted))
        if home is not None and _parent_id(home) == parent_id and not any(row is _own(home) for row in found):
            found.append(_own(home))
        return found

    def add(self, home: Home) -> None:
        """Note a row and all that is in it."""
        for one in _below(home):
            key = _key(one)
            if key not in self._homes:
                self._homes[key] = one
                self._named.setdefault(_name(one), []).append(_own(one))

    def remove(self, home: Home) -> None:
        """Forget a row and all that is in it. Before anything of them changes."""
        for one in _below(home):
            if self._homes.pop(_key(one), None) is None:
                continue
            rows = self._named[_name(one)]
            rows[:] = [row for row in rows if row is not _own(one)]


def _below(home: Home) -> Iterator[Home]:
    yield home
    project, environment, application = home
    if application is not None:
        return
    if environment is not None:
        for row in environment.get("applications") or []:
            yield project, environment, row
    elif project is not None:
        for row in project.get("environments") or []:
            yield from _below((project, row, None))


def _level(home: Home) -> int:
    return 2 if home[2] is not None else 1 if home[1] is not None else 0


def _own(home: Home) -> Row:
    return home[_level(home)] or {}


def _parent_id(home: Home) -> str:
    level = _level(home)
    return str((home[level - 1] or {}).get(_KEYS[level - 1])) if level else _TOP


def _key(home: Home) -> Tuple[str, str]:
    key = _KEYS[_level(home)]
    return key, str(_own(home).get(key))


def _name(home: Home) -> Tuple[str, str]:
    return _parent_id(home), str(_own(home).get("name"))
