import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { listener } from './listener.ts';
import { bindsOverlap, listensOn, takesProtocol } from './own-address.ts';
import { receiver } from './receiver.ts';
import { ruleListener } from './rule-listener.ts';
import { service } from './service.ts';

const web = service('web', { proxy: idleProxy() });

describe('listensOn()', () => {
  const LOCAL = '192.0.2.1:80';
  const table: [bind: string, address: string, isOwn: boolean][] = [
    ['192.0.2.1:80', '192.0.2.1:80', true],
    ['192.0.2.1:80', '192.0.2.1:81', false],
    ['192.0.2.1:80', '192.0.2.2:80', false],
    ['127.0.0.1:80', '0.0.0.0:80', true],
    ['127.0.0.1:80', '[::]:80', true],
    ['127.0.0.1:80', '0.0.0.0:81', false],
    ['0.0.0.0:80', '127.0.0.1:80', true],
    ['0.0.0.0:80', '127.255.255.254:80', true],
    ['0.0.0.0:80', '192.0.2.1:80', true],
    ['0.0.0.0:80', '192.0.2.2:80', false],
    ['0.0.0.0:80', '[::1]:80', false],
    ['[::]:80', '[::1]:80', true],
    ['[::]:80', '127.0.0.1:80', false],
    ['[::]:80', '192.0.2.1:80', false],
    ['[::]:80', '192.0.2.1:81', false],
    ['[::]:80', '[2001:db8::1]:80', false],
  ];
  for (const [bind, address, isOwn] of table) {
    it(`a listener on ${bind} ${isOwn ? 'is reached' : 'is not reached'} at ${address}`, () => {
      assert.equal(listensOn(listener(bind, web), at(address), at(LOCAL).address), isOwn);
    });
  }

  it('counts no other address for a listener on all, where none is known to be of this machine', () => {
    const everywhere = listener('0.0.0.0:80', web);
    assert.equal(listensOn(everywhere, at(LOCAL), undefined), false);
    assert.equal(listensOn(everywhere, at('127.0.0.1:80'), undefined), true);
  });

  it('asks all binds of a listener', () => {
    const made = listener(['127.0.0.1:80', '127.0.0.1:81'], web);
    assert.ok(listensOn(made, at('127.0.0.1:81'), undefined));
  });
});

describe('takesProtocol()', () => {
  it('tells UDP from the rest, and lets the hidden listener have both', () => {
    const listeners = [listener('127.0.0.1:1', web), receiver('127.0.0.1:1', web), ruleListener()];
    const taken = listeners.map((made) => [6, 17, 1].map((number) => takesProtocol(made, number)));
    assert.deepEqual(taken, [
      [true, false, true],
      [false, true, false],
      [true, true, true],
    ]);
  });
});

describe('bindsOverlap()', () => {
  const table: [one: string, other: string, overlap: boolean][] = [
    ['10.0.0.1:80', '10.0.0.1:80', true],
    ['10.0.0.1:80', '10.0.0.2:80', false],
    ['10.0.0.1:80', '10.0.0.1:81', false],
    ['0.0.0.0:80', '10.0.0.1:80', true],
    ['[::]:80', '[::1]:80', true],
    ['[::]:80', '10.0.0.1:80', false],
    ['10.0.0.1:0', '10.0.0.1:0', false],
  ];
  for (const [one, other, overlap] of table)
    it(`${one} and ${other}: ${overlap}`, () => {
      assert.equal(bindsOverlap(at(one), at(other)), overlap);
      assert.equal(bindsOverlap(at(other), at(one)), overlap);
    });
});
