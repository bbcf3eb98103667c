// Signals: SIGHUP brings a new policy and loses nothing, SIGTERM lets running sessions finish.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { needs } from '../support/needs.ts';
import { plugPolicy } from '../support/system-policy.ts';
import { Site } from '../support/system-site.ts';
import { serve } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';

const PIECE = randomBytes(4 * 1024 * 1024);
const PIECES = 4;
const PIECE_HASH = hashOf(Array.from({ length: PIECES }, () => PIECE));

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** A server that says its name and ends. */
async function startNamed(t: TestContext, name: string): Promise<number> {
  const { port } = await serve(t, (socket) => {
    socket.resume().end(name);
  });
  return port;
}

/** A transfer that goes on piece by piece when the test says so. */
class Transfer {
  readonly #server: Socket;
  readonly #received = createHash('sha256');
  #count = 0;
  #ended = '';
  #sent = 0;

  constructor(client: Socket, server: Socket) {
    this.#server = server;
    client.on('data', (bytes) => {
      this.#received.update(bytes);
      this.#count += bytes.length;
    });
    client.on('end', () => (this.#ended = 'end'));
    client.on('error', (error: NodeJS.ErrnoException) => (this.#ended = error.code ?? ''));
  }

  /** Starts one: a connection through the site to a server of its own. */
  static async start(t: TestContext): Promise<{ site: Site; transfer: Transfer }> {
    let server: Socket | undefined;
    const { port } = await serve(t, (socket) => {
      server = socket.resume();
    });
    const site = await Site.open(t, plugPolicy(port));
    const client = connect({ port: site.port, host: '127.0.0.1' });
    t.after(() => {
      client.destroy();
    });
    return { site, transfer: new Transfer(client, await until('the server', () => server)) };
  }

  /** Sends a piece and waits until it has arrived. */
  async step(): Promise<void> {
    this.#sent += PIECE.length;
    this.#server.write(PIECE);
    await until('a piece', () => this.#count === this.#sent || undefined, {
      seen: () => `${this.#count} bytes of ${this.#sent}, ended: ${this.#ended}`,
    });
  }

  /** Sends the rest and its end, and checks what has come. */
  async finish(): Promise<void> {
    while (this.#sent < PIECES * PIECE.length) await this.step();
    this.#server.end();
    assert.equal(await this.ended(), 'end');
    assert.equal(this.#received.digest('hex'), PIECE_HASH);
  }

  /** How it ended for the client. */
  ended(): Promise<string> {
    return until('the end of the transfer', () => this.#ended || undefined);
  }
}

describe('SIGHUP', { ...needs('setpriv'), timeout: 60_000 }, () => {
  it('gives new connections the new policy, and leaves running ones alone', async (t) => {
    const { site, transfer } = await Transfer.start(t);
    await transfer.step();
    await site.reload(plugPolicy(await startNamed(t, 'two')), 'policy.reloaded');
    assert.equal(await site.ask(), 'two');
    await transfer.finish();
    const [after, before] = [await site.zorp.record(), await site.zorp.record()];
    assert.notEqual(before.revision, after.revision);
    assert.equal(before.bytes.toClient, PIECES * PIECE.length);
  });

  it('refuses a faulty policy, says why, and goes on with the old one', async (t) => {
    const one = await startNamed(t, 'one');
    const site = await Site.open(t, plugPolicy(one));
    const good = plugPolicy(one);
    const faulty = [
      '',
      'export default 1;',
      good.replace('export default', 'export default ('),
      good.replace("'127.0.0.1'", "'127.0.0.1/33'"),
      good.replace('127.0.0.1:0', '192.0.2.1:80'), // no such address on this machine
      `throw new Error('a bug of the policy');`,
    ];
    for (const policy of faulty) {
      await site.reload(policy, 'policy.refused');
      assert.equal(await site.ask(), 'one', policy);
    }
    await site.reload(plugPolicy(await startNamed(t, 'two')), 'policy.reloaded');
    assert.equal(await site.ask(), 'two');
  });

  it('never refuses a connection', async (t) => {
    const servers = [await startNamed(t, 'one'), await startNamed(t, 'two')];
    const site = await Site.open(t, plugPolicy(servers[0] ?? 0));
    let isOver = false;
    const answers = new Map<string, number>();
    const askOn = async (): Promise<void> => {
      while (!isOver) {
        const answer = await site.ask();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    };
    const asking = Promise.all([askOn(), askOn(), askOn()]);
    for (let reload = 1; reload <= 20; reload++)
      await site.reload(plugPolicy(servers[reload % 2] ?? 0, String(reload)), 'policy.reloaded');
    isOver = true;
    await asking;
    assert.deepEqual([...answers.keys()].sort(), ['one', 'two'], JSON.stringify([...answers]));
  });
});

describe('SIGTERM', { ...needs('setpriv'), timeout: 60_000 }, () => {
  it('refuses new connections and waits for running ones', async (t) => {
    const { site, transfer } = await Transfer.start(t);
    await transfer.step();
    site.zorp.process.signal('SIGTERM');
    await site.zorp.says('instance.draining');
    const refused = async (): Promise<true | undefined> =>
      (await site.ask()) === 'ECONNREFUSED' || undefined;
    await until('new connections to be refused', refused);
    await transfer.finish();
    assert.equal((await site.zorp.process.end()).status, 0);
    assert.equal((await site.zorp.record()).bytes.toClient, PIECES * PIECE.length);
  });

  it('ends at once where nothing runs', async (t) => {
    const site = await Site.open(t, plugPolicy(await startNamed(t, 'one')));
    site.zorp.process.signal('SIGTERM');
    assert.equal((await site.zorp.process.end()).status, 0);
  });

  it('ends everything at once the second time, and still records it', async (t) => {
    const { site, transfer } = await Transfer.start(t);
    await transfer.step();
    site.zorp.process.signal('SIGTERM');
    await site.zorp.says('instance.draining');
    site.zorp.process.signal('SIGTERM');
    assert.equal((await site.zorp.process.end()).status, 0);
    assert.equal(await transfer.ended(), 'ECONNRESET', 'the cut looks like an end');
    const record = await site.zorp.record();
    assert.equal(record.reason, 'instance.stopped');
    assert.equal(record.bytes.toClient, PIECE.length);
  });
});
