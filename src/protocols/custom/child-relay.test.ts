// Everything through a child, both ways.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { client, clientEnds, server, serverEnds } from '../../../test/support/dialogue.ts';
import { runDialogue } from '../../../test/support/model-pump.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  contentVerdict,
  disconnect,
  elapsed,
  end,
  ended,
  playbook,
  received,
  relay,
  send,
  stack,
  stackRefused,
  stackVerdict,
  stacked,
  started,
  testContext,
} from '../../../test/support/playbook.ts';
import { program } from '../../policy/program.ts';
import { service } from '../../policy/service.ts';
import { accept } from '../../proxy/policy-action.ts';
import { plugProxy } from '../plug/index.ts';
import type { CustomOptions, Script } from './index.ts';
import { customProxy } from './index.ts';

const filter = program('filter', { command: ['/bin/cat'] });

const script: Script = function* ({ client, server, connect, relayThrough }) {
  const line = yield* client.readLine();
  yield* connect();
  server.sendLine(line ?? '');
  yield* relayThrough(filter);
  return accept();
};

function proxy(options: CustomOptions = {}) {
  return customProxy('guess', script, { stacks: [filter], ...options });
}

function stacking(options: CustomOptions = {}): Playbook {
  return playbook(proxy(options).create(testContext()), { ignoring: ['timer'] })
    .given(started())
    .when(received('client', 'hello\nmore'))
    .expect(connect())
    .when(connected())
    .expect(send('server', 'hello\r\n'), stack('filter'));
}

function running(): Playbook {
  return stacking().given(stacked());
}

describe('relayThrough(child) of a conversation', () => {
  it('lets everything pass through the child, what waits first', () => {
    stacking()
      .when(received('server', 'welcome'))
      .expect()
      .when(stacked())
      .expect(
        send('stack-client', 'more'),
        relay('client', 'stack-client'),
        send('stack-server', 'welcome'),
        relay('server', 'stack-server'),
        relay('stack-client', 'client'),
        relay('stack-server', 'server'),
      );
    const run = runDialogue(proxy(), [
      client('hello\nquestion'),
      server('answer'),
      clientEnds(),
      serverEnds(),
    ]);
    assert.equal(run.output('server'), 'hello\r\nquestion');
    assert.equal(run.output('client'), 'answer');
    assert.equal(run.closed?.reason, 'custom.finished');
  });

  it('passes ends through it, and goes on when it has ended', () => {
    running()
      .when(ended('client'))
      .expect(end('stack-client'))
      .when(ended('stack-server'))
      .expect(end('server'))
      .when(ended('stack-client'))
      .expect(end('client'))
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(close('accepted', 'custom.finished'));
    stacking()
      .when(ended('client')) // before the child runs
      .expect()
      .when(stacked())
      .expect(
        send('stack-client', 'more'),
        end('stack-client'),
        relay('server', 'stack-server'),
        relay('stack-client', 'client'),
        relay('stack-server', 'server'),
      );
  });

  it('ends the session with a child that may not run, and tells the client', () => {
    const refusal = { verdict: 'denied-by-limit', reason: 'limit.max-instances' } as const;
    stacking().when(stackRefused(refusal)).expect(close('denied-by-limit', 'limit.max-instances'));
    stacking({ tellRefusal: ({ reason }) => `${reason}\n` })
      .when(stackRefused(refusal))
      .expect(
        send('client', 'limit.max-instances\n'),
        close('denied-by-limit', 'limit.max-instances'),
      );
  });

  it('cuts the session off when the child refuses the contents or fails', () => {
    running()
      .when(contentVerdict('accept'))
      .expect()
      .when(contentVerdict('reject'))
      .expect(close('denied-by-policy', 'custom.content-refused', 'reset'));
    running()
      .when(stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset'))
      .expect(close('denied-by-unknown-fail', 'program.failed', 'reset'));
    running()
      .when(stackVerdict('accepted', 'program.ended', 'reset'))
      .expect(close('accepted', 'program.ended', 'reset'));
    for (const port of ['stack-client', 'stack-server'] as const)
      running()
        .when(ended(port, 'ECONNRESET'))
        .expect(close('denied-by-unknown-fail', 'custom.stack-reset', 'reset'));
  });

  it('ends with a service that drops the server, once that has said all', () => {
    const inner = service('inner', { proxy: plugProxy() });
    const through: Script = function* ({ connect, relayThrough }) {
      yield* connect();
      yield* relayThrough(inner);
      return accept();
    };
    const factory = customProxy('through', through, { stacks: [inner] });
    playbook(factory.create(testContext()), { ignoring: ['timer'] })
      .given(started(), connected(), stacked())
      .when(ended('stack-server', 'ECONNRESET'))
      .expect(disconnect('server', 'reset'))
      .when(stackVerdict('accepted', 'http.finished'))
      .expect(close('accepted', 'http.finished'));
  });

  it('hears nothing of children before it asked for one, nor of a second one', () => {
    playbook(proxy().create(testContext()), { ignoring: ['timer'] })
      .given(started())
      .when(stacked())
      .expect()
      .when(stackVerdict('denied-by-policy', 'x'))
      .expect()
      .when(received('stack-server', 'x'))
      .expect()
      .when(ended('stack-client', 'ECONNRESET'))
      .expect();
    running()
      .when(stacked())
      .expect()
      .when(stackRefused())
      .expect()
      .when(received('stack-server', 'x'))
      .expect()
      .when(elapsed('idle'))
      .expect(close('accepted', 'custom.timeout'));
  });
});
