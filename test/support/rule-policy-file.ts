// A policy file with rules for the tests of `zorp explain`: several servers, detectors, interfaces, and NAT by chance.

/** The text of the policy. Its listeners are `door` and `side`, which ask the rules, and `plain`, which does not. */
export const RULE_POLICY = `import {
  definePolicy, denyService, directedRouter, dnsResolver, failoverChainer, httpDetector, httpProxy, inbandRouter, listener, plugProxy,
  randomNat, rule, ruleListener, service, transparentRouter, zone,
} from 'zorp';

const proxy = plugProxy();
const through = service('through', { proxy, router: transparentRouter() });
const many = service('many', {
  proxy,
  router: directedRouter({ destination: ['192.0.2.80:80', '192.0.2.81:80', '10.0.0.5:80'] }),
  chainer: failoverChainer(),
});
const drawn = service('drawn', {
  proxy,
  router: directedRouter({ destination: '192.0.2.80:80' }),
  snat: randomNat({ addresses: ['192.0.2.1:0', '192.0.2.2:0'], sticky: false }),
});
const resolver = dnsResolver({ multi: true });
const explicit = httpProxy({ mode: 'explicit' });
const web = service('web', {
  proxy: explicit, router: inbandRouter(), chainer: failoverChainer(), resolver,
  destinationGuard: { permit: () => [inside] },
});
const no = denyService('no');

const inside = zone('inside', { subnets: ['10.0.0.0/8'], inboundServices: [through] });
const office = zone('office', { subnets: ['10.1.0.0/16'], parent: inside });
const servers = zone('servers', { subnets: ['192.0.2.0/24'], inboundServices: ['*'] });
const detect = [{ detector: httpDetector(), service: web }];

export default definePolicy({
  zones: [inside, office, servers],
  rules: [
    rule({ name: 'all', service: through }),
    rule({ name: 'to many', from: office, ports: 81, service: many }),
    rule({ name: 'detecting', from: office, ports: 82, detect, service: through }),
    rule({ name: 'by chance', from: office, ports: 83, service: drawn }),
    rule({ name: 'explicit', from: office, ports: 8080, detect, service: no }),
    rule({ name: 'ping', protocols: 'icmp', icmpTypes: 8, icmpCodes: 0, service: no }),
    rule({ name: 'names', protocols: 'udp', ports: 53, sourcePorts: 53, service: no }),
    rule({ name: 'group', interfaceGroups: 7, ports: 99, service: no }),
    rule({ name: 'own', interfaces: 'eth7', destinationInterfaces: 'eth7', ports: 98, service: no }),
    rule({ name: 'tunnel', requestIds: 4_294_967_295, ports: 97, service: no }),
  ],
  listeners: [
    ruleListener('192.0.2.1:8080', { name: 'door' }),
    ruleListener('192.0.2.1:84', { name: 'side', interface: { name: 'eth9', group: 7 } }),
    listener('192.0.2.1:1', through, { name: 'plain' }),
  ],
});
`;
