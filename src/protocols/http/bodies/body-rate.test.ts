import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asked, begun, httpEngine, OK, page } from '../../../../test/support/http-dialogue.ts';
import {
  connected,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  playbook,
  received,
  relay,
  release,
  send,
  sendLike,
  stacked,
  started,
  timer,
} from '../../../../test/support/playbook.ts';
import type { Traffic } from '../../../proxy/engine.ts';
import { accept } from '../../../proxy/policy-action.ts';
import { httpProxy } from '../index.ts';
import { BodyRate } from './body-rate.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: 9000\r\n\r\n';
const SLOW = [disconnect(), sendLike('client', page(408, 'http.too-slow')), end('client')] as const;

function traffic(given: Partial<Traffic>): Traffic {
  const none = { fromClient: 0, fromServer: 0, toClient: 0 };
  return { ...none, clientWaits: false, clientIsFull: false, ...given };
}

describe('BodyRate', () => {
  function windows(rate: BodyRate, ...totals: readonly number[]): readonly boolean[] {
    return totals.map((fromClient) => rate.isMet(traffic({ fromClient })));
  }

  it('wants so much in 20 seconds', () => {
    assert.deepEqual(windows(new BodyRate(100, 50), 2_050), [true]);
    assert.deepEqual(windows(new BodyRate(100, 50), 2_049), [false]);
  });

  it('counts what a client was ahead, up to five minutes', () => {
    assert.deepEqual(windows(new BodyRate(100, 0), 6_000, 6_000, 6_000, 6_000), [
      true,
      true,
      true,
      false,
    ]);
    const endless = Array.from({ length: 17 }, () => 1_000_000);
    const met = windows(new BodyRate(100, 0), ...endless);
    assert.deepEqual([met.lastIndexOf(true), met.indexOf(false)], [15, 16]);
  });

  it('does not count windows in which the client waits', () => {
    const rate = new BodyRate(100, 0);
    const waiting = traffic({ fromClient: 10, clientWaits: true });
    for (let window = 0; window < 3; window++) assert.ok(rate.isMet(waiting));
    assert.deepEqual(windows(rate, 2_010, 2_011), [true, false]);
  });
});

const POLITE = HEAD.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
const GO_ON = 'HTTP/1.1 100 Continue\r\n\r\n';

describe('httpProxy, bodies that come slowly', () => {
  it('ends a body that trickles, though a byte comes now and then, with a page', () => {
    asked(`${HEAD}a`)
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1_999 }))
      .expect(...SLOW);
    asked(`${HEAD}a`, { minBodyRate: 50 })
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1_000 }))
      .expect()
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1_999 }))
      .expect(...SLOW);
  });

  it('sees what the kernel moves', () => {
    const long = HEAD.replace('9000', '90000');
    asked(long)
      .when(received('client', 'a'))
      .expect(send('server', 'a'), relay('client', 'server', 89_999))
      .when(elapsed('http.rate', { fromClient: long.length + 2_000 }))
      .expect()
      .when(elapsed('http.rate', { fromClient: long.length + 2_100 }))
      .expect(...SLOW);
  });

  it('measures from the beginning of the body to its end, and not a body that comes with its head', () => {
    const timers = playbook(httpEngine(), { ignoring: ['log'] }).given(started());
    timers
      .given(received('client', HEAD))
      .when(connected())
      .expect(
        send('server', HEAD),
        timer('http', 300_000, 'idle'),
        release('client'),
        timer('http.rate', 20_000, 'total'),
      )
      .given(received('client', 'a'.repeat(8_999)))
      .when(received('client', 'a'))
      .expect(
        send('server', 'a'),
        hold('client'),
        timer('http', 300_000, 'total'),
        timer('http.rate', undefined, 'total'),
      );
    const short = HEAD.replace('9000', '2');
    playbook(httpEngine(), { ignoring: ['log'] })
      .given(started(), received('client', `${short}ab`))
      .when(connected())
      .expect(
        send('server', short),
        timer('http', 300_000, 'idle'),
        release('client'),
        send('server', 'ab'),
        hold('client'),
        timer('http', 300_000, 'total'),
      );
  });

  it('is patient while the client waits for the server, or for its word', () => {
    asked(`${HEAD}a`)
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1, clientWaits: true }))
      .expect()
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1 }))
      .expect(...SLOW);
    asked(POLITE)
      .when(elapsed('http.rate', { fromClient: POLITE.length }))
      .expect()
      .when(elapsed('http.rate', { fromClient: POLITE.length + 1 }))
      .expect(...SLOW);
  });

  it('is not patient with who has been told to go on, or has gone on without a word', () => {
    asked(POLITE)
      .when(received('server', GO_ON))
      .expect(send('client', GO_ON))
      .when(elapsed('http.rate', { fromClient: POLITE.length }))
      .expect(...SLOW);
    asked(POLITE)
      .when(elapsed('http.rate', { fromClient: POLITE.length + 2_000 }))
      .expect()
      .when(elapsed('http.rate', { fromClient: POLITE.length + 2_000 }))
      .expect(...SLOW);
  });

  it('begins anew with the word', () => {
    playbook(httpEngine(), { ignoring: ['log'] })
      .given(started(), received('client', POLITE), connected())
      .when(received('server', GO_ON))
      .expect(send('client', GO_ON), timer('http.rate', 20_000, 'total'));
  });

  it('is patient once the answer has begun, and without a limit', () => {
    asked(`${HEAD}a`)
      .given(received('server', OK.replace('2', '9000')))
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1 }))
      .expect();
    asked(`${HEAD}a`, { minBodyRate: 0 })
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1 }))
      .expect();
  });

  it('measures a body that a child looks at, and one that is sent again', () => {
    const proxy = httpProxy();
    const data = { kind: 'service', name: 'scanner', proxy } as const;
    begun({ requestStack: { POST: { data } } })
      .given(received('client', `${HEAD}a`), connected(), stacked())
      .when(elapsed('http.rate', { fromClient: HEAD.length + 1 }))
      .expect(disconnect('stack-client'), disconnect('stack-server'), ...SLOW);
    const put = HEAD.replace('POST', 'PUT');
    begun({ request: { '*': accept() }, rerequestAttempts: 2 })
      .given(received('client', `${put}a`), connected(), ended('server'))
      .when(elapsed('http.rate', { fromClient: put.length + 1 }))
      .expect()
      .when(connected())
      .expect(send('server', `${put}a`), release('client'))
      .when(elapsed('http.rate', { fromClient: put.length + 2_000 }))
      .expect(...SLOW);
  });
});
