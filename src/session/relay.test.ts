// A relay takes what belongs to it and not a byte more.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { toBytes, toText } from '../../test/support/latin1.ts';
import { NOBODY } from '../../test/support/port-owner.ts';
import { PumpPort } from './pump-port.ts';
import type { RunningRelay } from './relay.ts';
import { relayStep } from './relay.ts';

function make(remaining: number): { relay: RunningRelay; from: PumpPort; output: () => string } {
  const stream = new FakeStream();
  const target = new PumpPort('server', stream, NOBODY);
  const from = new PumpPort('client', new FakeStream(), NOBODY);
  return {
    relay: { to: 'server', target, remaining, bytes: 0 },
    from,
    output: () => stream.output,
  };
}

describe('relayStep()', () => {
  for (const [length, passed, rest] of [
    [1, 'a', 'bc'],
    [3, 'abc', undefined],
    [5, 'abc', undefined],
    [Infinity, 'abc', undefined],
  ] as const)
    it(`passes on ${passed} of abc for a length of ${length}`, () => {
      const { relay, from, output } = make(length);
      const behind = relayStep(relay, from, toBytes('abc'), 'lent');
      assert.equal(output(), passed);
      assert.equal(behind === undefined ? undefined : toText(behind), rest);
      assert.equal(relay.bytes, passed.length);
      assert.equal(relay.remaining, length - passed.length);
    });

  it('drops what goes nowhere', () => {
    const { from } = make(0);
    const relay: RunningRelay = { to: 'server', target: undefined, remaining: 2, bytes: 0 };
    assert.equal(toText(relayStep(relay, from, toBytes('abc'), 'given') ?? ''), 'c');
  });
});
