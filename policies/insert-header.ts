// The address of the client in a header, for a server that must know it. What the client itself wrote there is removed,
// so that it cannot lie.

import {
  definePolicy,
  directedRouter,
  drop,
  httpProxy,
  listener,
  replace,
  service,
  zone,
} from 'zorp';

const application = service('application', {
  proxy: httpProxy({
    requestHeader: {
      'X-Forwarded-For': replace((session) => session.clientAddress.address.toString()),
      'X-Real-IP': drop(),
    },
    responseHeader: { Server: drop() },
  }),
  router: directedRouter({ destination: '10.99.0.80:80' }),
});

const internet = zone('internet', { subnets: ['0.0.0.0/0'], outboundServices: [application] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [application] });

export default definePolicy({
  zones: [internet, dmz],
  listeners: [listener('192.0.2.1:80', application)],
});
