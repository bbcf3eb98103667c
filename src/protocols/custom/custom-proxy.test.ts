import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { client, clientEnds, server, serverEnds } from '../../../test/support/dialogue.ts';
import { runDialogue } from '../../../test/support/model-pump.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  connectFailed,
  elapsed,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  relay,
  relayed,
  release,
  send,
  started,
  testContext,
  timer,
  wait,
  resolved,
  rejected,
} from '../../../test/support/playbook.ts';
import { failed, settled } from '../../../test/support/settled.ts';
import { abort, accept, reject } from '../../proxy/policy-action.ts';
import type { CustomOptions, Script } from './index.ts';
import { customProxy } from './index.ts';

const IDLE = timer('idle', 600_000, 'idle');
const READ = timer('read.client', 300_000);
const READ_NO_MORE = timer('read.client', undefined);

function playing(script: Script, options: CustomOptions = {}): Playbook {
  return playbook(customProxy('guess', script, options).create(testContext()));
}

const guess: Script = function* ({ client, server, connect, relay }) {
  client.sendLine('What is your name?');
  const name = yield* client.readLine();
  if (name === undefined || !/^[a-z]+$/.test(name)) return reject('No such name');
  yield* connect();
  server.sendLine(`HELLO ${name}`);
  yield* relay();
  return accept();
};

describe('a custom proxy', () => {
  it('does what its script says, in this order', () => {
    playing(guess)
      .when(started())
      .expect(IDLE, send('client', 'What is your name?\r\n'))
      .when(received('client', 'bo'))
      .expect(READ)
      .when(received('client', 'b\r\nand more'))
      .expect(connect(), READ_NO_MORE)
      .when(received('client', '.'))
      .expect()
      .when(connected())
      .expect(
        send('server', 'HELLO bob\r\nand more.'),
        relay('client', 'server'),
        relay('server', 'client'),
      )
      .when(ended('client'))
      .expect(end('server'))
      .when(ended('server'))
      .expect(end('client'), close('accepted', 'custom.finished'));
  });

  it('ends as its script returns', () => {
    const results = [
      [accept(), close('accepted', 'custom.finished')],
      [reject('No'), close('denied-by-policy', 'custom.rejected')],
      [abort('No'), close('aborted-by-policy-action', 'custom.aborted', 'reset')],
    ] as const;
    for (const [result, closed] of results)
      playing(function* ({ client }) {
        yield* client.read();
        return result;
      })
        .given(started())
        .when(received('client', '?'))
        .expect(closed);
  });

  it('ends when nothing comes, and when a connection breaks', () => {
    playing(guess)
      .given(started())
      .when(elapsed('idle'))
      .expect(close('accepted', 'custom.timeout'));
    const connecting = () => playing(guess).given(started(), received('client', 'bob\n'));
    connecting()
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'custom.client-reset', 'reset'));
    connecting()
      .given(connected())
      .when(ended('server', 'ECONNRESET'))
      .expect(close('accepted', 'custom.server-reset', 'reset'));
  });

  it('connects first if it is told to, and the script begins then', () => {
    playing(guess, { connect: 'first' })
      .when(started())
      .expect(IDLE, connect())
      .when(received('client', 'bob\r\n'))
      .expect()
      .when(connected())
      .expect(
        send('client', 'What is your name?\r\n'),
        log('policy.invalid-result'), // the script connects once more
        close('invalid-policy-call', 'policy.invalid-result'),
      );
    playing(guess, { connect: 'first' })
      .given(started())
      .when(connectFailed())
      .expect(close('denied-by-connection-fail', 'connect.refused'));
  });
});

