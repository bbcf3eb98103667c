// Two proxies side by side: a plug watches how much a connection fetches, and the one beside it lets a program mask card
// numbers. Each does one thing; the server is decided on once, for both.

import {
  abort,
  accept,
  definePolicy,
  directedRouter,
  failoverChainer,
  listener,
  plugProxy,
  program,
  service,
  sideStackChainer,
  zone,
} from 'zorp';

// What goes to the server passes sed, which writes at each line (-u); the way back is open beside it.
const MASK = 's/[0-9]{16}/################/g';
const masking = program('masking', {
  command: ['/bin/sh', '-c', 'exec 4<&0; cat <&1 >&4 4<&- & exec sed -u -E "$0" 4<&-', MASK],
});

const archive = service('archive', {
  proxy: plugProxy({
    statistics: {
      everyMs: 10_000,
      check: ({ fromServer }) => (fromServer < 1e9 ? accept() : abort('Too much data')),
    },
  }),
  router: directedRouter({ destination: ['10.99.0.54:5432', '10.99.0.55:5432'] }),
  chainer: sideStackChainer({
    proxy: plugProxy({ stack: masking }),
    chainer: failoverChainer({ timeoutConnectMs: 5_000 }),
  }),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [archive] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [archive] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:5433', archive)],
});
