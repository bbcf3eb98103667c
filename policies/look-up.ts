// Questions about people and domains: finger and whois, for the intranet. One finger server in the DMZ; at 10.1.0.1 the
// question itself names the server, as in `finger root@shell.example@10.1.0.1`.

import {
  accept,
  acceptAs,
  definePolicy,
  directedRouter,
  fingerProxy,
  inbandRouter,
  listener,
  reject,
  service,
  whoisProxy,
  zone,
} from 'zorp';

const people = service('people', {
  proxy: fingerProxy({
    maxUsernameLength: 16,
    // Who is logged in is nobody's business, and neither are plans and projects.
    fingerRequest: (request) =>
      request.username === ''
        ? reject('Ask for a user, not for a list')
        : acceptAs({ ...request, isDetailed: false }),
  }),
  router: directedRouter({ destination: '10.99.0.79:79' }),
});

const peopleAnywhere = service('people-anywhere', {
  proxy: fingerProxy({ maxLineLength: 512 }),
  router: inbandRouter(),
});

const domains = service('domains', {
  proxy: whoisProxy({
    maxLineLength: 1024,
    responseFooter: '% asked through the firewall',
    whoisRequest: ({ query }) =>
      query.endsWith('.internal') ? reject('Names of the intranet stay here') : accept(),
  }),
  router: directedRouter({ destination: '203.0.113.43:43' }),
});

const intranet = zone('intranet', {
  subnets: ['10.0.0.0/8'],
  outboundServices: [people, peopleAnywhere, domains],
});
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [people, peopleAnywhere] });
const internet = zone('internet', { subnets: ['0.0.0.0/0'], inboundServices: [domains] });

export default definePolicy({
  zones: [intranet, dmz, internet],
  listeners: [
    listener('10.0.0.1:79', people),
    listener('10.1.0.1:79', peopleAnywhere),
    listener('10.0.0.1:43', domains),
  ],
});
