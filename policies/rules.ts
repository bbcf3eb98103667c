// Who gets which service is said in rules: of all that match a connection, the most specific wins. The office may use the
// web server, guests may only read it, the administrator's machine also reaches the server's own port, and one machine
// that was broken into is kept out. Zones need no lists here: a rule says itself for whom it is.

import {
  accept,
  definePolicy,
  denyService,
  directedRouter,
  httpProxy,
  plugProxy,
  rule,
  ruleListener,
  service,
  zone,
} from 'zorp';

const toWebServer = directedRouter({ destination: '10.99.0.80:80' });
const web = service('web', { proxy: httpProxy(), router: toWebServer });
const readOnly = service('read-only', {
  proxy: httpProxy({ request: { GET: accept(), HEAD: accept() } }),
  router: toWebServer,
});
const maintenance = service('maintenance', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '10.99.0.25:25' }),
});
const quarantine = denyService('quarantine', { reply: 'tcp-reset' });

const office = zone('office', { subnets: ['10.1.0.0/16'] });
const guests = zone('guests', { subnets: ['10.1.200.0/24'], parent: office });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'] });

export default definePolicy({
  zones: [office, guests, dmz],
  rules: [
    rule({ name: 'office', from: office, to: dmz, ports: 80, service: web }),
    // A rule for a zone is also for those below it, but one for the zone itself is more specific.
    rule({ name: 'guests', from: guests, to: dmz, ports: 80, service: readOnly }),
    // A subnet is more specific than any zone.
    rule({
      name: 'administrator',
      sourceSubnets: '10.1.0.6',
      to: dmz,
      ports: '8000-8099',
      service: maintenance,
    }),
    rule({ name: 'broken into', sourceSubnets: '10.1.0.13', ports: 80, service: quarantine }),
  ],
  listeners: [
    ruleListener(['10.99.0.1:80', '10.1.0.1:80'], { name: 'pages' }),
    ruleListener('10.99.0.1:8080', { name: 'maintenance' }),
  ],
});
