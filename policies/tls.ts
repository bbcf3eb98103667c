// TLS in front of a server that speaks none, and TLS towards a server that asks who we are. Clients in the office see the
// certificates of our own authority; one service wants to see theirs, too. The folder "certificates" is beside this file.

import {
  clientOnlyEncryption,
  definePolicy,
  directedRouter,
  domainMatcher,
  httpProxy,
  listener,
  serverOnlyEncryption,
  service,
  sniCertificates,
  staticCertificate,
  twoSidedEncryption,
  zone,
} from 'zorp';

const authority = 'certificates/authority.pem';
const www = staticCertificate({
  certificate: 'certificates/www.example.pem',
  privateKey: 'certificates/www.example.key',
});
const shop = staticCertificate({
  certificate: 'certificates/shop.example.pem',
  privateKey: 'certificates/shop.example.key',
});
const own = staticCertificate({
  certificate: 'certificates/firewall.example.pem',
  privateKey: 'certificates/firewall.example.key',
});

// The servers behind this one speak plain HTTP. Who asks for another name sees no certificate.
const offload = service('offload', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '10.99.0.80:80' }),
  encryption: clientOnlyEncryption({
    clientCertificate: sniCertificates({
      certificates: [
        { serverName: domainMatcher({ domains: ['shop.example'] }), certificate: shop },
        { serverName: domainMatcher({ domains: ['www.example'] }), certificate: www },
      ],
    }),
  }),
});

// Programs in the office speak plain HTTP to us; the server of the partner sees our certificate.
const partner = service('partner', {
  proxy: httpProxy(),
  router: directedRouter({ destination: '203.0.113.20:443' }),
  encryption: serverOnlyEncryption({
    serverName: 'partner.example',
    serverCertificate: own,
    serverVerify: { authorities: authority },
  }),
});

// Only clients with a certificate of our authority come to this one, and it is reached by TLS, too.
const staff = service('staff', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '203.0.113.20:443' }),
  encryption: twoSidedEncryption({
    clientCertificate: www,
    clientVerify: { authorities: authority },
    serverName: 'partner.example',
    serverCertificate: own,
    serverVerify: { authorities: authority },
  }),
});

const office = zone('office', {
  subnets: ['10.1.0.0/16'],
  outboundServices: [offload, partner, staff],
});
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [offload] });
const partners = zone('partners', {
  subnets: ['203.0.113.0/24'],
  inboundServices: [partner, staff],
});

export default definePolicy({
  zones: [office, dmz, partners],
  listeners: [
    listener('10.99.0.1:443', offload),
    listener('10.1.0.1:8080', partner),
    listener('10.1.0.1:443', staff),
  ],
});
