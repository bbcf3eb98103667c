// A proxy for browsers and for everything else: programs that do not speak HTTP come by SOCKS, at the same port. What they
// ask for is decided like a CONNECT, and what is inside goes to a service by its own rules.
import { definePolicy, httpProxy, inbandRouter, listener, plugProxy, service, zone } from 'zorp';

// The contents of the connections: any protocol, ended after an hour without a byte.
const contents = service('contents', { proxy: plugProxy({ timeoutMs: 3_600_000 }) });

const gateway = service('gateway', {
  router: inbandRouter(),
  proxy: httpProxy({
    mode: 'explicit',
    socks: true,
    connect: contents,
    targetPorts: [22, 80, 443],
    urlFilter: { blockHosts: (host) => host === 'closed.example' },
  }),
});

const office = zone('office', {
  subnets: ['10.1.0.0/16'],
  outboundServices: [gateway, contents],
});
const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [gateway, contents],
});

export default definePolicy({
  zones: [office, internet],
  listeners: [listener('10.1.0.1:1080', gateway, { name: 'gateway' })],
});
