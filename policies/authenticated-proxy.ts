// Surfing for those who are known: staff of the intranet surf through 10.0.0.1:3128 at any time, pupils during lessons.
// Browsers ask for name and password; programs that speak SOCKS 5 say them at the same port. `htpasswd -B lists/users.htpasswd alice` adds a user or changes a password; within a
// few seconds that counts, without a reload. The passwords here are "wonderland" (alice), "builder" (bob).

import {
  definePolicy,
  htpasswdProvider,
  httpProxy,
  inbandAuthentication,
  inbandRouter,
  listener,
  permitAll,
  permitAny,
  permitGroup,
  permitTime,
  plugProxy,
  service,
  zone,
} from 'zorp';

const tunnel = service('tunnel', { proxy: plugProxy() });

const lessons = permitTime([
  { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', until: '16:00' },
]);

const web = service('web', {
  proxy: httpProxy({
    mode: 'explicit',
    connect: tunnel,
    socks: true,
    authentication: { realm: 'School proxy' },
  }),
  router: inbandRouter(),
  authentication: inbandAuthentication({
    provider: htpasswdProvider({ file: 'lists/users.htpasswd', groupFile: 'lists/user-groups' }),
    cache: { by: 'client', lifetimeMs: 300_000 },
    limits: { maxAttempts: 3, maxFailures: 10 },
  }),
  authorization: permitAny([permitGroup('staff'), permitAll([permitGroup('pupils'), lessons])]),
});

const everything = [web, tunnel];
const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: everything });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: everything });

export default definePolicy({
  zones: [intranet, internet],
  listeners: [listener('10.0.0.1:3128', web)],
});
