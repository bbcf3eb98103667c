import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import type { ProxyAction } from '../../../proxy/engine.ts';
import { BodySpool } from './body-spool.ts';

/** What a spool sends when something is done with it. */
function sentBy(act: (out: ProxyAction[]) => void): string {
  const out: ProxyAction[] = [];
  act(out);
  return out.map((one) => (one.type === 'send' ? toText(one.bytes) : one.type)).join('');
}

/** Gives a spool bytes that are others afterwards, as those of an event are. */
function give(spool: BodySpool, text: string): string {
  const bytes = toBytes(text);
  const sent = sentBy((out) => spool.take(bytes, out));
  bytes.fill(0xee);
  return sent;
}

describe('BodySpool', () => {
  it('sends what it is given, and again all of it, as often as that is asked for', () => {
    const pieces = fc.array(fc.string({ maxLength: 40 }).map((text) => text.replace(/[^a]/g, 'b')));
    fc.assert(
      fc.property(pieces, pieces, (first, second) => {
        const spool = new BodySpool(8_000);
        assert.equal(first.map((one) => give(spool, one)).join(''), first.join(''));
        spool.disconnected();
        assert.equal(second.map((one) => give(spool, one)).join(''), '');
        for (let times = 0; times < 2; times++) {
          const again = sentBy((out) => spool.sendAgain(out));
          assert.equal(again, [...first, ...second].join(''));
        }
      }),
    );
  });

  it('never changes bytes that it has sent', () => {
    const spool = new BodySpool(4_000);
    give(spool, 'abc');
    const out: ProxyAction[] = [];
    spool.sendAgain(out);
    give(spool, 'def');
    give(spool, 'g'.repeat(3_000));
    const [action] = out;
    assert.ok(action?.type === 'send');
    assert.equal(toText(action.bytes), 'abc');
  });

  it('keeps as much as it may, and nothing of a body that is longer, which goes on', () => {
    const spool = new BodySpool(4);
    assert.equal(give(spool, 'abcd'), 'abcd');
    assert.deepEqual([spool.isWhole, spool.wantsAll], [true, true]);
    assert.equal(give(spool, 'e'), 'e');
    assert.deepEqual([spool.isWhole, spool.wantsAll], [false, false]);
    assert.equal(
      sentBy((out) => spool.sendAgain(out)),
      '',
    );
  });

  it('fails where there is neither a server nor room', () => {
    const spool = new BodySpool(4);
    give(spool, 'abc');
    spool.disconnected();
    assert.throws(() => give(spool, 'de'), /closed the connection/);
  });
});
