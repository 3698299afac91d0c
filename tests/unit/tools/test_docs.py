# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The start page of the documentation site."""

from __future__ import annotations

import re

import pytest

from tools import docs

# The page of antsibull-docs, shortened.
INDEX = """.. _plugins_in_community.dokploy:

Community.Dokploy
=================

Collection version 1.0.0

.. contents::
   :local:
   :depth: 1

Description
-----------

Manage a Dokploy server.

**Author:**

* The contributors

.. _communication_for_community.dokploy:

Communication
-------------

- Forum

.. _changelog_section_for_community.dokploy:

Changelog
---------

.. toctree::
    :maxdepth: 1

    changelog

First steps
-----------

.. toctree::
    :maxdepth: 1

    docsite/overview
    docsite/getting_started

.. _plugin_index_for_community.dokploy:

Plugin Index
------------

.. _module_plugins_in_community.dokploy:

Modules
~~~~~~~

* :ansplugin:`dokploy_tag module <community.dokploy.dokploy_tag#module>` -- Manage a tag

.. toctree::
    :maxdepth: 1
    :hidden:

    dokploy_project_module
    dokploy_tag_module

.. _lookup_plugins_in_community.dokploy:

Lookup Plugins
~~~~~~~~~~~~~~

.. toctree::
    :maxdepth: 1
    :hidden:

    dokploy_lookup

.. _role_plugins_in_community.dokploy:

Role Index
----------

.. toctree::
    :maxdepth: 1
    :hidden:

    setup_role
"""
OVERVIEW = """..
  A licence

.. _overview:

Overview
========

What do you want to do
----------------------

Tag a project: :ansplugin:`dokploy_tag <community.dokploy.dokploy_tag#module>`

Modules by subject
------------------

Projects
~~~~~~~~

:ansplugin:`dokploy_project <community.dokploy.dokploy_project#module>`

Reading, and tags
~~~~~~~~~~~~~~~~~

:ansplugin:`dokploy_tag <community.dokploy.dokploy_tag#module>`
"""


def test_the_start_page_begins_with_what_to_do() -> None:
    page = docs.start_page(INDEX, OVERVIEW)
    headings = re.findall(r"^(.+)\n[=-]+\n", page, re.M)
    first = ["Community.Dokploy", "What do you want to do", "Modules by subject", "First steps"]
    assert headings == [*first, "Changelog", "Communication", "About"]
    assert (
        page.index("Manage a Dokploy server.") < page.index("What do you want to do") < page.index("The contributors")
    )
    assert "A licence" not in page and "contents::" not in page and "docsite/overview" not in page
    assert sorted(re.findall(r"^\.\. _(\S+):$", page, re.M)) == sorted(
        re.findall(r"^\.\. _(\S+):$", INDEX + OVERVIEW, re.M)
    )


def test_the_navigation_has_each_page_once_and_the_modules_by_subject() -> None:
    page = docs.start_page(INDEX, OVERVIEW)
    lists = re.findall(r"\.\. toctree::\n((?:    :.+\n)+)\n((?:    .+\n)+)", page)
    captions = [re.search(":caption: (.+)", options)[1] for options, _pages in lists if ":caption:" in options]
    assert captions == ["First steps", "Modules: projects", "Modules: reading, and tags", "Roles and plugins"]
    assert [pages.split() for _options, pages in lists] == [
        ["docsite/getting_started"],
        ["dokploy_project_module"],
        ["dokploy_tag_module"],
        ["setup_role", "dokploy_lookup"],
        ["changelog"],
    ]


def test_a_module_without_a_subject_is_an_error() -> None:
    with pytest.raises(AssertionError, match="overview"):
        docs.start_page(INDEX, OVERVIEW.replace("dokploy_project", "dokploy_tag"))
