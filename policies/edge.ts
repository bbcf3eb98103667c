// A firewall between two networks, of which nobody configures anything: clients in the intranet connect to the servers
// themselves. What is read by a proxy comes to Zorp, what is only forwarded stays in the kernel, and all else is refused.
// "zorp nft commit" puts the packet filter of this policy into the kernel.

import {
  accept,
  definePolicy,
  denyService,
  httpProxy,
  pfService,
  plugProxy,
  replace,
  rule,
  service,
  transparentRouter,
  zone,
} from 'zorp';

// Servers see the client's own address, as if nobody stood between them.
const asClient = transparentRouter({ forgeAddress: true });

const web = service('web', {
  proxy: httpProxy({
    request: { GET: accept(), HEAD: accept(), POST: accept() },
    responseHeader: { Server: replace('a web server') },
  }),
  router: asClient,
});
const secure = service('secure', { proxy: plugProxy({ timeoutMs: 600_000 }), router: asClient });
// Servers of names see the firewall instead.
const names = service('names', { proxy: plugProxy({ timeoutMs: 5_000 }) });

// What the kernel forwards by itself: the firewall's address stands for the client's, or the client keeps its own.
const remote = pfService('remote', { router: asClient });
const time = pfService('time');

const old = denyService('old', { reply: 'tcp-reset' });
const rest = denyService('rest', { reply: 'icmp-admin-prohibited' });

const intranet = zone('intranet', { subnets: ['10.91.0.0/16', 'fd91::/16'] });
const dmz = zone('dmz', { subnets: ['10.92.0.0/16', 'fd92::/16'] });
const between = { from: intranet, to: dmz } as const;

export default definePolicy({
  zones: [intranet, dmz],
  rules: [
    rule({ name: 'web', ...between, protocols: 'tcp', ports: 80, service: web }),
    rule({ name: 'secure', ...between, protocols: 'tcp', ports: 443, service: secure }),
    rule({ name: 'names', ...between, protocols: 'udp', ports: 53, service: names }),
    rule({ name: 'remote', ...between, protocols: 'tcp', ports: 22, service: remote }),
    rule({ name: 'time', ...between, protocols: 'udp', ports: 123, service: time }),
    rule({ name: 'old', ...between, protocols: 'tcp', ports: 23, service: old }),
    rule({ name: 'rest', ...between, service: rest }),
  ],
});
