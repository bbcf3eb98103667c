// The policy that the benchmark runs: an HTTP proxy that adds one field to requests, one with a whole policy, an explicit
// one, and a plug, all to one server; and where the run has an authority for it, TLS that is intercepted. The addresses are
// those of the run.

import {
  accept,
  definePolicy,
  directedRouter,
  domainMatcher,
  drop,
  dynamicCertificate,
  httpProxy,
  inbandRouter,
  insert,
  listener,
  plugProxy,
  reject,
  service,
  twoSidedEncryption,
  zone,
} from 'zorp';
import type { HttpOptions, Service, StaticCertificateOptions } from 'zorp';

const {
  BENCH_HTTP = '127.0.0.1:20080',
  BENCH_PLUG = '127.0.0.1:20081',
  BENCH_SERVER = '127.0.0.1:20082',
  BENCH_ONCE = '127.0.0.1:20085',
  BENCH_POLICY = '127.0.0.1:20083',
  BENCH_POLICY_ONCE = '127.0.0.1:20092',
  BENCH_FORWARD = '127.0.0.1:20084',
  BENCH_FORWARD_POLICY = '127.0.0.1:20091',
  BENCH_BLOCKED,
  BENCH_TLS = '127.0.0.1:20086',
  BENCH_TLS_NAMES = '127.0.0.1:20087',
  BENCH_TLS_PLUG = '127.0.0.1:20088',
  BENCH_TLS_SERVER = '127.0.0.1:20089',
  BENCH_NAMES_SERVER = '127.0.0.1:20090',
  BENCH_PROXY_CERTIFICATE,
  BENCH_PROXY_KEY,
  BENCH_SERVER_AUTHORITY,
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
const policy: HttpOptions = {
  ...plain,
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
};

const whole = service('whole', {
  proxy: httpProxy({ ...policy, shareServerConnections: true }),
  router,
});

const wholeOnce = service('whole-once', { proxy: httpProxy(policy), router });

const explicit = {
  mode: 'explicit',
  shareServerConnections: true,
  targetPorts: BENCH_SERVER.split(':').slice(1).join(),
} as const;

const forward = service('forward', {
  proxy: httpProxy({ ...plain, ...explicit, requestHeader: added }),
  router: inbandRouter(),
});

const forwardWhole = service('forward-whole', {
  proxy: httpProxy({ ...policy, ...explicit }),
  router: inbandRouter(),
});

const plug = service('plug', { proxy: plugProxy(), router });

/** Nothing but interception: no field is added, since not every peer can. */
const intercepting =
  BENCH_PROXY_CERTIFICATE === undefined ||
  BENCH_PROXY_KEY === undefined ||
  BENCH_SERVER_AUTHORITY === undefined
    ? []
    : intercept(
        { certificate: BENCH_PROXY_CERTIFICATE, privateKey: BENCH_PROXY_KEY },
        BENCH_SERVER_AUTHORITY,
      );

function intercept(
  authority: StaticCertificateOptions,
  authorities: string,
): readonly (readonly [address: string, service: Service])[] {
  const encryption = twoSidedEncryption({
    clientCertificate: dynamicCertificate({ authority }),
    serverVerify: { authorities },
  });
  const one = directedRouter({ destination: BENCH_TLS_SERVER });
  const all = directedRouter({ destination: BENCH_NAMES_SERVER });
  const proxy = httpProxy({ ...plain, defaultPort: 443 });
  return [
    [BENCH_TLS, service('tls', { proxy, router: one, encryption })],
    [BENCH_TLS_NAMES, service('tls-names', { proxy, router: all, encryption })],
    [BENCH_TLS_PLUG, service('tls-plug', { proxy: plugProxy(), router: one, encryption })],
  ];
}

const plaintext = [web, once, whole, wholeOnce, forward, forwardWhole, plug];
const services = [...plaintext, ...intercepting.map(([, made]) => made)];
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
    listener(BENCH_POLICY_ONCE, wholeOnce, { name: 'policy-once' }),
    listener(BENCH_FORWARD, forward, { name: 'forward' }),
    listener(BENCH_FORWARD_POLICY, forwardWhole, { name: 'forward-policy' }),
    listener(BENCH_PLUG, plug, { name: 'plug' }),
    ...intercepting.map(([address, made]) => listener(address, made, { name: made.name })),
  ],
});
