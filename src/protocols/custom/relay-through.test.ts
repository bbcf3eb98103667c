// What a script may say to run a child, and the preamble that it writes itself.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CHILD_GONE } from '../../../test/support/child-dialogue.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connected,
  contentHint,
  contentVerdict,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  release,
  send,
  stack,
  stackVerdict,
  stacked,
  started,
  testContext,
} from '../../../test/support/playbook.ts';
import { program } from '../../policy/program.ts';
import { playProxy } from '../../proxy/play-proxy.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { Conversation, Preamble, Script, Waiting } from './index.ts';
import { customProxy } from './index.ts';

const filter = program('filter', { command: ['/bin/cat'] });
const other = program('other', { command: ['/bin/cat'] });

/** What becomes of a script that does this when it is connected. */
function endingOf(deed: (conversation: Conversation) => Waiting<unknown>): string | undefined {
  const script: Script = function* (conversation) {
    yield* conversation.connect();
    yield* deed(conversation);
    return accept();
  };
  return playProxy(customProxy('guess', script, { stacks: [filter] })).ending()?.message;
}

describe('relayThrough()', () => {
  it('runs what the option stacks names, and nothing else', () => {
    for (const run of [
      ({ relayThrough }: Conversation) => relayThrough(other),
      ({ client }: Conversation) => client.relayThrough(other),
    ])
      assert.equal(
        endingOf(run),
        'The script of guess called relayThrough() with the program other: name it in the option stacks',
      );
    assert.match(
      endingOf(({ server }) => server.relayThrough('cat' as never)) ?? '',
      /with "cat":/,
    );
  });

  it('says how to write what is wrong', () => {
    const wrong = [
      [{ length: -1 }, /with a wrong length: give a number of bytes$/],
      [{ keepAlive: { everyMs: 0, data: '' } }, /a wrong keepAlive.everyMs: give at least 1/],
      [{ preamble: '\ud800' }, /it has characters that utf-8 has not$/],
    ] as const;
    for (const [options, message] of wrong)
      assert.match(endingOf(({ client }) => client.relayThrough(filter, options)) ?? '', message);
  });

  it('has to be waited for, and needs both peers', () => {
    assert.match(
      endingOf(function* ({ client }) {
        client.relayThrough(filter);
        yield* client.read();
      }) ?? '',
      /called client\.relayThrough\(\) and did not wait for it/,
    );
    assert.match(
      endingOf(function* ({ client, server }) {
        client.end();
        yield* server.relayThrough(filter);
      }) ?? '',
      /sent to the client after it had ended it$/,
    );
    const early: Script = function* ({ client }) {
      yield* client.relayThrough(filter);
      return accept();
    };
    const play = playProxy(customProxy('guess', early, { stacks: [filter] }));
    assert.match(play.ending()?.message ?? '', /before it was connected/);
  });
});

type Announce = (server: Conversation['server'], client: Conversation['client']) => Preamble;

/** Asks the server for its answer. */
const asking: Announce = (server) =>
  function* () {
    server.sendLine('DATA');
    return (yield* server.readLine())?.startsWith('354') === true;
  };

/** An upload that is announced like this, up to where the child has all of it. */
function uploading(announce: Announce, completeCopy = false): Playbook {
  const script: Script = function* ({ client, server, connect }) {
    yield* connect();
    const options = { length: 4, preamble: announce(server, client), completeCopy };
    const { outcome, reason } = yield* client.relayThrough(filter, options);
    if (outcome === 'finished') server.sendLine('.');
    client.sendLine(`${outcome} ${reason}`);
    yield* client.read();
    return accept();
  };
  const proxy = customProxy('guess', script, { stacks: [filter] });
  return playbook(proxy.create(testContext()), { ignoring: ['timer'] })
    .given(started())
    .when(connected())
    .expect(stack('filter'))
    .when(received('client', 'mail'))
    .expect()
    .when(stacked())
    .expect(end('stack-server'), send('stack-client', 'mail'), end('stack-client'));
}

