# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event sources under ansible-rulebook, with the rulebooks of the collection, against the simulator.

ansible-rulebook has an environment of its own in ``.cache/event_driven``, made at the first run. Its rule engine needs
Java 17.
"""
