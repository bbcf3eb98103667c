// An external program looks at what passes: the orders of the branch offices go through a shell script, which cuts a
// connection off at a forbidden word. Other programs may do the same in any language.

import { definePolicy, directedRouter, listener, plugProxy, program, service, zone } from 'zorp';

const filter = program('line-filter', {
  command: [`${import.meta.dirname}/programs/line-filter.sh`],
  environment: { FORBIDDEN: 'secret' },
  timeoutMs: 3_600_000,
  idleTimeoutMs: 600_000,
  maxInstances: 100,
});

const orders = service('orders', {
  proxy: plugProxy({ stack: filter }),
  router: directedRouter({ destination: '10.99.0.54:5432' }),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [orders] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [orders] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:5432', orders)],
});
