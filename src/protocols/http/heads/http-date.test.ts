import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, page } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  connected,
  end,
  playbook,
  received,
  send,
  sendLike,
  started,
  testContext,
} from '../../../../test/support/playbook.ts';
import { accept, drop, reject } from '../../../proxy/policy-action.ts';
import { answer } from '../rules/answer.ts';
import { changeBoth, changeName, insert } from '../rules/header-action.ts';
import { dateField, httpDate } from './http-date.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';

// The time of RFC 9110, 5.6.7, and what is left of its second does not count.
const NOW = Date.UTC(1994, 10, 6, 8, 49, 37) + 999;
const DATE = 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n';
const OWN = 'Date: Sat, 05 Nov 1994 00:00:00 GMT\r\n';

/** A dialogue with an engine that knows the time. */
function dated(options: HttpOptions = {}): Playbook {
  const engine = httpProxy(options).create({ ...testContext(), clock: { now: () => NOW } });
  return playbook(engine, { ignoring: ['log', 'timer', 'hold', 'release'] }).given(started());
}

/** The same up to a request that the server has got. */
function asked(options: HttpOptions = {}, request = GET): Playbook {
  return dated(options).given(received('client', request), connected());
}

function response(fields: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\n${fields}Content-Length: 0\r\n\r\n`;
}

describe('httpDate()', () => {
  it('writes the time of a clock as RFC 9110 has it, anew each second', () => {
    let now = NOW;
    const clock = { now: () => now };
    assert.equal(httpDate(clock), 'Sun, 06 Nov 1994 08:49:37 GMT');
    now += 1;
    assert.equal(httpDate(clock), 'Sun, 06 Nov 1994 08:49:38 GMT');
    now -= 1000;
    assert.equal(dateField(clock), DATE);
    assert.equal(httpDate(undefined), '');
    assert.equal(dateField(undefined), '');
  });
});

describe('httpProxy, with a clock', () => {
  it('adds the time when an answer came that says none', () => {
    for (const status of ['200 OK', '404 Not Found', '500 Broken'])
      asked()
        .when(received('server', response('A: b\r\n', status)))
        .expect(send('client', `HTTP/1.1 ${status}\r\nA: b\r\nContent-Length: 0\r\n${DATE}\r\n`));
  });

  it('leaves the time of the server as it is', () => {
    for (const fields of [OWN, 'dATE: yesterday\r\n'])
      asked()
        .when(received('server', response(fields)))
        .expect(send('client', response(fields)));
  });

  it('adds nothing where the policy says something of the field', () => {
    asked({ responseHeader: { Date: drop() } })
      .when(received('server', response('')))
      .expect(send('client', response('')));
    asked({ responseHeader: { Date: insert('now') } })
      .when(received('server', response('')))
      .expect(send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: now\r\n\r\n'));
    asked({ responseHeader: { '*': drop() } })
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
      .expect(send('client', response('')));
    for (const change of [changeName('Date'), changeBoth('date', 'then')])
      asked({ responseHeader: { 'X-Date': change } })
        .when(received('server', response('X-Date: then\r\n')))
        .expect(send('client', response(`${change.name}: then\r\n`)));
  });

  it('adds it where all that the policy says is that the field may pass', () => {
    for (const responseHeader of [{ Date: accept() }, { '*': drop(), Date: accept() }])
      asked({ responseHeader })
        .when(received('server', response('')))
        .expect(send('client', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${DATE}\r\n`));
  });

  it('takes the time that a function of the policy sets, and has its own where one removes it', () => {
    const words: readonly [fields: string, set: string | undefined, passed: string][] = [
      ['', 'then', 'Date: then\r\n'],
      [OWN, undefined, DATE],
    ];
    for (const [fields, value, passed] of words)
      asked({
        response: {
          GET: {
            '*': ({ headers }) => {
              if (value === undefined) headers.delete('Date');
              else headers.set('Date', value);
              return accept();
            },
          },
        },
      })
        .when(received('server', response(fields)))
        .expect(send('client', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${passed}\r\n`));
  });

  it('adds no time to an interim answer', () => {
    asked({ earlyHints: 'pass' })
      .when(received('server', 'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n'))
      .expect(send('client', 'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n'));
  });

  it('says when its own pages and answers were made, where the policy does not', () => {
    dated({ request: { GET: reject() } })
      .when(received('client', GET))
      .expect(
        sendLike('client', new RegExp(`^HTTP/1\\.1 403 Forbidden\r\n${DATE}`)),
        end('client'),
      );
    dated()
      .when(received('client', 'bad\r\n'))
      .expect(sendLike('client', page(400, 'http.bad-request-line')), end('client'));
    dated({ request: { GET: answer({ status: 204 }) } })
      .when(received('client', GET))
      .expect(send('client', `HTTP/1.1 204 No Content\r\n${DATE}\r\n`));
    dated({ request: { GET: answer({ status: 204, headers: { date: 'then' } }) } })
      .when(received('client', GET))
      .expect(send('client', 'HTTP/1.1 204 No Content\r\ndate: then\r\n\r\n'));
  });
});
