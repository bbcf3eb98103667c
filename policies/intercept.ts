// The proxy of an office that looks into HTTPS: what browsers send through its tunnels is decrypted, decided about as any
// other request, and encrypted again. Clients see certificates of the authority in the folder "ca" beside this file, which
// `zorp ca init --dir ca` makes and `zorp ca export --dir ca` exports for them. Servers are checked against the authorities
// in certificates/authority.pem, which you put there: a copy of /etc/ssl/certs/ca-certificates.crt for the public ones. The
// bank is left alone.

import {
  accept,
  definePolicy,
  domainMatcher,
  dynamicCertificate,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  reject,
  service,
  sniDetector,
  tlsDetector,
  twoSidedEncryption,
  zone,
} from 'zorp';
import type { ConnectFunction } from 'zorp';

// Pages are read only, whoever serves them, and only servers that an authority of ours vouches for are reached. Clients
// that go to another one see the page that says so, behind a warning of their browser.
const pages = service('pages', {
  proxy: httpProxy({
    defaultPort: 443,
    request: { GET: accept(), HEAD: accept(), '*': reject('Pages are for reading only') },
  }),
  encryption: twoSidedEncryption({
    clientCertificate: dynamicCertificate({
      authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' },
      untrustedAuthority: { certificate: 'ca/untrusted.pem', privateKey: 'ca/untrusted.key' },
    }),
    serverVerify: { authorities: 'certificates/authority.pem' },
  }),
});

// What must not be looked into passes as it is.
const untouched = service('untouched', { proxy: plugProxy({ timeoutMs: 600_000 }) });
const bank = domainMatcher({ domains: ['bank.example'] });

// A client can write any name into its hello: only tunnels that lead to the bank, too, are left alone.
const chooseContents: ConnectFunction = ({ host }) => {
  const intercepted = { detector: tlsDetector(), service: pages };
  if (!bank.matches(host)) return { detect: [intercepted] };
  const left = { detector: sniDetector({ serverName: bank }), service: untouched };
  return { detect: [left, intercepted] };
};

const gateway = service('gateway', {
  router: inbandRouter(),
  proxy: httpProxy({
    mode: 'explicit',
    targetPorts: [443],
    connect: chooseContents,
    stacks: [pages, untouched],
  }),
});

const office = zone('office', {
  subnets: ['10.1.0.0/16'],
  outboundServices: [gateway, pages, untouched],
});
const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [gateway, pages, untouched],
});

export default definePolicy({
  zones: [office, internet],
  listeners: [listener('10.1.0.1:3128', gateway, { name: 'gateway' })],
});
