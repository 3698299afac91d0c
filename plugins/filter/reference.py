# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter C(reference), which stands for a value of another entry in a document of C(dokploy_manifest)."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.module_utils._errors import kind_of
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import parse_reference
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain


def reference(text: Any, kind: Any = "") -> str:
    """The text that the document takes for the value of a field: C('db:internal_url' | community.dokploy.reference).

    :raises AnsibleFilterError: the text is no reference.
    """
    wanted, kind = plain(text), plain(kind)
    for name, value in (("reference", wanted), ("reference: kind", kind)):
        if not isinstance(value, str):
            raise AnsibleFilterError("%s takes text, not %s" % (name, kind_of(value)))
    try:
        return parse_reference(wanted, kind).text
    except ValueError as error:
        raise AnsibleFilterError("reference: %s" % error) from None


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"reference": reference}
