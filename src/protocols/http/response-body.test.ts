import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan } from '../../../test/support/http-heads.ts';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import type { ProxyAction } from '../../proxy/engine.ts';
import type { BodyWay } from './response-body.ts';
import { ResponseBody } from './response-body.ts';
import { OutputBody } from './stacking/output-body.ts';

const TEN: BodyWay = { framing: { kind: 'length', length: 10 }, coding: 'same' };
const UNTIL_CLOSE: BodyWay = { framing: { kind: 'until-close' }, coding: 'plain' };

function begun(way: BodyWay): ResponseBody {
  const body = new ResponseBody(httpPlan(), way);
  body.begin([]);
  return body;
}

/** What is sent to the client, and how often the timer is set. */
function effects(act: (out: ProxyAction[]) => void): { sent: string; timers: number } {
  const out: ProxyAction[] = [];
  act(out);
  const sent = out.map((action) => (action.type === 'send' ? toText(action.bytes) : ''));
  return { sent: sent.join(''), timers: out.filter(({ type }) => type === 'timer').length };
}

describe('ResponseBody', () => {
  it('is over at once where there is none', () => {
    const body = begun({ framing: { kind: 'none' }, coding: 'same' });
    assert.ok(body.isReceived && body.isOver && !body.endsByClose);
  });

  it('gives back what is not of it, and measures pauses from the first piece on', () => {
    const body = begun(TEN);
    const take = (text: string) =>
      effects((out) => assert.equal(body.take(toBytes(text), 0, out), Math.min(text.length, 5)));
    assert.deepEqual(take('01234'), { sent: '01234', timers: 1 });
    assert.deepEqual(take('56789HTTP'), { sent: '56789', timers: 0 });
    assert.ok(body.isReceived && body.isOver);
    assert.equal(body.sentBytes, 10);
  });

  it('sets no timer for what comes in one piece', () => {
    const body = begun(TEN);
    const whole = effects((out) => body.take(toBytes('0123456789'), 0, out));
    assert.deepEqual(whole, { sent: '0123456789', timers: 0 });
  });

  it('ends with the connection only where nothing else says so, and not by an error', () => {
    assert.ok(!begun(TEN).ended(undefined, []));
    const body = begun(UNTIL_CLOSE);
    assert.ok(body.endsByClose);
    assert.deepEqual([body.ended('ECONNRESET', []), body.ended(undefined, [])], [false, true]);
    assert.ok(body.isOver);
  });

  it('is put into chunks, of which the last one comes with its end', () => {
    const rechunked = new OutputBody('client', { kind: 'chunked' });
    const body = begun({ ...UNTIL_CLOSE, coding: 'same', rechunked });
    assert.ok(!body.endsByClose);
    assert.equal(effects((out) => body.take(toBytes('hi'), 0, out)).sent, '2\r\nhi\r\n');
    assert.equal(effects((out) => body.ended(undefined, out)).sent, '0\r\n\r\n');
  });

  it('is over, too, when a relay has moved the rest', () => {
    const body = begun(TEN);
    body.take(toBytes('0'), 0, []);
    body.relayed(9);
    assert.ok(body.isOver);
  });
});
