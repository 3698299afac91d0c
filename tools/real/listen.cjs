// Copyright (c) Community Dokploy collection contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Node.js loads it before Dokploy of an official image, in which port 3000 is built in: Dokploy listens on REAL_PORT.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port === 3000 ? Number(process.env.REAL_PORT) : port, ...rest);
};
