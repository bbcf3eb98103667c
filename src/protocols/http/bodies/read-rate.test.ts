import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asked, GET, httpEngine } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connected,
  elapsed,
  playbook,
  received,
  relay,
  send,
  started,
  timer,
} from '../../../../test/support/playbook.ts';
import type { HttpOptions } from '../http-options.ts';
import { ReadRate } from './read-rate.ts';

/** Five minutes, which a client may be behind. */
const WINDOWS = 15;
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n';
const TOO_SLOW = close('denied-by-policy', 'http.slow-reader', 'reset');

describe('ReadRate', () => {
  /** How many windows of 20 seconds a client survives that takes so many bytes in each, and has room for more or not. */
  function survives(perWindow: number, { clientIsFull = true, minRate = 100, windows = 100 } = {}) {
    const rate = new ReadRate(minRate);
    for (let window = 0; window < windows; window++) {
      const traffic = { fromClient: 0, fromServer: 0, clientWaits: false, clientIsFull };
      if (!rate.isMet({ ...traffic, toClient: 70_000 + window * perWindow })) return window;
    }
    return windows;
  }

  it('is met by who reads so much in 20 seconds', () => {
    assert.equal(survives(2_000), 100);
    assert.equal(survives(20_000, { minRate: 1_000 }), 100);
  });

  it('is not met for more than five minutes by who reads less', () => {
    assert.equal(survives(0), WINDOWS);
    assert.equal(survives(1_999, { windows: 100_000 }), WINDOWS * 2_000 - 2_000 + 1);
    assert.equal(survives(1_000), 2 * WINDOWS - 1);
  });

  it('is met by who has room for more, which the server does not send', () => {
    assert.equal(survives(0, { clientIsFull: false }), 100);
  });

  it('bears with a system that takes in much now and then, as long as that is enough', () => {
    const rate = new ReadRate(100);
    let toClient = 0;
    for (let window = 0; window < 1_000; window++) {
      if (window % WINDOWS === 0) toClient += 30_000;
      const traffic = { fromClient: 0, fromServer: 0, clientWaits: false, clientIsFull: true };
      assert.ok(rate.isMet({ ...traffic, toClient }));
    }
  });
});

describe('httpProxy, a client that reads slowly', () => {
  const slow = elapsed('http.rate', { toClient: 9, clientIsFull: true });
  const begun = [started(), received('client', GET), connected(), received('server', `${HEAD}a`)];

  it('is cut off, though all passes unseen', () => {
    asked(GET)
      .when(received('server', `${HEAD}a`))
      .expect(send('client', `${HEAD}a`), relay('server', 'client', 99_998))
      .given(...Array.from({ length: WINDOWS }, () => slow))
      .when(slow)
      .expect(TOO_SLOW);
  });

  it('is measured while there is a body, and not after it', () => {
    const timers = (options: HttpOptions = {}) =>
      playbook(httpEngine(options), {
        ignoring: ['log', 'send', 'hold', 'release', 'disconnect'],
      }).given(started(), received('client', GET), connected());
    timers()
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na'))
      .expect(timer('http', 300_000, 'idle'), timer('http.rate', 20_000))
      .when(received('server', 'b'))
      .expect(timer('http', 10_000), timer('http.rate', undefined));
    timers({ minReadRate: 0 })
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na'))
      .expect(timer('http', 300_000, 'idle'));
    // What comes in one piece is over before anybody could be slow.
    timers()
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab'))
      .expect(timer('http', 10_000));
  });

  it('may be as slow as it likes where the policy says so', () => {
    const book = asked(GET, { minReadRate: 0 }).given(received('server', `${HEAD}a`));
    for (let window = 0; window < 50; window++) book.when(slow).expect();
  });

  it('is another one than a client that sends slowly', () => {
    const post = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 9000\r\n\r\na';
    const book = asked(post).given(received('server', `${HEAD}a`));
    // The answer has begun: now it is read.
    for (let window = 0; window <= WINDOWS; window++) book.given(elapsed('http.rate'));
    book
      .given(...Array.from({ length: WINDOWS }, () => slow))
      .when(slow)
      .expect(TOO_SLOW);
  });

  it('does not keep what waits for it', () => {
    const engine = httpEngine();
    for (const event of begun) engine.handle(event);
    const actions = Array.from({ length: WINDOWS + 1 }, () => engine.handle(slow)).flat();
    assert.deepEqual(
      actions.filter(({ type }) => type === 'close').map((action) => 'how' in action && action.how),
      ['reset'],
    );
  });
});
