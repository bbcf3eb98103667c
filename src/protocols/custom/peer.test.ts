import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testContext } from '../../../test/support/test-session.ts';
import { playProxy } from '../../proxy/play-proxy.ts';
import type { Play } from '../../proxy/play-proxy.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { CustomOptions, Peer, Script, Waiting } from './index.ts';
import { customProxy } from './index.ts';

/** Does something with the client, and says `done` with what came of it. */
function play(deed: (client: Peer) => Waiting<unknown>, options: CustomOptions = {}): Play {
  const script: Script = function* ({ client }) {
    const result = yield* deed(client);
    client.send(result instanceof Uint8Array ? result.join(' ') : JSON.stringify(result ?? null));
    return accept();
  };
  return playProxy(customProxy('guess', script, options));
}

describe('reading from a peer', () => {
  it('gives lines, numbers of bytes, or all', () => {
    const cases: [(client: Peer) => Waiting<unknown>, string][] = [
      [(client) => client.readLine(), '"a€"'],
      [(client) => client.readLineBytes(), '97 226 130 172'],
      [(client) => client.readBytes(2), '97 226'],
      [(client) => client.readBytes(0), ''],
      [(client) => client.read(), '97 226 130 172 10 98'],
      [(client) => client.readToEnd(6), '97 226 130 172 10 98'],
      [(client) => client.readToEnd(), '97 226 130 172 10 98'],
    ];
    for (const [deed, expected] of cases) {
      const session = play(deed);
      session.client.say('a€\nb');
      session.client.end();
      assert.equal(session.client.heard(), expected);
    }
  });

  it('is refused beyond its limits', () => {
    const flood = play((client) => client.readToEnd(3));
    flood.client.say('four');
    assert.equal(flood.ending()?.reason, 'custom.too-many-bytes');
    const wrong = play((client) => client.readLine());
    wrong.client.say(Uint8Array.of(0xff, 10));
    assert.equal(wrong.ending()?.reason, 'custom.invalid-encoding');
    for (const count of [-1, 1.5, 65_537, NaN]) {
      const ending = play((client) => client.readBytes(count)).ending();
      assert.match(ending?.message ?? '', /give 0 to 65536 \(maxBufferedBytes\)$/);
    }
  });

  it('waits for a server to be connected', () => {
    const session = playProxy(
      customProxy('guess', function* ({ server }) {
        yield* server.readLine();
        return accept();
      }),
    );
    assert.match(session.ending()?.message ?? '', /write yield\* connect\(\) first$/);
  });
});

describe('TLS with a peer', () => {
  const begins: Script = function* ({ client }) {
    yield* client.readLine();
    client.sendLine(`go ahead ${String(client.canStartTls)}`);
    yield* client.startTls();
    client.sendLine(`inside ${(yield* client.readLine()) ?? ''}`);
    return accept();
  };
  const proxy = customProxy('guess', begins);

  it('begins behind what was sent, and the script goes on inside', () => {
    const session = playProxy(proxy, { startTls: ['client'] });
    session.client.say('tls\n');
    session.client.say('secret\n');
    assert.equal(session.client.heard(), 'go ahead true\r\ninside secret\r\n');
    assert.equal(session.ending()?.verdict, 'accepted');
  });

  it('does not begin where more has been said in plain text', () => {
    const session = playProxy(proxy, { startTls: ['client'] });
    session.client.say('tls\ninjected\n');
    assert.equal(session.ending()?.reason, 'custom.plain-text');
    assert.ok(!session.client.heard().includes('inside'));
  });

  it('is not for a service without a policy that has it', () => {
    const session = playProxy(proxy);
    session.client.say('tls\n');
    assert.match(session.ending()?.message ?? '', /has no encryption policy for that$/);
    assert.equal(session.client.heard(), 'go ahead false\r\n');
  });

  it('ends the session when it fails, and tells the peer nothing more', () => {
    const factory = customProxy('guess', begins, { tellRefusal: () => 'sorry\n' });
    const engine = factory.create({ ...testContext(), startTls: ['client'] });
    engine.handle({ type: 'started' });
    engine.handle({ type: 'received', from: 'client', bytes: Buffer.from('tls\n') });
    const failure = { reason: 'tls.not-tls', verdict: 'denied-by-policy', message: 'No' } as const;
    const actions = engine.handle({ type: 'secure-failed', port: 'client', failure });
    assert.deepEqual(actions, [{ type: 'close', ...failure }]);
  });
});

describe('sending to a peer', () => {
  function* sending(deed: () => void): Waiting<unknown> {
    deed();
    return yield* [];
  }

  it('ends lines as the protocol does, in its encoding', () => {
    const latin1 = play((client) => sending(() => client.sendLine('é')), {
      encoding: 'latin1',
      lineEnd: 'lf',
    });
    assert.deepEqual([...latin1.client.heardBytes()].slice(0, 2), [0xe9, 10]);
    assert.match(play((client) => sending(() => client.sendLine('é'))).client.heard(), /^é\r\n/);
  });

  it('copies bytes, so that the script may use its own again', () => {
    const bytes = Uint8Array.of(97, 98);
    const session = play((client) =>
      sending(() => {
        client.send(bytes);
        bytes.fill(0);
      }),
    );
    assert.match(session.client.heard(), /^ab/);
  });

  it('refuses what is no text, what cannot be written, and lines that are two', () => {
    const refused: [(client: Peer) => void, RegExp][] = [
      [(client) => client.send(5 as never), /sent 5: send a text or a Uint8Array/],
      [(client) => client.send('\ud800'), /it has characters that utf-8 has not/],
      [(client) => client.sendLine('a\r\nDELE 1'), /give a text without CR, LF and NUL/],
      [(client) => client.sendLine('a\0'), /give a text without CR, LF and NUL/],
      [(client) => client.sendLine(undefined as never), /give a text without/],
    ];
    for (const [deed, message] of refused) {
      const session = play((peer) => sending(() => deed(peer)));
      const ending = session.ending();
      assert.equal(ending?.verdict, 'invalid-policy-call');
      assert.match(ending.message ?? '', message);
      assert.equal(session.client.heard(), '');
    }
  });

  it('ends once, and nothing goes after it', () => {
    const ended = play((client) =>
      sending(() => {
        client.end();
        client.end();
      }),
    );
    assert.match(ended.ending()?.message ?? '', /ended the client after it had ended it$/);
    assert.ok(ended.client.heardEnd());
  });
});

describe('relaying from a peer', () => {
  const passing = customProxy('guess', function* ({ client, server, connect }) {
    yield* connect();
    const moved = yield* client.relay(5);
    server.send(`(${String(moved)})`);
    server.send(`(${String(yield* client.relay())})`);
    server.end();
    return accept();
  });

  it('tells how many bytes there were', () => {
    const session = playProxy(passing);
    session.client.say('abc');
    session.client.say('defgh');
    session.client.end();
    assert.equal(session.server.heard(), 'abcde(5)fgh(3)');
    assert.equal(session.ending()?.reason, 'custom.finished');
  });

  it('is over when the peer ends', () => {
    const session = playProxy(passing);
    session.client.say('ab');
    session.client.end();
    assert.equal(session.server.heard(), 'ab(2)(0)');
  });

  it('refuses what is no number', () => {
    for (const length of [-1, NaN, '5' as never]) {
      const ending = play((client) => client.relay(length)).ending();
      assert.match(ending?.message ?? '', /give a number of bytes$/);
    }
  });
});
