// The way out for servers: what runs in the DMZ may fetch from a list of hosts through the proxy at 10.99.0.1, by http and
// https, and reaches nothing else: no other host, no address, no private network by a name that leads there.

import {
  accept,
  definePolicy,
  domainMatcher,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  service,
  zone,
} from 'zorp';

const tunnel = service('tunnel', { proxy: plugProxy({ timeoutMs: 300_000 }) });

const egress = service('egress', {
  proxy: httpProxy({
    mode: 'explicit',
    connect: tunnel,
    targetPorts: '80,443',
    urlFilter: { permitHosts: domainMatcher({ file: 'lists/egress-hosts.txt' }) },
    request: { GET: accept(), HEAD: accept(), CONNECT: accept() },
  }),
  router: inbandRouter(),
  // Private addresses are closed by default; the package mirror of the intranet is open.
  destinationGuard: { permit: () => [mirror] },
});

const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], outboundServices: [egress, tunnel] });
const mirror = zone('mirror', { subnets: ['10.1.0.6'], inboundServices: [egress, tunnel] });
const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [egress, tunnel],
});

export default definePolicy({
  zones: [dmz, mirror, internet],
  listeners: [listener('10.99.0.1:3128', egress)],
});
