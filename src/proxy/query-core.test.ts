import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { client, clientEnds, server, serverEnds } from '../../test/support/dialogue.ts';
import { runDialogue } from '../../test/support/model-pump.ts';
import type { Playbook } from '../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  connectFailed,
  elapsed,
  ended,
  hold,
  log,
  playbook,
  received,
  rejected,
  resolved,
  send,
  started,
  testContext,
  timer,
  wait,
} from '../../test/support/playbook.ts';
import { settled } from '../../test/support/settled.ts';
import type { ProxyContext, ProxyFactory } from './engine.ts';
import { guard } from './guard.ts';
import { abort, accept, drop, reject } from './policy-action.ts';
import type { QueryProtocol, QuerySettings } from './query-core.ts';
import { QueryCore } from './query-core.ts';
import type { QueryRule } from './query-settings.ts';
import { acceptAs } from './query-settings.ts';
import { Violation } from './violation.ts';

/** A protocol whose requests are words that begin with a letter, and are written in upper case. */
function protocolOf(
  rule: QueryRule<string> | undefined,
  settings: Partial<QuerySettings>,
): QueryProtocol<string> {
  return {
    name: 'ask',
    maxRequestLength: 10,
    settings: {
      ...{ timeoutMs: 1000, maxLineLength: 10, responseHeader: '', responseFooter: '' },
      ...settings,
    },
    rule,
    read(line) {
      if (!/^[a-z]/.test(line)) throw new Violation('ask.bad', 'client', 'This is no word');
      return line;
    },
    isRequest: (value): value is string => typeof value === 'string' && /^[a-z]+$/.test(value),
    write: (request) => request.toUpperCase(),
    serverOf: (request) => (request === 'there' ? { host: 'there.example', port: 7 } : undefined),
  };
}

function proxyOf(rule?: QueryRule<string>, settings: Partial<QuerySettings> = {}): ProxyFactory {
  const protocol = protocolOf(rule, settings);
  return {
    ...{ name: 'ask', tellsRefusals: true, stacks: [], explain: () => 'asks' },
    create: (context: ProxyContext) => guard(new QueryCore(protocol, context)),
  };
}

function reading(rule?: QueryRule<string>, settings: Partial<QuerySettings> = {}): Playbook {
  const engine = proxyOf(rule, settings).create(testContext());
  return playbook(engine, { ignoring: ['timer', 'log', 'hold'] }).given(started());
}

function answering(settings: Partial<QuerySettings> = {}): Playbook {
  return reading(undefined, settings).given(received('client', 'word\r\n'), connected());
}

describe('a question and its answer', () => {
  it('pass line by line, the request in its canonical form', () => {
    playbook(proxyOf().create(testContext()))
      .when(started())
      .expect(timer('ask', 1000))
      .when(received('client', 'wo'))
      .expect()
      .when(received('client', 'rd\n'))
      .expect(hold('client'), timer('ask', undefined), log('ask.request'), connect())
      .when(connected())
      .expect(send('server', 'WORD\r\n'), timer('ask', 1000, 'idle'))
      .when(received('server', 'one\ntwo\r\nth'))
      .expect(send('client', 'one\r\ntwo\r\n'))
      .when(received('server', 'ree'))
      .expect()
      .when(ended('server'))
      .expect(send('client', 'three\r\n'), close('accepted', 'ask.finished'));
  });

  it('have the lines of the policy around the answer, even around an empty one', () => {
    const settings = { responseHeader: 'Hear:', responseFooter: 'That\nis all\n' };
    answering(settings)
      .when(received('server', 'one\n'))
      .expect(send('client', 'Hear:\r\none\r\n'))
      .when(ended('server'))
      .expect(send('client', 'That\r\nis all\r\n'), close('accepted', 'ask.finished'));
    answering(settings)
      .when(ended('server'))
      .expect(send('client', 'Hear:\r\nThat\r\nis all\r\n'), close('accepted', 'ask.finished'));
  });

  it('go to the server that the request names', () => {
    reading()
      .when(received('client', 'there\n'))
      .expect(connect({ host: 'there.example', port: 7 }));
  });

  it('are served to a client that has ended its direction, with or without a line end', () => {
    for (const text of ['word\r\n', 'word']) {
      const dialogue = [client(text), clientEnds(), server('yes\r\n'), serverEnds()];
      const run = runDialogue(proxyOf(), dialogue);
      assert.equal(run.output('server'), 'WORD\r\n');
      assert.equal(run.output('client'), 'yes\r\n');
      assert.equal(run.closed?.reason, 'ask.finished');
    }
  });

  it('are served whatever else the client says behind its line, which nobody hears', () => {
    const dialogue = [client('word\r\nmore\r\n'), client('still more'), server('yes\r\n')];
    const run = runDialogue(proxyOf(), [...dialogue, serverEnds()]);
    assert.equal(run.output('server'), 'WORD\r\n');
    assert.equal(run.output('client'), 'yes\r\n');
  });

  it('need no question for an answer: what a server says at once is one', () => {
    const run = runDialogue(proxyOf(), [server('busy\r\n'), client('word\r\n'), serverEnds()]);
    assert.equal(run.output('client'), 'busy\r\n');
  });
});

