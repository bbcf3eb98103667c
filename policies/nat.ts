// Servers behind other addresses: the world knows the web servers of the DMZ by public addresses, and what the DMZ sends
// comes from a public address, too.

import {
  definePolicy,
  directedRouter,
  generalNat,
  hashNat,
  httpProxy,
  listener,
  plugProxy,
  service,
  staticNat,
  zone,
} from 'zorp';

// 203.0.113.16 is 10.99.0.80, 203.0.113.17 is 10.99.0.81, and so on. Zones and lists see the addresses in the DMZ.
const sites = service('sites', {
  proxy: httpProxy(),
  dnat: generalNat({ mapping: { to: '203.0.113.16/28', translated: '10.99.0.80/28' } }),
});

// A server that has IPv6 only, for clients that have IPv4 only.
const modern = service('modern', {
  proxy: httpProxy(),
  dnat: staticNat({ address: '[2001:db8::10]:80' }),
});

// Each machine that may send mail has a public address of its own; who is not in the table sends none.
const mail = service('mail', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '203.0.113.7:25' }),
  snat: hashNat({ mapping: { '10.99.0.9': '203.0.113.16' } }),
});

const dmz = zone('dmz', {
  subnets: ['10.99.0.0/16', '2001:db8::/64'],
  inboundServices: [sites, modern],
  outboundServices: [mail],
});
const internet = zone('internet', {
  subnets: ['0.0.0.0/0', '::/0'],
  inboundServices: [mail],
  outboundServices: [sites, modern],
});

export default definePolicy({
  zones: [dmz, internet],
  listeners: [
    listener(['203.0.113.16:80', '203.0.113.17:80'], sites, { name: 'sites' }),
    listener('203.0.113.20:80', modern),
    listener('10.99.0.1:25', mail),
  ],
});
