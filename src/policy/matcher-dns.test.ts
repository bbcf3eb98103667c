// A matcher of the addresses that host names have now.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { LiveNames } from '../proxy/live-input.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { takeMatchers } from './matcher.ts';
import { dnsMatcher } from './matcher-dns.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

function theNames(): LiveNames {
  const [names] = takeLiveInputs();
  assert.ok(names?.kind === 'live-names');
  return names;
}

function update(names: LiveNames, table: Readonly<Record<string, readonly string[]>>): void {
  const entries = Object.entries(table);
  names.update(
    new Map(entries.map(([host, texts]) => [host, texts.map((text) => IpAddress.parse(text))])),
  );
}

describe('dnsMatcher()', () => {
  it('matches the addresses that its hosts have now, of both families', () => {
    const matcher = dnsMatcher({ hosts: ['a.example', 'B.example.'] });
    const names = theNames();
    assert.deepEqual([names.hosts, names.servers], [['a.example', 'b.example'], []]);
    update(names, { 'a.example': ['192.0.2.1', '2001:db8::1'], 'b.example': ['192.0.2.2'] });
    for (const text of ['192.0.2.1', '192.0.2.2', '2001:DB8:0::1', '::ffff:192.0.2.1'])
      assert.equal(matcher.matches(text), true, text);
    for (const text of ['192.0.2.3', '2001:db8::2', 'a.example', '', '192.0.2.01'])
      assert.equal(matcher.matches(text), false, text);
    update(names, { 'a.example': ['192.0.2.3'], 'b.example': [] });
    assert.equal(matcher.matches('192.0.2.3'), true);
    assert.equal(matcher.matches('192.0.2.1'), false);
  });

  it('cannot say that an address does not match while it does not know one of its hosts', () => {
    const matcher = dnsMatcher({ hosts: ['a.example', 'b.example'] });
    assert.throws(() => matcher.matches('192.0.2.1'), /addresses of a\.example are not known/);
    update(theNames(), { 'a.example': ['192.0.2.1'] });
    assert.equal(matcher.matches('192.0.2.1'), true);
    assert.throws(() => matcher.matches('192.0.2.2'), /addresses of b\.example are not known/);
    assert.equal(matcher.matches('no address'), false);
  });

  it('takes one host, and servers', () => {
    const matcher = dnsMatcher({ hosts: 'a.example', servers: ['192.0.2.53'] });
    assert.deepEqual(faultsOf(matcher), []);
    assert.deepEqual(theNames().servers.map(String), ['192.0.2.53:53']);
    assert.equal(matcher.explain(), 'is an address of a.example');
  });

  for (const [options, path] of [
    [{}, 'hosts'],
    [{ hosts: [] }, 'hosts'],
    [{ hosts: '192.0.2.1' }, 'hosts'],
    [{ hosts: 'a.example', servers: 'ns.example' }, 'servers'],
    [{ hosts: 'a.example', server: '192.0.2.53' }, 'server'],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      const matcher = dnsMatcher(wrong(options));
      assert.equal(onlyFault(matcher, 'dnsMatcher(').path, path);
      assert.throws(() => matcher.matches('192.0.2.1'), /faulty/);
    });
  }
});
