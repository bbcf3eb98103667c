// One port for two protocols: what the client says first tells whether it gets the web server or the SSH server. Where the
// client waits for its server to speak, the greeting of the SSH server tells.

import {
  definePolicy,
  denyService,
  directedRouter,
  httpDetector,
  httpProxy,
  plugProxy,
  rule,
  ruleListener,
  service,
  sshDetector,
  zone,
} from 'zorp';

const web = service('web', {
  proxy: httpProxy(),
  router: directedRouter({ destination: '10.99.0.80:80' }),
});
const shell = service('shell', {
  proxy: plugProxy({ timeoutMs: 3_600_000 }),
  router: directedRouter({ destination: '10.99.0.22:22' }),
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
        { detector: httpDetector(), service: web },
        { detector: sshDetector(), service: shell },
      ],
      service: nothingElse,
    }),
  ],
  listeners: [ruleListener('10.99.0.1:443', { name: 'any-protocol' })],
});
