// What `npm start` runs: an explicit HTTP proxy for this machine, and a plug. Try:
//   curl -x http://127.0.0.1:8080 http://example.org/
//   curl -x http://127.0.0.1:8080 https://example.org/
//   curl -x http://127.0.0.1:8080 --interface 127.0.0.9 http://example.org/     (refused: another zone)
//   curl http://127.0.0.1:8081/                                (the plug; start `python3 -m http.server 8000` first)

import {
  definePolicy,
  directedRouter,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  service,
  zone,
} from 'zorp';

const tunnel = service('tunnel', { proxy: plugProxy({ timeoutMs: 300_000 }) });

const web = service('web', {
  proxy: httpProxy({ mode: 'explicit', connect: tunnel, targetPorts: '80,443,1024-65535' }),
  router: inbandRouter(),
});

const development = service('development', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '127.0.0.1:8000' }),
  limits: { maxInstances: 100 },
});

const everything = [web, tunnel, development];

const machine = zone('machine', {
  subnets: ['127.0.0.1', '::1'],
  outboundServices: everything,
  inboundServices: everything,
});

// Other loopback addresses, and networks that nobody should reach through this machine by accident.
const guarded = zone('guarded', {
  subnets: [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
});

const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [web, tunnel],
});

export default definePolicy({
  zones: [machine, guarded, internet],
  listeners: [
    listener('127.0.0.1:8080', web, { name: 'explicit-proxy' }),
    listener('127.0.0.1:8081', development, { name: 'development-plug' }),
  ],
});
