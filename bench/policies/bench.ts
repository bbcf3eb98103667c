// The policy that the benchmark runs: an HTTP proxy that adds one field to requests, one with a whole policy, an explicit
// one, and a plug, all to one server. The addresses are those of the run.

import {
  accept,
  definePolicy,
  directedRouter,
  domainMatcher,
  drop,
  httpProxy,
  inbandRouter,
  insert,
  listener,
  plugProxy,
  reject,
  service,
  zone,
} from 'zorp';

const {
  BENCH_HTTP = '127.0.0.1:20080',
  BENCH_PLUG = '127.0.0.1:20081',
  BENCH_SERVER = '127.0.0.1:20082',
  BENCH_ONCE = '127.0.0.1:20085',
  BENCH_POLICY = '127.0.0.1:20083',
  BENCH_FORWARD = '127.0.0.1:20084',
  BENCH_BLOCKED,
} = process.env;

const router = directedRouter({ destination: BENCH_SERVER });

const plain = {
  // The peers keep no access log either.
  logRequests: false,
  // The idle connections of the memory row are to stay, as they do with the peers.
  timeoutRequestMs: 120_000,
};

const added = { 'X-Bench': insert('added') };

/** The peers hand kept server connections from client to client, too. */
const web = service('web', {
  proxy: httpProxy({ ...plain, shareServerConnections: true, requestHeader: added }),
  router,
});

/** A new connection to the server for each of the client. */
const once = service('once', { proxy: httpProxy({ ...plain, requestHeader: added }), router });

/** The policy under test, as bench/policy-under-test.ts has it in words. */
const whole = service('whole', {
  proxy: httpProxy({
    ...plain,
    shareServerConnections: true,
    urlFilter: {
      blockHosts: domainMatcher(
        BENCH_BLOCKED === undefined ? { domains: ['blocked.example'] } : { file: BENCH_BLOCKED },
      ),
    },
    request: {
      GET: ({ headers }) =>
        headers.get('User-Agent')?.includes('Mozilla/5.0') === true &&
        headers.get('Accept')?.includes('*/*') === true &&
        headers.get('Accept-Language')?.startsWith('en') === true &&
        headers.get('Cookie')?.includes('session=') === true
          ? accept()
          : reject('This is no browser'),
    },
    requestHeader: { Referer: drop(), ...added },
  }),
  router,
});

const forward = service('forward', {
  proxy: httpProxy({
    ...plain,
    mode: 'explicit',
    shareServerConnections: true,
    targetPorts: BENCH_SERVER.split(':').slice(1).join(),
    requestHeader: added,
  }),
  router: inbandRouter(),
});

const plug = service('plug', { proxy: plugProxy(), router });

const services = [web, once, whole, forward, plug];
const machine = zone('machine', {
  subnets: ['127.0.0.0/8'],
  outboundServices: services,
  inboundServices: services,
});

export default definePolicy({
  zones: [machine],
  listeners: [
    listener(BENCH_HTTP, web, { name: 'http' }),
    listener(BENCH_ONCE, once, { name: 'once' }),
    listener(BENCH_POLICY, whole, { name: 'policy' }),
    listener(BENCH_FORWARD, forward, { name: 'forward' }),
    listener(BENCH_PLUG, plug, { name: 'plug' }),
  ],
});
