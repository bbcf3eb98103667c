import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { checkBind, showBinds } from './bind.ts';
import { interfaceBind } from './interface-bind.ts';

describe('checkBind()', () => {
  it('reads one address or several', () => {
    assert.deepEqual(checkBind('127.0.0.1:80').binds.map(String), ['127.0.0.1:80']);
    const several = checkBind(['127.0.0.1:80', '[::1]:80']);
    assert.deepEqual(several.binds.map(String), ['127.0.0.1:80', '[::1]:80']);
    assert.deepEqual(several.faults, []);
  });

  it('takes binds that follow an interface, mixed with addresses', () => {
    const eth0 = interfaceBind('eth0', { port: 80 });
    const mixed = checkBind([eth0, '127.0.0.1:80']);
    assert.deepEqual(mixed.follows, [eth0]);
    assert.equal(mixed.first, 'eth0:80');
    assert.deepEqual(showBinds(mixed), ['127.0.0.1:80', 'eth0:80']);
    assert.deepEqual(checkBind(eth0).binds, []);
  });

  it('says what to write instead of a name or a port alone', () => {
    for (const [text, cure] of [
      ['localhost:3128', /, or 127\.0\.0\.1:3128 for clients of this machine alone$/],
      ['*:3128', /, or 0\.0\.0\.0:3128 for all/],
      [':3128', /, or 0\.0\.0\.0:3128 for all/],
      ['3128', /, or 0\.0\.0\.0:3128 for all/],
      ['eth0:3128', /, or interfaceBind\("eth0", \{ port: 3128 \}\)/],
    ] as const)
      assert.match(checkBind(text).faults[0]?.cure ?? '', cure);
  });

  it('has no addresses where one of them is faulty', () => {
    for (const faulty of [['127.0.0.1:80', '10.0.0.1'], [], 80, undefined]) {
      const { binds, faults } = checkBind(wrong(faulty));
      assert.deepEqual([binds.length, faults.length], [0, 1]);
      assert.match(faults[0]?.path ?? '', /^bind/);
    }
  });
});
