import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf, httpPlan } from '../../../../test/support/http-heads.ts';
import type { ProxyAction, Traffic } from '../../../proxy/engine.ts';
import { NO_TRAFFIC } from '../../../proxy/play-proxy.ts';
import { Violation } from '../../../proxy/violation.ts';
import type { Exchange } from '../exchange.ts';
import { ClientSide } from '../client-side.ts';
import { ClientPace } from './client-pace.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n';
const STILL: Traffic = { ...NO_TRAFFIC, clientIsFull: true };

/** A client that sends the body of this request. */
function sending(fields = '', minBodyRate = 100): { pace: ClientPace; exchange: Exchange } {
  const { settings, timer } = httpPlan({ minBodyRate });
  const client = new ClientSide();
  client.become('body', []);
  return {
    pace: new ClientPace({ settings, timer, client }),
    exchange: exchangeOf(`${POST}${fields}\r\n`),
  };
}

/** What is done with the timer in answer. */
function timers(act: (out: ProxyAction[]) => void): readonly unknown[] {
  const out: ProxyAction[] = [];
  act(out);
  return out.map((action) => (action.type === 'timer' ? action.afterMs : action.type));
}

/** The client has the head of the response. */
function answer(exchange: Exchange): void {
  exchange.response = { hasBegun: true, status: 200, bodyBytes: 0, endsByClose: false };
}

describe('ClientPace', () => {
  it('measures from one event to the next, until nothing is in work', () => {
    const { pace, exchange } = sending();
    assert.deepEqual(
      timers((out) => {
        pace.follow(exchange, out);
        pace.follow(exchange, out);
      }),
      [20_000],
    );
    assert.ok(pace.isMeasured);
    assert.deepEqual(
      timers((out) => {
        pace.follow(undefined, out);
        pace.follow(undefined, out);
      }),
      [undefined],
    );
    assert.ok(!pace.isMeasured);
  });

  it('measures nothing where the policy has no bound', () => {
    const { pace, exchange } = sending('', 0);
    assert.deepEqual(
      timers((out) => {
        pace.follow(exchange, out);
        assert.ok(pace.isKept(STILL, out));
      }),
      [],
    );
  });

  it('begins anew when the client is told to go on, and when it begins to read', () => {
    const { pace, exchange } = sending('Expect: 100-continue\r\n');
    const follow = () => timers((out) => pace.follow(exchange, out));
    assert.deepEqual(follow(), [20_000]);
    exchange.tellToGoOn([]);
    assert.deepEqual(follow(), [20_000]);
    answer(exchange);
    assert.deepEqual(follow(), [20_000]);
    assert.deepEqual(follow(), []);
  });

  it('refuses a body that comes too slowly, but no client that waits for the word', () => {
    const { pace, exchange } = sending('Expect: 100-continue\r\n');
    pace.follow(exchange, []);
    assert.deepEqual(
      timers((out) => assert.ok(pace.isKept(STILL, out))),
      [20_000],
    );
    exchange.tellToGoOn([]);
    assert.throws(() => pace.isKept(STILL, []), Violation);
  });

  it('says of a client that it reads too slowly', () => {
    const { pace, exchange } = sending();
    answer(exchange);
    pace.follow(exchange, []);
    const windows = Array.from({ length: 20 }, () => pace.isKept(STILL, []));
    assert.ok(windows[0] === true && windows.at(-1) === false, String(windows));
  });
});
