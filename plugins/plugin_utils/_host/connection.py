# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection of a plugin that reads, from its options."""

from __future__ import annotations

import contextlib
from types import MappingProxyType
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from ansible.errors import AnsibleError
from ansible.utils.display import Display

from ansible_collections.community.dokploy.plugins.module_utils._engine.execute import Executor
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import UNVERIFIED, Context, Session
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, OptionError, known_names
from ansible_collections.community.dokploy.plugins.module_utils._host.registration import register
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import HAS_REQUESTS
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._model.responses import answers_of
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import one_line, shortened
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import Shape
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

display = Display()


def connection_options(get_option: Callable[[str], Any]) -> Mapping[str, Any]:
    """The connection options of a plugin as values of Python.

    The key is registered here: C(secret) in the documentation of an option says the same from ansible-core 2.22 on, and
    is refused by the sanity tests of 2.18.
    """
    connection = {name: plain(get_option(name)) for name in CONNECTION}
    register(text for text in [connection["dokploy_api_key"]] if isinstance(text, str))
    return connection


def refuse_unknown_options(given: Iterable[str], known: Iterable[str]) -> None:
    """:raises OptionError: there is no such option of the plugin, which ansible-core passes over."""
    names = set(known)
    for name in given:
        if name not in names:
            raise OptionError("there is no option %r" % str(name), hint=known_names(str(name), names))


@contextlib.contextmanager
def reading(
    connection: Mapping[str, Any],
    kinds: Sequence[Resource],
    params: Mapping[str, Any],
    answers: Mapping[str, Shape] = MappingProxyType({}),
) -> Iterator[Context]:
    """One connection and one read cache, for reading records of these kinds.

    :param params: those of the context. :param answers: the shapes of the answers to further procedures.
    :raises AnsibleError: for each C(DokployError) inside. The message never has the API key.
    """
    if not HAS_REQUESTS:
        raise AnsibleError("The Python library requests is needed in the environment of Ansible: pip install requests")
    with as_ansible_errors():
        session = Session.open(connection, notice=display.vv)
        try:
            session.client.expect({**answers_of(*kinds), **answers})
            if session.client.unverified:
                display.warning(UNVERIFIED)
            waiter = Waiter()
            executor = Executor(session.client, session.reads, waiter, check_mode=True)
            yield Context(params, session.client, session.reads, executor, waiter)
        finally:
            session.client.close()


@contextlib.contextmanager
def as_ansible_errors() -> Iterator[None]:
    """Errors of the collection as errors of Ansible, in one line.

    :raises AnsibleError: for each C(DokployError) inside.
    """
    try:
        yield
    except DokployError as error:
        raise AnsibleError(shortened(one_line(str(error)))) from None