/** The server was asked. */
function asked(completeCopy = false): Playbook {
  return uploading(asking, completeCopy)
    .when(received('stack-server', 'MA'))
    .expect(hold('stack-server'), send('server', 'DATA\r\n'));
}

describe('a preamble of the script', () => {
  it('is answered before the body goes out', () => {
    asked()
      .when(received('server', '354 go on\r\n'))
      .expect(release('stack-server'), send('server', 'MA'))
      .when(received('stack-server', 'IL'))
      .expect(send('server', 'IL'))
      .when(ended('stack-server'))
      .expect()
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(
        ...CHILD_GONE,
        send('server', '.\r\n'),
        send('client', 'finished content.passed\r\n'),
      );
  });

  it('may find that the body is not wanted: nothing of it goes out', () => {
    asked()
      .when(received('server', '550 no\r\n'))
      .expect(...CHILD_GONE, send('client', 'refused custom.declined\r\n'))
      .when(received('client', '?'))
      .expect(close('accepted', 'custom.finished'));
    asked(true) // but the child sees all of it
      .when(received('server', '550 no\r\n'))
      .expect(release('stack-server'))
      .when(received('stack-server', 'IL'))
      .expect()
      .given(ended('stack-server'))
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(...CHILD_GONE, send('client', 'refused custom.declined\r\n'));
  });

  it('may be overtaken by a child that fails: the server waits for a body then, and is cut off', () => {
    asked()
      .when(contentVerdict('reject', 'a virus'))
      .expect(...CHILD_GONE)
      .when(received('server', '354 go on\r\n'))
      .expect(send('client', 'aborted content.reject\r\n'))
      .when(received('client', '?'))
      .expect(close('accepted', 'custom.finished', 'reset'));
  });

  it('is not run for a body that is refused', () => {
    uploading(() => () => {
      throw new Error('not this one');
    })
      .when(contentVerdict('reject'))
      .expect(...CHILD_GONE, send('client', 'refused content.reject\r\n'));
  });

  it('hears how long the output will be', () => {
    const telling: Announce = (server) =>
      // eslint-disable-next-line require-yield -- it has nothing to wait for
      function* (length) {
        server.sendLine(`PUT ${String(length)}`);
        return true;
      };
    uploading(telling)
      .given(contentHint(7))
      .when(received('stack-server', 'M'))
      .expect(
        hold('stack-server'),
        send('server', 'PUT 7\r\n'),
        release('stack-server'),
        send('server', 'M'),
      );
  });

  it('that ends the server leaves nobody to take the body', () => {
    const ending: Announce = (server) =>
      // eslint-disable-next-line require-yield -- it has nothing to wait for
      function* () {
        server.end();
        return true;
      };
    uploading(ending)
      .when(contentVerdict('accept'))
      .expect(
        hold('stack-server'),
        end('server'),
        ...CHILD_GONE,
        send('client', 'refused custom.declined\r\n'),
      );
  });

  it('has to say whether the body goes out, and moves nothing else meanwhile', async () => {
    const wrong: Announce[] = [
      () =>
        // eslint-disable-next-line require-yield -- it has nothing to wait for
        function* () {
          return undefined as never;
        },
      (_, client) =>
        function* () {
          yield* client.relay(1);
          return true;
        },
      (server) =>
        function* () {
          yield* server.relayThrough(filter);
          return true;
        },
      () => () => Promise.reject(new Error('async')) as never,
      () => () => true as never,
      () => () => 'yes' as never,
    ];
    for (const announce of wrong)
      uploading(announce)
        .when(contentVerdict('accept'))
        .expect(
          hold('stack-server'),
          log('policy.invalid-result'),
          close('invalid-policy-call', 'policy.invalid-result', 'reset'),
        );
    await setImmediate(); // an unhandled rejection would fail the test
  });
});
