// One body through a child, to the other peer or not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHILD_GONE } from '../../../test/support/child-dialogue.ts';
import { client, clientEnds, server, serverEnds } from '../../../test/support/dialogue.ts';
import { runDialogue } from '../../../test/support/model-pump.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connected,
  contentVerdict,
  elapsed,
  end,
  ended,
  hold,
  playbook,
  received,
  relay,
  release,
  send,
  stack,
  stackRefused,
  stackVerdict,
  stacked,
  started,
  testContext,
  timer,
} from '../../../test/support/playbook.ts';
import { program } from '../../policy/program.ts';
import { abort, accept } from '../../proxy/policy-action.ts';
import type { BodyOptions, BodyOutcome, CustomOptions, Script } from './index.ts';
import { customProxy } from './index.ts';

const filter = program('filter', { command: ['/bin/cat'] });
function shown({ outcome, verdict, description, reason, sentBytes }: BodyOutcome): string {
  return `${outcome} ${verdict} ${reason} (${description}) ${String(sentBytes)}`;
}

/** Downloads: `GET` for a body of so many bytes, which the server counts as `n\n`; what came of it is told, and so on. */
function downloading(body: BodyOptions = {}): Script {
  return function* ({ client, server, connect }) {
    yield* connect();
    for (;;) {
      const line = yield* client.readLine();
      if (line === undefined) return accept();
      server.sendLine(line);
      const length = Number(yield* server.readLine());
      const outcome = yield* server.relayThrough(filter, { preamble: '+OK\n', length, ...body });
      if (outcome.outcome === 'aborted') return abort(shown(outcome));
      client.send(`${shown(outcome)}\n`);
    }
  };
}

function proxy(script: Script, options: CustomOptions = {}) {
  return customProxy('guess', script, { stacks: [filter], lineEnd: 'lf', ...options });
}

function stacking(script: Script = downloading(), options: CustomOptions = {}): Playbook {
  return playbook(proxy(script, options).create(testContext()), { ignoring: ['timer'] })
    .given(started(), connected(), received('client', 'GET\n'))
    .when(received('server', '5\nab'))
    .expect(stack('filter'));
}

function running(script?: Script): Playbook {
  return stacking(script).when(stacked()).expect(end('stack-server'), send('stack-client', 'ab'));
}

