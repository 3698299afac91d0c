# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx configuration of the documentation site; ``make docs`` builds it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# Which pages these are, at the top of the navigation: the workflow of the published documentation sets it.
project = f"community.dokploy {os.environ.get('DOCS_VERSION', '')}".strip()
copyright = "Community Dokploy collection contributors"
html_title = project

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
nitpicky = True
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

html_theme = "sphinx_rtd_theme"
html_theme_options = {"navigation_depth": 3, "prev_next_buttons_location": "both"}
html_static_path = [str(Path(__file__).resolve().parent / "static")]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_use_smartypants = True

# Ansible's own documentation. Its inventory would have to be downloaded, but its addresses follow from the labels.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
PLUGIN = re.compile(
    r"ansible_collections\.(?!community\.dokploy\.)(\w+)\.(\w+)\.(\w+?)(?:__((?:parameter|return)-.+))?"
)
TITLE = re.compile(r"community\.dokploy\.(\w+ .+?) – .*")


def link_to_ansible(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """A reference to a page of Ansible's documentation, or nothing, which is a warning."""
    label = node["reftarget"]
    page = LABELS.get(label)
    if plugin := PLUGIN.fullmatch(label):
        page = "collections/{}/{}/{}.html".format(*plugin.groups()[:3]) + (f"#{plugin[4]}" if plugin[4] else "")
    # Those of the cache and of constructed groups, which all inventory plugins have.
    if node["reftype"] == "envvar" and label.startswith("ANSIBLE_"):
        core = label.startswith("ANSIBLE_CACHE_")
        page = "reference_appendices/config.html" if core else "collections/environment_variables.html"
        page += f"#envvar-{label}"
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page) if page else None


def shorten_titles(app: Sphinx, env: BuildEnvironment) -> None:
    """In the navigation ``dokploy_port module`` instead of the full title, which takes three lines there."""
    for toc in env.tocs.values():
        reference = next(iter(toc.findall(nodes.reference)), None)
        if reference is not None and (title := TITLE.fullmatch(reference.astext())):
            reference.children = [nodes.Text(title[1])]


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", link_to_ansible)
    app.connect("env-updated", shorten_titles)
