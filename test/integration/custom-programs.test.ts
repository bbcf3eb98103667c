// Scripts of a policy with real programs on what passes: over the real pump, in real sessions.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept, customProxy, program, reject } from '../../src/index.ts';
import { lab, reasonOf, script, textOf, verdict } from '../support/program-lab.ts';
import { echo, talk } from '../support/system-tcp.ts';

const upper = program('upper', { command: ['tr', 'a-z', 'A-Z'] });
const picky = script(
  `body=$(cat); case "$body" in *virus*) ${verdict('Z_REJECT', 'a virus')};; *) printf "%s" "$body";; esac`,
);

/** `PUT <length>` and so many bytes, for a server that is told them as they come out of the child. */
const uploads = customProxy(
  'uploads',
  function* ({ client, server, connect }) {
    yield* connect();
    for (;;) {
      const line = yield* client.readLine();
      if (line === undefined) return accept();
      const length = Number(/^PUT (\d+)$/.exec(line)?.[1] ?? NaN);
      if (!(length <= 1_000)) return reject('No such command');
      const { outcome, description } = yield* client.relayThrough(picky, {
        length,
        preamble: 'BODY ',
      });
      if (outcome === 'aborted') return reject(description);
      if (outcome === 'finished') server.sendLine(' END');
      client.sendLine(outcome === 'finished' ? '250 taken' : `550 ${description}`);
    }
  },
  { stacks: [picky] },
);

describe('a script that lets bodies pass through a program', () => {
  it('answers a refusal itself, and goes on in step', async (t) => {
    const made = await lab(t, uploads);
    const said = await talk({
      port: made.port,
      send: 'PUT 5\nhelloPUT 9\na virus !PUT 3\nbye',
      then: 'end',
    });
    assert.equal(textOf(said), '250 taken\r\n550 a virus\r\n250 taken\r\n');
    assert.equal(made.heard(), 'BODY hello END\r\nBODY bye END\r\n');
    assert.equal(await reasonOf(made), 'accepted custom.finished');
  });

  it('is told that its program cannot be started', async (t) => {
    const none = program('none', { command: ['/no/such/program'] });
    const proxy = customProxy(
      'none',
      function* ({ client, server, connect }) {
        yield* connect();
        const { outcome, verdict: word, reason } = yield* server.relayThrough(none);
        client.sendLine(`${outcome} ${word} ${reason}`);
        return accept();
      },
      { stacks: [none] },
    );
    const said = await talk({ port: (await lab(t, proxy)).port });
    assert.equal(textOf(said), 'refused error program.cannot-start\r\n');
  });

  it('resets who has got a part of a body', async (t) => {
    const failing = script('head -c 3; exit 3');
    const proxy = customProxy(
      'failing',
      function* ({ server, connect }) {
        yield* connect();
        yield* server.relayThrough(failing);
        return accept();
      },
      { stacks: [failing] },
    );
    const made = await lab(t, proxy, (socket) => void socket.end('the page'));
    const said = await talk({ port: made.port });
    assert.equal(said.ended, 'ECONNRESET');
    assert.equal(await reasonOf(made), 'accepted custom.finished');
  });
});

describe('a script that lets everything pass through a program', () => {
  it('ends with it', async (t) => {
    const proxy = customProxy(
      'upper',
      function* ({ client, server, connect, relayThrough }) {
        yield* connect();
        server.sendLine((yield* client.readLine()) ?? '');
        yield* relayThrough(upper);
        return accept();
      },
      { stacks: [upper] },
    );
    const made = await lab(t, proxy);
    const said = await talk({ port: made.port, send: 'hello\nworld', then: 'end' });
    assert.equal(said.ended, 'end');
    assert.equal(made.heard(), 'hello\r\nWORLD');
    assert.equal(await reasonOf(made), 'accepted custom.finished');
  });

  it('is cut off by it', async (t) => {
    const rejecting = script(verdict('Z_REJECT', 'a virus'));
    const proxy = customProxy(
      'rejecting',
      function* ({ connect, relayThrough }) {
        yield* connect();
        yield* relayThrough(rejecting);
        return accept();
      },
      { stacks: [rejecting] },
    );
    const made = await lab(t, proxy, echo);
    const said = await talk({ port: made.port, send: 'some words' });
    assert.equal(said.ended, 'ECONNRESET');
    assert.equal(await reasonOf(made), 'denied-by-policy custom.content-refused');
  });
});
