import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asked, begun, GET, page, WEB } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  end,
  ended,
  hold,
  received,
  rejected,
  release,
  resolved,
  send,
  sendLike,
  wait,
} from '../../../../test/support/playbook.ts';
import { abort, accept, drop } from '../../../proxy/policy-action.ts';
import { FieldAnswers } from './field-answers.ts';
import { changeBoth, changeValue, insert } from './header-action.ts';
import type { HttpOptions } from '../http-options.ts';

const HEAD = 'GET /a HTTP/1.1\r\nHost: web.example\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: x\r\n\r\nhi';

/** A promise that never comes to anything by itself: the test says what it came to. */
function later(): Promise<never> {
  return new Promise(() => undefined);
}

describe('FieldAnswers', () => {
  it('asks each question once, and knows what is waited for', async () => {
    const answers = new FieldAnswers();
    let calls = 0;
    const ask = (question: string) =>
      answers.ask(question, 'header policy', () => {
        calls++;
        return question === 'now' ? 1 : Promise.resolve(question);
      });
    for (const question of ['now', 'a', 'b', 'now', 'a']) ask(question);
    assert.equal(calls, 3);
    assert.ok(answers.pending);
    answers.settle({ ok: true, value: await answers.pending });
    assert.equal(answers.pending, undefined);
    assert.deepEqual(['now', 'a', 'b'].map(ask), [1, 'a', 'b']);
    assert.equal(calls, 3);
  });

  it('fails as the function did', () => {
    const failed = { ok: false, error: new Error('no') } as const;
    assert.throws(() => new FieldAnswers().settle(failed), { code: 'policy.function-failed' });
  });
});

describe('functions over fields of requests that are waited for', () => {
  it('are all asked first; the head goes when they have answered', () => {
    const options: HttpOptions = {
      requestHeader: {
        A: later,
        B: changeValue(later),
        C: insert(later),
        D: () => drop(),
      },
    };
    begun(options)
      .when(received('client', `${HEAD}A: 1\r\nB: 2\r\nD: 3\r\n\r\n`))
      .expect(hold('client'), wait())
      .when(resolved([changeValue('one'), 'two', 'three']))
      .expect(connect(WEB))
      .when(connected())
      .expect(send('server', `${HEAD}A: one\r\nB: two\r\nC: three\r\n\r\n`));
  });

  it('may answer with a function that is waited for, too', () => {
    begun({ requestHeader: { A: later } })
      .when(received('client', `${HEAD}A: 1\r\n\r\n`))
      .expect(hold('client'), wait())
      .when(resolved([changeBoth('B', later)]))
      .expect(wait())
      .when(resolved(['two']))
      .expect(connect(WEB))
      .when(connected())
      .expect(send('server', `${HEAD}B: two\r\n\r\n`));
  });

  it('keep the body waiting', () => {
    const head = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 4\r\n';
    begun({ requestHeader: { A: later } })
      .when(received('client', `${head}A: 1\r\n\r\nbody`))
      .expect(hold('client'), wait())
      .when(resolved([accept()]))
      .expect(connect(WEB))
      .when(connected())
      .expect(
        send('server', `${head}A: 1\r\n\r\n`),
        release('client'),
        send('server', 'body'),
        hold('client'),
      );
  });

  it('refuse the request, and so do those that fail or say what cannot be', () => {
    for (const [outcome, status, code] of [
      [resolved([abort('No')]), 403, 'http.header-refused'],
      [resolved([5]), 500, 'policy.invalid-result'],
      [rejected(new Error('no database')), 500, 'policy.function-failed'],
    ] as const)
      begun({ requestHeader: { A: later } })
        .given(received('client', `${HEAD}A: 1\r\n\r\n`))
        .when(outcome)
        .expect(sendLike('client', page(status, code)), release('client'), end('client'));
    // One that refuses at once does not wait for the others.
    begun({ requestHeader: { A: () => Promise.reject(new Error('late')), B: abort() } })
      .when(received('client', `${HEAD}A: 1\r\nB: 1\r\n\r\n`))
      .expect(sendLike('client', page(403, 'http.header-refused')), end('client'));
  });
});

describe('functions over fields of responses that are waited for', () => {
  it('keep the response and what follows it waiting', () => {
    asked(GET, { responseHeader: { Server: later, 'X-Seen': insert(later) } })
      .when(received('server', ANSWER))
      .expect(wait())
      .when(resolved([drop(), 'yes']))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Seen: yes\r\n\r\nhi'),
        release('client'),
      );
  });

  it('come after an async function over the response', () => {
    asked(GET, { response: { '*': { '*': later } }, responseHeader: { Server: later } })
      .when(received('server', ANSWER))
      .expect(wait())
      .when(resolved(accept()))
      .expect(wait())
      .when(resolved([accept()]))
      .expect(send('client', ANSWER), release('client'));
  });

  it('may refuse it', () => {
    asked(GET, { responseHeader: { Server: later } })
      .given(received('server', ANSWER))
      .when(resolved([abort('No')]))
      .expect(
        disconnect(),
        sendLike('client', page(403, 'http.header-refused')),
        release('client'),
        end('client'),
      );
  });

  it('are asked about the head of an answer that ended within it, too', () => {
    asked(GET, { permitNullResponse: true, responseHeader: { Server: later } })
      .given(received('server', 'HTTP/1.1 200 OK\r\nServer: x\r\n'))
      .when(ended('server'))
      .expect(wait())
      .when(resolved([drop()]))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
        disconnect(),
        release('client'),
      );
  });
});

describe('functions that choose who looks at a body', () => {
  const options: HttpOptions = {
    requestStack: { POST: later },
    responseStack: { GET: later },
    requestHeader: { A: later },
  };

  it('are waited for, before those over fields', () => {
    const head = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 1\r\n';
    begun(options)
      .when(received('client', `${head}A: 1\r\n\r\nx`))
      .expect(hold('client'), wait())
      .when(resolved('none'))
      .expect(wait())
      .when(resolved([accept()]))
      .expect(connect(WEB));
    begun(options)
      .given(received('client', `${head}\r\n`))
      .when(resolved({ data: 'nobody' }))
      .expect(
        sendLike('client', page(500, 'policy.invalid-result')),
        release('client'),
        end('client'),
      );
  });

  it('are waited for when the response has come', () => {
    asked(GET, options)
      .when(received('server', ANSWER))
      .expect(wait())
      .when(resolved('none'))
      .expect(send('client', ANSWER), release('client'))
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'http.client-gone', 'reset'));
  });
});
