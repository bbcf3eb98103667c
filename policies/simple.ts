// Outbound HTTP for one zone: the intranet may fetch and post through the proxy at 10.0.0.1, nobody else may, and nothing
// comes in.

import {
  accept,
  definePolicy,
  httpProxy,
  inbandRouter,
  listener,
  reject,
  service,
  zone,
} from 'zorp';

const web = service('web', {
  proxy: httpProxy({
    mode: 'explicit',
    request: {
      GET: accept(),
      HEAD: accept(),
      POST: (request) =>
        request.url.host === 'forms.example' ? accept() : reject('No posting from the intranet'),
    },
  }),
  router: inbandRouter(),
});

const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: [web] });

export default definePolicy({
  zones: [intranet, internet],
  listeners: [listener('10.0.0.1:3128', web)],
});
