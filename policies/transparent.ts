// The simplest transparent firewall: it stands between an office and the internet, and nobody on either side configures
// anything. The rules are all there is; the packet filter of `zorp nft` brings to Zorp what they give to a proxy, and
// servers see the address of the client. Everything else is turned away by the last rule: what no rule
// matches would be left to the rest of the packet filter, which lets a router forward it.
//
//   zorp nft commit policies/transparent.ts --confirm 60
//   zorp run policies/transparent.ts

import {
  accept,
  definePolicy,
  denyService,
  httpProxy,
  plugProxy,
  rule,
  service,
  transparentRouter,
  zone,
} from 'zorp';

const asTheClient = transparentRouter({ forgeAddress: true });
const web = service('web', {
  proxy: httpProxy({ request: { GET: accept(), HEAD: accept(), POST: accept() } }),
  router: asTheClient,
});
const mail = service('mail', { proxy: plugProxy(), router: asTheClient });

const nothingElse = denyService('nothing-else', { reply: 'tcp-reset' });

const office = zone('office', { subnets: ['10.91.0.0/24', 'fd91::/64'] });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'] });

export default definePolicy({
  zones: [office, internet],
  rules: [
    rule({ name: 'web', from: office, to: internet, protocols: 'tcp', ports: 80, service: web }),
    rule({ name: 'mail', from: office, to: internet, protocols: 'tcp', ports: 25, service: mail }),
    rule({ name: 'nothing else', from: office, to: internet, service: nothingElse }),
  ],
});
