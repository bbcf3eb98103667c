// A firewall that mostly forwards: the kernel carries what nobody has to read, with other addresses where the networks
// need them, and turns the rest away in the way that fits each client. One service is read by a proxy all the same.

import {
  definePolicy,
  denyService,
  directedRouter,
  generalNat,
  httpProxy,
  pfService,
  rule,
  service,
  transparentRouter,
  zone,
} from 'zorp';

const web = service('web', {
  proxy: httpProxy(),
  router: transparentRouter({ forgeAddress: true }),
});

// One address of the firewall stands for the backup server; each client has an address of its own there.
const backup = pfService('backup', {
  router: directedRouter({ destination: '10.92.0.2:873' }),
  snat: generalNat({ mapping: { from: '10.91.0.0/24', translated: '10.93.0.0/24' } }),
});
// The servers have public addresses, and clients keep theirs.
const logs = pfService('logs', {
  router: transparentRouter({ forgeAddress: true }),
  dnat: generalNat({ mapping: { to: '203.0.113.0/28', translated: '10.92.0.0/28' } }),
});

const silent = denyService('silent'); // scanners learn nothing
const reset = denyService('reset', { reply: 'tcp-reset' }); // old clients try the next port at once
const told = denyService('told', {
  ipv4Reply: 'icmp-admin-prohibited',
  ipv6Reply: 'icmp-admin-prohibited',
});

const clients = zone('clients', { subnets: ['10.91.0.0/24', 'fd91::/64'] });
const servers = zone('servers', { subnets: ['10.92.0.0/24', '203.0.113.0/28', 'fd92::/64'] });

export default definePolicy({
  zones: [clients, servers],
  rules: [
    rule({ name: 'web', from: clients, to: servers, protocols: 'tcp', ports: 80, service: web }),
    rule({
      name: 'backup',
      from: clients,
      destinationSubnets: '10.91.0.1',
      protocols: 'tcp',
      ports: 873,
      service: backup,
    }),
    rule({
      name: 'logs',
      from: clients,
      destinationSubnets: '203.0.113.0/28',
      protocols: 'udp',
      ports: 514,
      service: logs,
    }),
    rule({ name: 'old', from: clients, protocols: 'tcp', ports: [21, 23], service: reset }),
    rule({ name: 'strange', from: clients, to: servers, ports: '1-19', service: silent }),
    rule({ name: 'rest', from: clients, to: servers, service: told }),
  ],
});
