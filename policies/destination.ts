// A forced server: whatever the clients of the intranet ask for at 10.0.0.1, they talk to the one server in the DMZ.

import { definePolicy, directedRouter, httpProxy, listener, service, zone } from 'zorp';

const intranetServer = service('intranet-server', {
  proxy: httpProxy({ mode: 'transparent', permitProxyRequests: true, rewriteHostHeader: false }),
  router: directedRouter({ destination: '10.99.0.80:80' }),
  limitTargetZonesTo: () => [dmz],
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [intranetServer] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'], inboundServices: [intranetServer] });

export default definePolicy({
  zones: [intranet, dmz],
  listeners: [listener('10.0.0.1:80', intranetServer)],
});
