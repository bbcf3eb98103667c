import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { explainListener } from './explain-listener.ts';
import { csZoneListener, listener, zoneListener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { bindHidden, ruleListener } from './rule-listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const intranet = zone('intranet', { subnets: [] });
const dmz = zone('dmz', { subnets: [] });

describe('explainListener()', () => {
  const explained: [Listener, string][] = [
    [listener(['127.0.0.1:80', '[::1]:80'], web), 'listens on 127.0.0.1:80, [::1]:80; starts web'],
    [
      zoneListener('127.0.0.1:80', {
        services: [{ from: intranet, service: web }],
        followParent: true,
      }),
      'listens on 127.0.0.1:80; starts web for intranet to * (and zones below)',
    ],
    [
      csZoneListener('127.0.0.1:80', { services: [{ from: '*', to: dmz, service: web }] }),
      'listens on 127.0.0.1:80; starts web for * to dmz',
    ],
    [
      ruleListener('127.0.0.1:80', { interface: { name: 'eth0' } }),
      'listens on 127.0.0.1:80, by interface eth0; asks the rules',
    ],
    [
      bindHidden(ruleListener(), 50_080),
      'listens on 127.0.0.1:50080, [::1]:50080, hidden, for all that the packet filter brings; asks the rules',
    ],
    [
      listener('0.0.0.0:81', web, { transparent: true, divertedBy: 'redirect' }),
      'listens on 0.0.0.0:81, transparent by redirect; starts web',
    ],
    [
      listener('127.0.0.1:81', web, { transparent: true, redirectPorts: [80, '8000-8099'] }),
      'listens on 127.0.0.1:81, transparent for port 80,8000-8099; starts web',
    ],
  ];
  for (const [made, text] of explained)
    it(`says "${text}"`, () => assert.equal(explainListener(made), text));
});