describe('back-pressure', () => {
  it('holds a side that is not read, and what it said is not lost', () => {
    playing(
      function* ({ client, server, connect }) {
        yield* connect();
        const line = yield* server.readLine();
        client.send(line ?? '');
        server.send((yield* client.readBytes(3)) ?? '');
        yield* client.readBytes(4);
        return accept();
      },
      { maxBufferedBytes: 4 },
    )
      .given(started(), received('client', 'abc'))
      .when(received('client', 'de'))
      .expect(hold('client'))
      .when(connected())
      .expect()
      .when(received('server', 'x\n'))
      .expect(send('client', 'x'), send('server', 'abc'), release('client'), READ)
      .when(received('client', 'fgh'))
      .expect(close('accepted', 'custom.finished'));
  });

  it('lets held bytes go first when the rest is relayed', () => {
    playing(
      function* ({ client, connect, relay }) {
        yield* connect();
        client.send(`${String(yield* client.relay(8))} bytes`);
        yield* relay();
        return accept();
      },
      { maxBufferedBytes: 4 },
    )
      .given(started())
      .when(received('client', 'abcde'))
      .expect(hold('client'))
      .when(connected())
      .expect(send('server', 'abcde'), relay('client', 'server', 3), release('client'))
      .when(relayed('client', 'server', 3))
      .expect(send('client', '8 bytes'), relay('client', 'server'), relay('server', 'client'));
  });
});

describe('what ends a script', () => {
  const cases: Record<string, [Script, ...ReturnType<typeof log>[]]> = {
    'it throws': [
      function* ({ client }) {
        yield* client.read();
        throw new Error('no database');
      },
      log('policy.function-failed'),
      close('aborted-by-policy-action', 'policy.function-failed'),
    ],
    'it yields something of its own': [
      function* ({ client }) {
        yield* client.read();
        yield 5 as never;
        return accept();
      },
      log('policy.invalid-result'),
      close('invalid-policy-call', 'policy.invalid-result'),
    ],
    'it returns no verdict': [
      function* ({ client }) {
        return (yield* client.read()) as never;
      },
      log('policy.invalid-result'),
      close('invalid-policy-call', 'policy.invalid-result'),
    ],
    'it goes round in circles': [
      function* ({ client }) {
        yield* client.read();
        for (;;) client.send('.');
      },
      ...Array.from({ length: 10_000 }, () => send('client', '.')),
      log('custom.too-many-steps'),
      close('aborted-by-policy-action', 'custom.too-many-steps'),
    ],
    'it waits in circles': [
      function* ({ client }) {
        yield* client.read();
        for (;;) yield* client.relay(0);
      },
      log('policy.invalid-result'), // there is no server to relay to
      close('invalid-policy-call', 'policy.invalid-result'),
    ],
    'it catches the error of a rule that it broke': [
      function* ({ client, server }) {
        yield* client.read();
        try {
          server.send('too early');
        } catch {
          client.send('never mind');
        }
        return accept();
      },
      send('client', 'never mind'),
      log('policy.invalid-result'),
      close('invalid-policy-call', 'policy.invalid-result'),
    ],
  };
  for (const [name, [script, ...expected]] of Object.entries(cases))
    it(`is that ${name}`, () => {
      playing(script)
        .given(started())
        .when(received('client', '?'))
        .expect(...expected);
    });

  it('is that what it waits for goes round in circles', () => {
    const run = runDialogue(
      customProxy('guess', function* ({ wait }) {
        for (;;) yield* wait(settled(1));
      }),
      [],
    );
    assert.equal(run.closed?.reason, 'custom.too-many-steps');
  });
});

describe('a script that waits for promises', () => {
  const asking: Script = function* ({ client, wait }) {
    const line = yield* client.readLine();
    try {
      client.sendLine(yield* wait(settled(`${line ?? ''}!`)));
      yield* wait(failed(new Error('no database')));
    } catch (error) {
      client.sendLine(error instanceof Error ? error.message : '');
    }
    yield* wait(failed(new Error('still none')));
    return accept();
  };

  it('gets what they come to, and may catch what they fail with', () => {
    playing(asking)
      .given(started())
      .when(received('client', 'hello\r\n'))
      .expect(wait())
      .when(resolved('hello!'))
      .expect(send('client', 'hello!\r\n'), wait())
      .when(rejected(new Error('no database')))
      .expect(send('client', 'no database\r\n'), wait())
      .when(rejected(new Error('still none')))
      .expect(
        log('policy.function-failed'),
        close('aborted-by-policy-action', 'policy.function-failed'),
      );
  });
});

