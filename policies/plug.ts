// A plug: bytes between the intranet and one server, unseen. One-way for the loggers, which only ever send.

import {
  accept,
  abort,
  definePolicy,
  directedRouter,
  listener,
  plugProxy,
  service,
  zone,
} from 'zorp';

const database = service('database', {
  proxy: plugProxy({
    timeoutMs: 600_000,
    shutdownSoft: true,
    // A client that has fetched a gigabyte is not asking a question any more.
    statistics: {
      everyMs: 10_000,
      check: (statistics) =>
        statistics.fromServer < 1_073_741_824 ? accept() : abort('Too much data'),
    },
  }),
  router: directedRouter({ destination: '10.99.0.54:5432' }),
  limits: { maxInstances: 50 },
  keepalive: 'both',
});

const logs = service('logs', {
  proxy: plugProxy({ copyToClient: false }),
  router: directedRouter({ destination: '10.99.0.55:6514' }),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [database, logs] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [database, logs] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:5432', database), listener('10.0.0.1:6514', logs)],
});
