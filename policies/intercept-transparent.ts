// HTTPS of an office on its way to the internet, looked into at the firewall between them: nobody configures a proxy, the
// computers of the office only trust our authority. The ClientHello decides, before anything is decrypted: names of one list
// are refused, those of another pass as they are, the rest is intercepted. Guests do not know our authority: theirs is
// let through as it is, but for the names that nobody gets. Both lists may change while Zorp runs.
//
//   zorp ca init --dir policies/ca
//   zorp ca export --dir policies/ca --out authority-for-clients.pem
//   zorp nft commit policies/intercept-transparent.ts --confirm 60
//   zorp run policies/intercept-transparent.ts

import {
  accept,
  definePolicy,
  denyService,
  domainMatcher,
  dynamicCertificate,
  httpProxy,
  plugProxy,
  reject,
  rule,
  service,
  sniDetector,
  tlsDetector,
  transparentRouter,
  twoSidedEncryption,
  zone,
} from 'zorp';

const gambling = sniDetector({ serverName: domainMatcher({ file: 'lists/gambling-hosts.txt' }) });
const confidential = sniDetector({
  serverName: domainMatcher({ file: 'lists/confidential-hosts.txt' }),
});

const router = transparentRouter({ forgeAddress: true });

// Intercepted: forms go out, files do not. Servers are held to `authorities`; without that line, to those of the system.
const pages = service('pages', {
  proxy: httpProxy({
    defaultPort: 443,
    request: { GET: accept(), HEAD: accept(), POST: accept(), PUT: reject('Nothing is uploaded') },
  }),
  router,
  encryption: twoSidedEncryption({
    clientCertificate: dynamicCertificate({
      authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' },
      untrustedAuthority: { certificate: 'ca/untrusted.pem', privateKey: 'ca/untrusted.key' },
    }),
    serverVerify: { authorities: 'certificates/authority.pem' },
  }),
});

// Spliced: the server's own certificate is what the client sees.
const untouched = service('untouched', { proxy: plugProxy({ timeoutMs: 600_000 }), router });

// Refused, as everything that is no TLS.
const nothing = denyService('nothing', { reply: 'tcp-reset' });

const office = zone('office', { subnets: ['10.91.0.0/26', 'fd91::/65'] });
const guests = zone('guests', { subnets: ['10.91.0.64/26', 'fd91:0:0:0:8000::/65'] });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'] });
const secure = { to: internet, protocols: 'tcp', ports: 443, service: nothing } as const;

export default definePolicy({
  zones: [office, guests, internet],
  rules: [
    rule({
      ...secure,
      name: 'office',
      from: office,
      detect: [
        { detector: gambling, service: nothing },
        { detector: confidential, service: untouched },
        { detector: tlsDetector(), service: pages },
      ],
    }),
    rule({
      ...secure,
      name: 'guests',
      from: guests,
      detect: [
        { detector: gambling, service: nothing },
        { detector: tlsDetector(), service: untouched },
      ],
    }),
    // HTTP/3 is UDP, and stays here, too: browsers go on with TCP.
    rule({ name: 'nothing else', from: [office, guests], to: internet, service: nothing }),
  ],
});