describe('the words of a refusal', () => {
  const tellRefusal = ({ reason, message }: { reason: string; message: string }) =>
    `${reason}: ${message}\n`;
  const refusal = { reason: 'rule.deny', verdict: 'denied-by-policy', message: 'No' } as const;

  it('are told to a client that may not use the service', () => {
    const context = { ...testContext(), refusal };
    playbook(customProxy('guess', guess, { tellRefusal }).create(context))
      .when(started())
      .expect(send('client', 'rule.deny: No\n'), close('denied-by-policy', 'rule.deny'));
    playbook(customProxy('guess', guess).create(context))
      .when(started())
      .expect(close('denied-by-policy', 'rule.deny'));
  });

  it('are told of what the script rejects, of failed connects and of violations', () => {
    playing(guess, { tellRefusal })
      .given(started())
      .when(received('client', 'B0B\n'))
      .expect(
        send('client', 'custom.rejected: No such name\n'),
        close('denied-by-policy', 'custom.rejected'),
      );
    playing(guess, { tellRefusal })
      .given(started(), received('client', 'bob\n'))
      .when(connectFailed())
      .expect(
        send('client', 'connect.refused: The server refused the connection\n'),
        close('denied-by-connection-fail', 'connect.refused'),
      );
    playing(guess, { tellRefusal, clientMaxLineLength: 3 })
      .given(started())
      .when(received('client', 'bobby\n'))
      .expect(
        log('custom.line-too-long'),
        send('client', 'custom.line-too-long: A line is longer than 3 bytes\n'),
        close('denied-by-policy', 'custom.line-too-long'),
      );
  });

  it('say nothing of what went wrong in the policy', () => {
    const leaking: Script = function* ({ client }) {
      yield* client.read();
      throw new Error('password of the database');
    };
    playing(leaking, { tellRefusal })
      .given(started())
      .when(received('client', '?'))
      .expect(
        log('policy.function-failed'),
        send('client', 'policy.function-failed: The firewall cannot handle this connection\n'),
        close('aborted-by-policy-action', 'policy.function-failed'),
      );
  });

  it('are not mixed into what was relayed, nor sent after an end', () => {
    const relayed = runDialogue(
      customProxy(
        'guess',
        function* ({ connect, server }) {
          yield* connect();
          yield* server.relay(2);
          return reject('too late');
        },
        { tellRefusal },
      ),
      [server('abcd')],
    );
    assert.equal(relayed.output('client'), 'ab');
    const silent: Script = function* ({ client }) {
      client.end();
      yield* client.read();
      return reject('too late');
    };
    playing(silent, { tellRefusal })
      .given(started())
      .when(received('client', '?'))
      .expect(close('denied-by-policy', 'custom.rejected'));
  });

  it('may fail, and the session ends all the same', () => {
    const failing = () => {
      throw new Error('no words');
    };
    for (const [tell, code] of [
      [failing, 'policy.function-failed'],
      [() => 5 as never, 'policy.invalid-result'],
      [() => '\ud800', 'policy.invalid-result'],
    ] as const)
      playing(guess, { tellRefusal: tell })
        .given(started())
        .when(received('client', '1\n'))
        .expect(log(code), close('denied-by-policy', 'custom.rejected'));
  });
});

describe('a peer that ends early', () => {
  it('gives undefined, and what it said before is there', () => {
    const script: Script = function* ({ client, server, connect }) {
      yield* connect();
      server.send(`${String(yield* client.readLine())},`);
      server.send(`${String(yield* client.readBytes(9))},`);
      server.send((yield* client.read()) ?? '');
      server.send(`,${String(yield* client.read())}`);
      return accept();
    };
    const run = runDialogue(customProxy('guess', script), [client('half'), clientEnds()]);
    assert.equal(run.output('server'), 'undefined,undefined,half,undefined');
    const both = runDialogue(customProxy('guess', guess), [
      client('bob\r\n'),
      clientEnds(),
      server('bye'),
      serverEnds(),
    ]);
    assert.equal(both.output('client'), 'What is your name?\r\nbye');
    assert.equal(both.closed?.reason, 'custom.finished');
  });
});
