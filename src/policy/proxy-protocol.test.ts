// Who may speak for others: the zones and subnets that a listener names, and nobody by default.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { faultLines, idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { explainListener } from './explain-listener.ts';
import { listener } from './listener.ts';
import { beginsWithHeader } from './proxy-protocol.ts';
import { receiver } from './receiver.ts';
import { ruleListener } from './rule-listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const names = service('names', { proxy: { ...idleProxy(), takesDatagrams: true } });
const edge = zone('edge', { subnets: ['10.9.0.0/16'] });
const balancers = zone('balancers', { subnets: ['10.9.9.0/24'], parent: edge });

describe('proxyProtocol of a listener', () => {
  it('is not there by default', () => {
    for (const made of [
      listener('127.0.0.1:80', web),
      receiver('127.0.0.1:53', names),
      ruleListener(),
    ])
      assert.equal(made.proxyProtocol, undefined);
  });

  it('names the peers that begin with a header, by zones that they are in or below, and subnets', () => {
    const from = [edge, '2001:db8::/64', '192.0.2.7'];
    const { proxyProtocol } = listener('127.0.0.1:80', web, { proxyProtocol: { from } });
    assert.ok(proxyProtocol !== undefined);
    assert.deepEqual([proxyProtocol.others, proxyProtocol.timeoutMs], ['refuse', 5_000]);
    const begins = (text: string, itsZone?: typeof edge): boolean =>
      beginsWithHeader(proxyProtocol, IpAddress.parse(text), itsZone);
    assert.deepEqual(
      [begins('10.9.1.1', edge), begins('10.9.9.1', balancers), begins('2001:db8::5')],
      [true, true, true],
    );
    assert.deepEqual(
      [begins('192.0.2.7'), begins('192.0.2.8'), begins('10.9.1.1')],
      [true, false, false],
    );
    const narrow = listener('127.0.0.1:80', web, { proxyProtocol: { from: balancers } });
    assert.ok(narrow.proxyProtocol !== undefined);
    assert.equal(beginsWithHeader(narrow.proxyProtocol, IpAddress.parse('10.9.1.1'), edge), false);
  });

  it('is told in English', () => {
    const strict = { from: [balancers, '192.0.2.7'] } as const;
    const where = 'listens on 127.0.0.1:80; with PROXY headers from balancers, 192.0.2.7/32';
    assert.equal(
      explainListener(listener('127.0.0.1:80', web, { proxyProtocol: strict })),
      `${where}, and nobody else; starts web`,
    );
    const open = { ...strict, others: 'plain' } as const;
    assert.equal(
      explainListener(listener('127.0.0.1:80', web, { proxyProtocol: open })),
      `${where}; starts web`,
    );
  });

  const faults: [options: object, path: string, cure: RegExp][] = [
    [{}, 'proxyProtocol.from', /zones or subnets/],
    [{ from: [] }, 'proxyProtocol.from', /zones or subnets/],
    [{ from: ['10.0.0.300'] }, 'proxyProtocol.from[0]', /zones or subnets/],
    [{ from: '10.0.0.5', others: 'all' }, 'proxyProtocol.others', /"refuse" or "plain"/],
    [{ from: '10.0.0.5', timeoutMs: 0 }, 'proxyProtocol.timeoutMs', /at least 1/],
    [{ from: '10.0.0.5', version: 2 }, 'proxyProtocol.version', /no such option/],
  ];
  for (const [proxyProtocol, path, cure] of faults)
    it(`remembers the fault of ${JSON.stringify(proxyProtocol)}`, () => {
      const fault = onlyFault(listener('127.0.0.1:80', web, wrong({ proxyProtocol })), 'listener(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });

  it('needs its zones in the policy', () => {
    const made = listener('127.0.0.1:80', web, {
      name: 'door',
      proxyProtocol: { from: ['10.0.0.5', edge] },
    });
    assert.deepEqual(faultLines({ zones: [], listeners: [made] }), [
      'listener "door" proxyProtocol.from[1] "edge"',
    ]);
  });

  it('is nothing for datagrams', () => {
    const options = wrong({ proxyProtocol: { from: '10.0.0.5' } });
    const fault = onlyFault(receiver('127.0.0.1:53', names, options), 'receiver(');
    assert.equal(fault.path, 'proxyProtocol');
    assert.match(fault.cure, /TCP/);
  });
});
