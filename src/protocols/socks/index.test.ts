import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TUNNEL } from '../../../test/support/socks-dialogue.ts';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { socksProxy } from './index.ts';

it('socksProxy() says what it stacks and does', () => {
  const proxy = socksProxy({ connect: TUNNEL, targetPorts: [22, 443] });
  assert.deepEqual([proxy.name, proxy.tellsRefusals, proxy.stacks], ['socks', true, [TUNNEL]]);
  assert.equal(proxy.explain(), 'SOCKS: ports 22,443 accept, to tunnel');
  const urlFilter = { permitHosts: (host: string) => host === 'a.example' };
  const asking = socksProxy({ connect: TUNNEL, request: () => accept(), urlFilter });
  assert.match(asking.explain(), /^SOCKS: ports 80,443 by a function, to tunnel; a host that/);
  assert.equal(proxy.authentication, 'possible');
  assert.deepEqual(faultsOf(proxy), []);
});
