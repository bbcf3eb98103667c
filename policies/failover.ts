// Several servers for one service: a database with a replica that takes over, and web servers that are asked whether they
// work before anybody is sent to them.

import {
  availabilityChainer,
  definePolicy,
  directedRouter,
  failoverChainer,
  httpProxy,
  listener,
  plugProxy,
  service,
  zone,
} from 'zorp';
import type { SocketAddress } from 'zorp';

// The replica gets connections only while the first one does not answer, which is looked at again after ten seconds.
const database = service('database', {
  proxy: plugProxy(),
  router: directedRouter({ destination: ['10.99.0.54:5432', '10.99.0.55:5432'] }),
  chainer: failoverChainer({ timeoutConnectMs: 2_000, timeoutStateMs: 10_000 }),
});

/** A web server works if it has a page to show. */
async function hasPage(server: SocketAddress): Promise<boolean> {
  const response = await fetch(`http://${String(server)}/`, { signal: AbortSignal.timeout(1_000) });
  await response.body?.cancel();
  return response.status === 200;
}

const web = service('web', {
  proxy: httpProxy(),
  router: directedRouter({ destination: ['10.99.0.82:80', '10.99.0.80:80'] }),
  chainer: availabilityChainer({ check: hasPage, intervalMs: 500, timeoutMs: 2_000, fall: 2 }),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [database, web] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [database, web] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:5432', database), listener('10.0.0.1:80', web)],
});
