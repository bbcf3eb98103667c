// Three zones, and a listener that picks the service by the pair of zones: that of the client, and that of the address
// that it connected to. Guests belong to the office in the administrative tree, but may do less.

import {
  accept,
  csZoneListener,
  definePolicy,
  denyService,
  directedRouter,
  httpProxy,
  plugProxy,
  service,
  zone,
  zoneListener,
} from 'zorp';

const toWebServer = directedRouter({ destination: '10.99.0.80:80' });
const web = service('web', { proxy: httpProxy(), router: toWebServer });
const readOnly = service('read-only', {
  proxy: httpProxy({ request: { GET: accept(), HEAD: accept() } }),
  router: toWebServer,
});
const mail = service('mail', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '10.99.0.25:25' }),
});
const nothing = denyService('nothing', { reply: 'tcp-reset' });

const office = zone('office', { subnets: ['10.1.0.0/16'], outboundServices: [web, mail] });
const guests = zone('guests', {
  subnets: ['10.1.200.0/24'],
  parent: office,
  outboundServices: [readOnly],
});
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [web, readOnly, mail] });

export default definePolicy({
  zones: [office, guests, dmz],
  listeners: [
    csZoneListener(['10.99.0.1:80', '10.1.0.1:80'], {
      name: 'web-by-zones',
      followParent: true,
      services: [
        { from: guests, to: dmz, service: readOnly },
        { from: office, to: dmz, service: web },
        { from: '*', to: '*', service: nothing },
      ],
    }),
    zoneListener('10.99.0.1:25', {
      name: 'mail-by-zone',
      followParent: true,
      services: [
        { from: office, service: mail },
        { from: '*', service: nothing },
      ],
    }),
  ],
});
