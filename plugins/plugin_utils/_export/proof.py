# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof of the text of an export: C(dokploy_manifest) reads it, with its own secrets, as the document it is of."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Tuple

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import labels
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import read_texts
from ansible_collections.community.dokploy.plugins.plugin_utils._document.yaml_reader import Unreadable, YamlReader

_HINT = "Nothing was written. Please report it, with the option and the version of ansible-core."


def prove_files(
    texts: Sequence[Tuple[str, str, str]],
    document: Mapping[str, Any],
    secrets: Mapping[str, Any],
    secrets_text: str,
    loader: DataLoader,
    templar: Templar,
) -> None:
    """Read texts as C(dokploy_manifest) reads files.

    :param texts: the path of each file, how messages call it, and its text, in the order in which they are read.
    :param document: what they are of, with its marks and in their order.
    :raises Refused: they are read as something else. No value is repeated.
    """
    try:
        variables, _mark = YamlReader(loader).parse(secrets_text, "/secrets.yml", "the file of secrets")
        own = templar.copy_with_new_env(available_variables=variables)
        read = read_texts(texts, loader, own).document
    except Unreadable as error:
        raise Refused("The export cannot be read again: %s" % error.mistakes[0], hint=_HINT) from None
    except OptionError as error:
        raise Refused("The export cannot be read again: %s" % error.message, hint=_HINT) from None
    path = first_difference(read, with_secrets(document, secrets))
    if path is not None:
        raise Refused("The export is read as another document: %s differs" % (path or "all of it"), hint=_HINT)


def first_difference(actual: Any, wanted: Any, path: str = "") -> Optional[str]:
    """The path of the first value that differs: C(projects[shop].env.TOKEN); C(None) if there is none."""
    if actual.__class__ is not wanted.__class__:
        return path
    if isinstance(wanted, Mapping):
        if list(actual) != list(wanted):
            return path
        places = ["%s.%s" % (path, key) if path else key for key in wanted]
        return _first(places, list(actual.values()), list(wanted.values()))
    if isinstance(wanted, list):
        if len(actual) != len(wanted):
            return path
        return _first(["%s[%s]" % (path, label) for label in labels(wanted)], actual, wanted)
    return None if actual == wanted else path


def _first(places: Sequence[str], actual: Sequence[Any], wanted: Sequence[Any]) -> Optional[str]:
    for place, value, expected in zip(places, actual, wanted):
        path = first_difference(value, expected, place)
        if path is not None:
            return path
    return None
