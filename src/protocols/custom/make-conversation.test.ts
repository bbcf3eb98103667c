import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { playProxy } from '../../proxy/play-proxy.ts';
import type { Play } from '../../proxy/play-proxy.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import { attribute } from '../../proxy/proxy-session.ts';
import type { Conversation, Script } from './index.ts';
import { customProxy } from './index.ts';

function play(script: Script, options: Parameters<typeof playProxy>[1] = {}): Play {
  return playProxy(customProxy('guess', script), options);
}

const DOWN = {
  reason: 'connect.refused',
  verdict: 'denied-by-connection-fail',
  message: 'Nobody listens there',
} as const;

/** What becomes of a script that does this first. */
function endingOf(deed: (conversation: Conversation) => unknown): string | undefined {
  const session = play(function* (conversation) {
    deed(conversation);
    yield* conversation.client.read();
    return accept();
  });
  return session.ending()?.message;
}

describe('nextLine() and nextBytes()', () => {
  const chat: Script = function* ({ connect, nextLine }) {
    yield* connect();
    for (;;) {
      const { from, to, line } = yield* nextLine();
      if (line === 'stop') return accept();
      if (line === undefined) to.end();
      else to.sendLine(`${from.name} says ${line}`);
    }
  };

  it('hear who spoke first, and both when one has ended', () => {
    const session = play(chat);
    session.client.say('a\nb\n');
    session.server.say('c\n');
    session.client.end();
    assert.equal(session.server.heard(), 'client says a\r\nclient says b\r\n');
    assert.equal(session.client.heard(), 'server says c\r\n');
    assert.ok(session.server.heardEnd());
    session.server.say('still here\nstop\n');
    assert.equal(session.client.heard(), 'server says still here\r\n');
    assert.equal(session.ending()?.reason, 'custom.finished');
  });

  it('keep the order of what came while the script was busy', async () => {
    const session = play(function* ({ client, connect, nextLine }) {
      yield* connect();
      yield* client.readLine();
      const order: string[] = [];
      for (let lines = 0; lines < 4; lines++) order.push((yield* nextLine()).line ?? '');
      client.send(order.join(','));
      return accept();
    });
    session.server.say('1\n');
    session.client.say('go\n2\n');
    session.server.say('3\n');
    session.client.say('4\n');
    await session.settle();
    assert.equal(session.client.heard(), '1,2,3,4');
  });

  it('end a script that does not mind the ends', () => {
    const session = play(function* ({ connect, nextBytes }) {
      yield* connect();
      for (;;) {
        const { to, bytes } = yield* nextBytes();
        if (bytes !== undefined) to.send(bytes);
      }
    });
    session.client.say('\0\xff');
    assert.deepEqual([...session.server.heardBytes()], [0, 0xc3, 0xbf]);
    session.client.end();
    session.server.end();
    assert.equal(session.ending()?.reason, 'custom.too-many-steps');
  });

  it('tell of the client only, before there is a server', () => {
    const session = play(function* ({ nextLine }) {
      const { line } = yield* nextLine();
      return line === undefined ? reject('gone') : accept();
    });
    session.client.end();
    assert.equal(session.ending()?.message, 'gone');
  });
});

describe('tryConnect()', () => {
  it('leaves a failure to the script, which may try another server', () => {
    const session = play(
      function* ({ client, server, tryConnect }) {
        const failure = yield* tryConnect({ host: 'a.example', port: 1 });
        client.sendLine(failure?.message ?? '');
        if ((yield* tryConnect({ host: 'b.example', port: 2 })) === undefined) server.send('here');
        return accept();
      },
      { connects: [DOWN] },
    );
    assert.equal(session.client.heard(), 'Nobody listens there\r\n');
    assert.equal(session.server.heard(), 'here');
    assert.deepEqual(session.connects, [
      { host: 'a.example', port: 1 },
      { host: 'b.example', port: 2 },
    ]);
  });

  it('leaves nothing to send to when it failed', () => {
    const session = play(
      function* ({ server, tryConnect }) {
        yield* tryConnect();
        server.send('to whom?');
        return accept();
      },
      { connects: [DOWN] },
    );
    assert.match(session.ending()?.message ?? '', /sent to the server before it was connected/);
  });
});

describe('the rules of a conversation', () => {
  it('are told to who breaks them', () => {
    const targets: unknown[] = ['a', null, {}, { host: '', port: 1 }, { host: 'a', port: 65_536 }];
    for (const target of targets)
      assert.match(
        endingOf(({ connect }) => connect(target as never)) ?? '',
        /^The script of guess called connect\(\) with .*: give \{ host, port \}$/,
      );
    assert.match(endingOf(({ relay }) => relay()) ?? '', /called relay\(\) and did not wait/);
    assert.match(
      endingOf(({ wait }) => wait((() => 1) as never)) ?? '',
      /give it a promise, not a function$/,
    );
    assert.match(
      endingOf(({ setVerdict }) => {
        setVerdict('maybe' as never);
      }) ?? '',
      /called setVerdict\("maybe"\): give accept, reject, drop, error$/,
    );
    assert.match(
      endingOf(({ setContentHint }) => {
        setContentHint(-1);
      }) ?? '',
      /give a number of bytes$/,
    );
  });
});

describe('a conversation', () => {
  it('logs, speaks to its parent and knows its session', () => {
    const mood = attribute<string>('mood');
    const session = play(
      function* ({ client, log, session, setContentHint, setVerdict }) {
        session.set(mood, 'good');
        log(`mood ${session.get(mood) ?? 'unknown'} in ${session.clientZone?.name ?? 'no zone'}`);
        log(5 as never);
        setContentHint(10);
        setVerdict('reject', 'infected');
        yield* client.read();
        return accept();
      },
      { session: { clientZone: { name: 'intranet' } } },
    );
    assert.deepEqual(session.logs, ['custom.log: mood good in intranet', 'custom.log: 5']);
    assert.deepEqual(session.contentVerdicts, [{ word: 'reject', description: 'infected' }]);
    assert.equal(session.ending(), undefined);
  });

  it('cannot be held with a callback of its own', async () => {
    const session = play(function* ({ client, wait }) {
      const late = async () => {
        await Promise.resolve();
        client.send('from outside');
      };
      yield* wait(late());
      return accept();
    });
    await session.settle();
    assert.match(session.ending()?.message ?? '', /acted while it did not run/);
    assert.equal(session.client.heard(), '');
  });
});

describe('wait() without yield*', () => {
  it('ends the session, and the promise may fail unheard', async () => {
    const failed = Promise.reject(new Error('no database'));
    assert.match(endingOf(({ wait }) => wait(failed)) ?? '', /did not wait for it: write yield\*/);
    await setImmediate(); // an unhandled rejection would fail the test
  });
});
