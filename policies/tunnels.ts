// What goes through the tunnels of a proxy is no secret to it: web pages, TLS and SSH each have a service of their own, told
// apart by the first bytes, and whatever else somebody sends through a tunnel is cut off.

import {
  accept,
  definePolicy,
  httpDetector,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  service,
  sshDetector,
  tlsDetector,
  zone,
} from 'zorp';

// Plain HTTP in a tunnel has the same rules as outside of one.
const pages = service('pages', {
  proxy: httpProxy({ request: { GET: accept(), HEAD: accept() }, targetPorts: [80, 443] }),
});
const secure = service('secure', { proxy: plugProxy({ timeoutMs: 600_000 }) });
const shell = service('shell', { proxy: plugProxy({ timeoutMs: 3_600_000 }) });

const gateway = service('gateway', {
  router: inbandRouter(),
  proxy: httpProxy({
    mode: 'explicit',
    targetPorts: [22, 80, 443],
    via: { pseudonym: 'gateway-1' },
    connect: {
      22: { detect: [{ detector: sshDetector(), service: shell }] },
      80: pages,
      443: {
        detect: [
          { detector: tlsDetector(), service: secure },
          { detector: httpDetector(), service: pages },
        ],
      },
    },
  }),
});

const office = zone('office', {
  subnets: ['10.1.0.0/16'],
  outboundServices: [gateway, pages, secure, shell],
});
const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [gateway, pages, secure, shell],
});

export default definePolicy({
  zones: [office, internet],
  listeners: [listener('10.1.0.1:3128', gateway, { name: 'gateway' })],
});