describe('the policy of a question', () => {
  it('is asked before anything goes to the server, and may wait', () => {
    reading((_, session) => {
      assert.equal(session.clientZone?.name, 'intranet');
      return settled(accept());
    })
      .when(received('client', 'word\n'))
      .expect(wait())
      .when(received('client', 'unheard\n'))
      .expect()
      .when(resolved(accept()))
      .expect(connect());
  });

  it('may let another request pass', () => {
    reading((request) => acceptAs(`${request}s`))
      .when(received('client', 'word\n'))
      .expect(connect())
      .when(connected())
      .expect(send('server', 'WORDS\r\n'));
  });

  it('may refuse, and the client is told', () => {
    const refused = 'ask.request-refused';
    reading(() => reject('Not\r\nhere'))
      .when(received('client', 'word\n'))
      .expect(send('client', 'Zorp: Not  here\r\n'), close('denied-by-policy', refused));
    reading(() => abort())
      .when(received('client', 'word\n'))
      .expect(
        send('client', 'Zorp: The policy does not permit this request\r\n'),
        close('aborted-by-policy-action', refused),
      );
  });

  it('may end the session without a word', () => {
    reading(() => drop())
      .when(received('client', 'word\n'))
      .expect(close('denied-by-policy', 'ask.request-dropped'));
  });

  it('fails closed', () => {
    const told = send('client', 'Zorp: A function of the policy failed\r\n');
    const failed = close('aborted-by-policy-action', 'policy.function-failed');
    const invalid = close('invalid-policy-call', 'policy.invalid-result');
    reading(() => {
      throw new Error('secret');
    })
      .when(received('client', 'word\n'))
      .expect(told, failed);
    reading(() => settled(accept()))
      .given(received('client', 'word\n'))
      .when(rejected(new Error('secret')))
      .expect(told, failed);
    for (const answer of [undefined, true, 'accept', {}, acceptAs('a\r\nb'), { action: 'deny' }]) {
      const rule = (() => answer) as unknown as QueryRule<string>; // what only an unchecked policy returns
      reading(rule).when(received('client', 'word\n')).expect(told, invalid);
    }
    const fails = (): never => {
      throw new Error('secret');
    };
    for (const name of ['then', 'action', 'text'])
      reading(() => Object.defineProperty({ action: 'reject' }, name, { get: fails }) as never)
        .when(received('client', 'word\n'))
        .expect(told, failed);
  });
});

describe('what goes wrong with a question', () => {
  it('is told when the connection is refused', () => {
    const refusal = { reason: 'rule.deny', verdict: 'denied-by-policy', message: 'No' } as const;
    playbook(proxyOf().create({ ...testContext(), refusal }))
      .when(started())
      .expect(send('client', 'Zorp: No\r\n'), close('denied-by-policy', 'rule.deny'));
  });

  it('is told when the client breaks the protocol', () => {
    const violations = {
      '1\r\n': ['This is no word', 'ask.bad'],
      'a\0\r\n': ['There is a NUL byte in a line', 'ask.nul-byte'],
      abcdefghijk: ['A line is longer than 10 bytes', 'ask.line-too-long'],
    } as const;
    for (const [text, [message, code]] of Object.entries(violations))
      reading()
        .when(received('client', text))
        .expect(send('client', `Zorp: ${message}\r\n`), close('denied-by-policy', code));
  });

  it('is told when no question comes in time', () => {
    reading()
      .given(received('client', 'wor'))
      .when(elapsed('ask'))
      .expect(
        send('client', 'Zorp: No request came in time\r\n'),
        close('denied-by-policy', 'ask.request-timeout'),
      );
  });

  it('ends the session when the client leaves', () => {
    reading().when(ended('client')).expect(close('accepted', 'ask.no-request'));
    reading()
      .given(received('client', 'wor'))
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'ask.client-gone'));
    answering().when(ended('client', 'ECONNRESET')).expect(close('accepted', 'ask.client-gone'));
  });
});

describe('what goes wrong with an answer', () => {
  it('is told when there is no server', () => {
    reading()
      .given(received('client', 'word\n'))
      .when(connectFailed())
      .expect(
        send('client', 'Zorp: The server refused the connection\r\n'),
        close('denied-by-connection-fail', 'connect.refused'),
      );
  });

  it('is told behind the whole lines that have passed, and without the footer', () => {
    answering({ responseHeader: 'Hear:', responseFooter: 'That is all' })
      .when(received('server', 'one\r\nelevenbytes\r\n'))
      .expect(
        send('client', 'Hear:\r\none\r\nZorp: A line is longer than 10 bytes\r\n'),
        close('denied-by-policy', 'ask.line-too-long'),
      );
  });

  it('is told when the server is lost, or does not go on', () => {
    answering()
      .given(received('server', 'one\r\nhalf'))
      .when(ended('server', 'ECONNRESET'))
      .expect(
        send('client', 'Zorp: The server broke the connection off\r\n'),
        close('denied-by-connection-fail', 'ask.server-gone'),
      );
    answering()
      .when(elapsed('ask'))
      .expect(
        send('client', 'Zorp: The server did not go on with its answer\r\n'),
        close('denied-by-connection-fail', 'ask.answer-timeout'),
      );
  });
});
