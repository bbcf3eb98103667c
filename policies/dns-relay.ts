// DNS through the firewall: clients ask the firewall itself, and it asks the resolver of the DMZ. Questions are datagrams;
// answers that are too long for one are asked for again over TCP, at the same address.

import {
  definePolicy,
  denyService,
  directedRouter,
  listener,
  plugProxy,
  service,
  zone,
  zoneReceiver,
} from 'zorp';

const router = directedRouter({ destination: '10.99.0.53:53' });

const questions = service('questions', {
  // A question has its answer at once, or never: what waits longer only keeps others out.
  proxy: plugProxy({ timeoutMs: 3_000 }),
  router,
});

const longAnswers = service('long-answers', {
  proxy: plugProxy({ timeoutMs: 10_000 }),
  router,
  limits: { maxInstances: 100 },
});

// Guests have a resolver of their own.
const noNames = denyService('no-names', { logging: false });

const both = [questions, longAnswers];
const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: both });
const guests = zone('guests', { subnets: ['10.1.200.0/24'], parent: intranet });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: both });

export default definePolicy({
  zones: [intranet, guests, dmz],
  listeners: [
    zoneReceiver('10.0.0.1:53', {
      name: 'dns',
      maxSessions: 10_000,
      services: [
        { from: guests, service: noNames },
        { from: '*', service: questions },
      ],
    }),
    listener('10.0.0.1:53', longAnswers, { name: 'dns-tcp' }),
  ],
});
