// TLS servers behind one address, told apart by the name that the client asks for: nothing is decrypted, and what asks for
// another name, for none, or does not speak TLS is refused.

import {
  definePolicy,
  denyService,
  directedRouter,
  domainMatcher,
  plugProxy,
  rule,
  ruleListener,
  service,
  sniDetector,
  zone,
} from 'zorp';

const untouched = plugProxy({ timeoutMs: 600_000 });
const shop = service('shop', {
  proxy: untouched,
  router: directedRouter({ destination: '10.99.0.81:443' }),
});
const web = service('web', {
  proxy: untouched,
  router: directedRouter({ destination: '10.99.0.80:443' }),
});
const nothingElse = denyService('nothing-else', { reply: 'tcp-reset' });

const office = zone('office', { subnets: ['10.1.0.0/16'] });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'] });

export default definePolicy({
  zones: [office, dmz],
  rules: [
    rule({
      from: office,
      ports: 443,
      detect: [
        {
          detector: sniDetector({ serverName: domainMatcher({ domains: ['shop.example'] }) }),
          service: shop,
        },
        {
          detector: sniDetector({ serverName: domainMatcher({ domains: ['www.example'] }) }),
          service: web,
        },
      ],
      service: nothingElse,
    }),
  ],
  listeners: [ruleListener('10.99.0.1:443', { name: 'secure' })],
});