describe('relayThrough(child) of a peer', () => {
  it('announces the body when the child has spoken, and passes its output', () => {
    running()
      .when(received('stack-server', 'A'))
      .expect(send('client', '+OK\nA'))
      .when(received('server', 'cdeNEXT'))
      .expect(send('stack-client', 'cde'), end('stack-client'))
      .when(received('stack-server', 'BC'))
      .expect(send('client', 'BC'))
      .when(ended('stack-server'))
      .expect()
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(...CHILD_GONE, send('client', 'finished unspecified content.passed () 3\n'))
      .when(received('client', 'GET\n')) // in step: the server's next word is NEXT
      .expect(send('server', 'GET\n'));
  });

  it('carries counted bodies and the rest of a stream', () => {
    const run = runDialogue(proxy(downloading()), [
      client('GET\nGET\n'),
      server('3\nabc0\n'),
      clientEnds(),
    ]);
    assert.equal(
      run.output('client'),
      '+OK\nabcfinished unspecified content.passed () 3\n' +
        '+OK\nfinished unspecified content.passed () 0\n',
    );
    const upload: Script = function* ({ client, server, connect }) {
      yield* connect();
      const outcome = yield* client.relayThrough(filter);
      server.end();
      client.send(shown(outcome));
      return accept();
    };
    const uploaded = runDialogue(proxy(upload), [client('abc'), client('def'), clientEnds()]);
    assert.equal(uploaded.output('server'), 'abcdef');
    assert.equal(uploaded.output('client'), 'finished unspecified content.passed () 6');
  });

  it('tells what the child says, and how long its output will be', () => {
    running()
      .when(contentVerdict('accept', 'clean'))
      .expect(send('client', '+OK\n'))
      .when(received('server', 'cde'))
      .expect(send('stack-client', 'cde'), end('stack-client'))
      .given(ended('stack-server'))
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(...CHILD_GONE, send('client', 'finished accept content.passed (clean) 0\n'));
  });

  it('gives a refusal to the script while nothing has gone out, and swallows what is left', () => {
    for (const word of ['reject', 'drop', 'error'] as const)
      running()
        .when(contentVerdict(word, 'a virus'))
        .expect(...CHILD_GONE, send('client', `refused ${word} content.${word} (a virus) 0\n`))
        .when(received('client', 'GET\n'))
        .expect(send('server', 'GET\n'))
        .when(received('server', 'cd'))
        .expect()
        .when(received('server', 'e2\nxy'))
        .expect(stack('filter'));
  });

  it('makes one line of what the child says, which can be sent on', () => {
    const said = contentVerdict('reject', 'a\r\nDELE 1\0');
    running()
      .when(said)
      .expect(...CHILD_GONE, send('client', 'refused reject content.reject (a DELE 1 ) 0\n'));
  });

  it('gives all other failures to the script, as an error of the check', () => {
    const limit = { verdict: 'denied-by-limit', reason: 'limit.max-instances', message: 'Full' };
    stacking()
      .when(stackRefused({ ...limit, verdict: 'denied-by-limit' }))
      .expect(send('client', 'refused error limit.max-instances (Full) 0\n'));
    running()
      .when(stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset'))
      .expect(
        ...CHILD_GONE,
        send(
          'client',
          'refused error program.failed (What checks the contents ended before its time) 0\n',
        ),
      );
    for (const play of [running(), stacking()])
      play
        .given(elapsed('transfer.idle'))
        .when(received('client', 'GET\n'))
        .expect(send('server', 'GET\n'));
  });

  it('refuses a body that is shorter than it was said to be', () => {
    running()
      .when(ended('server'))
      .expect(
        ...CHILD_GONE,
        send(
          'client',
          'refused error content.source-lost (The contents ended before they were complete) 0\n',
        ),
      );
    stacking()
      .when(ended('server')) // before the child runs
      .expect()
      .when(stacked())
      .expect(
        end('stack-server'),
        send('stack-client', 'ab'),
        ...CHILD_GONE,
        send(
          'client',
          'refused error content.source-lost (The contents ended before they were complete) 0\n',
        ),
      );
  });

  it('cuts off who has a part: nobody may take that for the whole', () => {
    const begun = (script?: Script) => running(script).given(received('stack-server', 'A'));
    begun()
      .when(contentVerdict('reject', 'a virus'))
      .expect(...CHILD_GONE, close('aborted-by-policy-action', 'custom.aborted', 'reset'));
    // Whatever the script returns, and whatever else ends the session.
    const forgiving: Script = function* (conversation) {
      const { client, server, connect } = conversation;
      yield* connect();
      yield* client.readLine();
      yield* server.readLine();
      const { outcome } = yield* server.relayThrough(filter, { length: 5 });
      server.send(outcome);
      yield* client.readLine();
      return accept();
    };
    begun(forgiving)
      .when(ended('stack-server', 'ECONNRESET'))
      .expect(...CHILD_GONE, send('server', 'aborted'))
      .when(received('client', 'bye\n'))
      .expect(close('accepted', 'custom.finished', 'reset'));
    begun()
      .when(elapsed('idle'))
      .expect(close('accepted', 'custom.timeout', 'reset'));
    running().when(elapsed('idle')).expect(close('accepted', 'custom.timeout'));
  });

  it('lets nothing more be sent to who has a part', () => {
    const stubborn: Script = function* ({ client, server, connect }) {
      yield* connect();
      yield* client.readLine();
      yield* server.readLine();
      yield* server.relayThrough(filter, { length: 5 });
      client.send('the rest');
      return accept();
    };
    playbook(proxy(stubborn).create(testContext()), { ignoring: ['timer', 'log'] })
      .given(started(), connected(), received('client', 'GET\n'), received('server', '5\nab'))
      .given(stacked(), received('stack-server', 'A'))
      .when(contentVerdict('reject'))
      .expect(...CHILD_GONE, close('invalid-policy-call', 'policy.invalid-result', 'reset'));
  });

  it('holds whom nobody reads', () => {
    stacking(downloading(), { maxBufferedBytes: 4 })
      .when(received('server', 'cd'))
      .expect(hold('server'))
      .when(received('client', 'more'))
      .expect(hold('client'))
      .when(stacked())
      .expect(end('stack-server'), send('stack-client', 'abcd'), release('server'))
      .when(received('server', 'eNEXT'))
      .expect(send('stack-client', 'e'), end('stack-client'), hold('server'));
  });

  it('keeps the other peer waiting with words, until the body begins', () => {
    const waiting = downloading({
      keepAlive: { everyMs: 1_000, data: 'wait\n' },
      timeoutMs: 5_000,
    });
    playbook(proxy(waiting).create(testContext()))
      .given(started(), connected(), received('client', 'GET\n'))
      .when(received('server', '5\nab'))
      .expect(
        stack('filter'),
        timer('transfer.idle', 5_000, 'idle'),
        timer('transfer.progress', 1_000),
      )
      .when(elapsed('transfer.progress'))
      .expect(timer('transfer.progress', 1_000), send('client', 'wait\n'))
      .given(stacked(), received('stack-server', 'A'))
      .when(elapsed('transfer.progress'))
      .expect(timer('transfer.progress', 1_000));
  });

  it('sends a child away that comes when its time is over', () => {
    stacking()
      .given(elapsed('transfer.idle'))
      .when(stacked())
      .expect(...CHILD_GONE);
  });
});

describe('a relay after a body that was refused', () => {
  it('waits until nothing of the body would pass with it', () => {
    const script: Script = function* ({ client, server, connect, relay }) {
      yield* connect();
      yield* client.readLine();
      yield* server.readLine();
      client.send((yield* server.relayThrough(filter, { length: 5 })).verdict);
      client.send(`(${String(yield* server.relay(2))})`);
      yield* relay();
      return accept();
    };
    running(script)
      .when(contentVerdict('drop'))
      .expect(...CHILD_GONE, send('client', 'drop'))
      .when(received('server', 'cd'))
      .expect()
      .when(received('server', 'e12345'))
      .expect(
        send('client', '12(2)'),
        relay('client', 'server'),
        send('client', '345'),
        relay('server', 'client'),
      );
    const run = runDialogue(
      proxy(script),
      [client('GET\n'), server('5\nabcde12345'), clientEnds(), serverEnds()],
      { stacking: { verdict: 'denied-by-limit', reason: 'r', message: 'm' }, chunkSizes: [2] },
    );
    assert.equal(run.output('client'), 'error12(2)345');
  });
});
