import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import type { ProxyAction } from '../../../proxy/engine.ts';
import type { Framing } from '../bodies/framing.ts';
import { OutputBody } from './output-body.ts';

/** What goes out for pieces, and which of them were refused. */
function written(framing: Framing, ...pieces: string[]): string {
  const out: ProxyAction[] = [];
  const body = new OutputBody('client', framing);
  const isGood = pieces.every((piece) => body.write(toBytes(piece), out)) && body.end(out);
  const text = out.map((one) => (one.type === 'send' ? toText(one.bytes) : one.type)).join('');
  return isGood ? text : `broken after ${text}`;
}

describe('the output of a child', () => {
  for (const [framing, pieces, expected] of [
    [
      { kind: 'chunked' },
      ['ab', 'cdefghijklmnopqrst'],
      '2\r\nab\r\n12\r\ncdefghijklmnopqrst\r\n0\r\n\r\n',
    ],
    [{ kind: 'chunked' }, [], '0\r\n\r\n'],
    [{ kind: 'until-close' }, ['ab', 'c'], 'abc'],
    [{ kind: 'none' }, ['ab'], ''],
    [{ kind: 'length', length: 3 }, ['ab', 'c'], 'abc'],
    [{ kind: 'length', length: 3 }, ['ab'], 'broken after ab'],
    [{ kind: 'length', length: 3 }, ['ab', 'cd'], 'broken after ab'],
  ] as const)
    it(`is framed as ${JSON.stringify(framing)}`, () => {
      assert.equal(written(framing, ...pieces), expected);
    });
});
