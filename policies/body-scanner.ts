// A scanner behind the proxy: what the intranet uploads and downloads goes through a program, decoded, before the other side
// sees a byte of it. This one looks for the test string of EICAR; one that asks a real scanner looks the same from here.

import {
  accept,
  definePolicy,
  httpProxy,
  inbandRouter,
  listener,
  program,
  service,
  zone,
} from 'zorp';

const scanner = program('scanner', {
  command: [`${import.meta.dirname}/programs/eicar-scanner.sh`],
  idleTimeoutMs: 60_000,
  maxInstances: 200,
});

const web = service('web', {
  router: inbandRouter(),
  proxy: httpProxy({
    mode: 'explicit',
    request: { GET: accept(), HEAD: accept(), POST: accept(), PUT: accept() },
    requestStack: { '*': { data: scanner } },
    responseStack: { '*': { data: scanner } },
    maxBodyLength: 100_000_000,
    maxDecodedBytes: 100_000_000,
  }),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: [web] });

export default definePolicy({
  zones: [intranet, internet],
  listeners: [listener('10.0.0.1:8080', web)],
});
