// The policy that the benchmark runs: an HTTP proxy that adds one field to requests, and a plug, both to one server.
// The addresses are those of the run.

import {
  definePolicy,
  directedRouter,
  httpProxy,
  insert,
  listener,
  plugProxy,
  service,
  zone,
} from 'zorp';

const {
  BENCH_HTTP = '127.0.0.1:20080',
  BENCH_PLUG = '127.0.0.1:20081',
  BENCH_SERVER = '127.0.0.1:20082',
} = process.env;

const router = directedRouter({ destination: BENCH_SERVER });

const web = service('web', {
  proxy: httpProxy({
    requestHeader: { 'X-Bench': insert('added') },
    // The peers keep no access log either.
    logRequests: false,
    // The idle connections of the memory row are to stay, as they do with the peers.
    timeoutRequestMs: 120_000,
  }),
  router,
});

const plug = service('plug', { proxy: plugProxy(), router });

const machine = zone('machine', {
  subnets: ['127.0.0.0/8'],
  outboundServices: [web, plug],
  inboundServices: [web, plug],
});

export default definePolicy({
  zones: [machine],
  listeners: [
    listener(BENCH_HTTP, web, { name: 'http' }),
    listener(BENCH_PLUG, plug, { name: 'plug' }),
  ],
});
