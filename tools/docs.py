# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation as HTML pages, in C(.cache/docs/build/html): ``python -m tools.docs``."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tools import check, workspace
from tools.check import tool
from tools.workspace import CACHE, ROOT

CONFIGURATION = ROOT / "docs/docsite/sphinx"
OUT = CACHE / "docs"
HTML = OUT / "build/html"
OVERVIEW = ROOT / "docs/docsite/rst/overview.rst"
# A module in the overview, and a page of a plugin or a role in a list of antsibull-docs.
MODULE = re.compile(r"<community\.dokploy\.(\w+)#module>")
PAGE = re.compile(r"^    (\w+)$", re.M)


def build() -> Path:
    """Build all pages; returns the folder they are in."""
    shutil.rmtree(OUT, ignore_errors=True)
    pages = OUT / "rst"
    pages.mkdir(parents=True)
    workspace.copy()
    env = workspace.environment(workspace.COPY)
    check.run(
        tool("antsibull-docs"),
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--dest-dir",
        pages,
        "community.dokploy",
        env=env,
    )
    # It would list the variables of plugins alone; ours has those of modules and roles, too.
    (pages / "environment_variables.rst").unlink()
    # The start page has what this page has.
    (pages / "docsite/overview.rst").unlink()
    index = pages / "index.rst"
    index.write_text(start_page(index.read_text(), OVERVIEW.read_text()))
    check.run(tool("sphinx-build"), "-q", "-W", "--keep-going", "-c", CONFIGURATION, pages, HTML, env=env)
    return HTML


def start_page(index: str, overview: str) -> str:
    """The start page of the site: the description of the collection, the overview, the guides, and what is left.

    :param index: the page of antsibull-docs, in reStructuredText.
    :param overview: the guide of this name, which this page replaces.
    """
    index = index.replace("    docsite/overview\n", "").replace(".. contents::\n   :local:\n   :depth: 1\n\n", "")
    head, sections = _divided(index)
    description, author, about = sections.pop("Description").partition("**Author:**")
    plugins, roles, changelog, communication = map(
        sections.pop, ("Plugin Index", "Role Index", "Changelog", "Communication")
    )
    # Its sections are of the same level as those of the page, whose title it gets.
    label, subjects = re.split(r"^Overview\n=+\n", overview[overview.index("\n.. _") :], flags=re.M)
    parts = [
        head,
        description.removeprefix("Description\n-----------\n"),
        label + subjects,
        *(_with_caption(guides, name) for name, guides in sections.items()),
        _navigation(plugins, roles, subjects),
        changelog,
        communication,
        "About\n-----\n\n" + author + about,
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _divided(page: str) -> tuple[str, dict[str, str]]:
    """What stands before the first section of a page, and the sections by heading, each with its labels."""
    heading = re.compile(r"^(?:\.\. _\S+:\n\n)*(\S.*)\n-+\n", re.M)
    headings = list(heading.finditer(page))
    ends = [match.start() for match in headings[1:]] + [len(page)]
    sections = {match[1]: page[match.start() : end] for match, end in zip(headings, ends, strict=True)}
    return page[: headings[0].start()], sections


def _with_caption(section: str, caption: str) -> str:
    """A section whose list of pages has a caption, which the theme's navigation shows."""
    return section.replace(".. toctree::\n", f".. toctree::\n    :caption: {caption}\n")


def _navigation(plugins: str, roles: str, subjects: str) -> str:
    """The pages of plugins and roles for the navigation, the modules grouped as the overview groups them.

    The text of the page has them in the tables of the overview, so that the indexes of antsibull-docs are left out.
    """
    groups = re.split(r"^(\S.*)\n~+\n", subjects, flags=re.M)[1:]
    lists = [
        (f"Modules: {subject[0].lower()}{subject[1:]}", [f"{name}_module" for name in MODULE.findall(text)])
        for subject, text in zip(groups[::2], groups[1::2], strict=True)
    ]
    pages = PAGE.findall(plugins + roles)
    others = [page for page in pages if not page.endswith("_module")]
    assert {page for _caption, group in lists for page in group} == set(pages) - set(others), (
        "the overview lists other modules than there are"
    )
    lists.append(("Roles and plugins", sorted(others, key=lambda page: not page.endswith("_role"))))
    labels = "".join(f"{label}\n\n" for label in re.findall(r"^\.\. _\S+:$", plugins + roles, re.M))
    return labels + "\n".join(
        f".. toctree::\n    :maxdepth: 1\n    :hidden:\n    :caption: {caption}\n\n"
        + "".join(f"    {page}\n" for page in group)
        for caption, group in lists
    )


def main() -> int:
    """Entry point; returns the exit status."""
    try:
        print(f"Open {build() / 'index.html'}")
    except check.Failed as error:
        print(f"--> {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
