// What passes a plug comes out as it went in, moved inside the kernel or not; and whatever becomes of the peers, nothing
// of it is left. ZORP_TORTURE_MB makes it longer.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { freePort } from '../support/free-port.ts';
import { descriptorsOf } from '../support/own-process.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import type { Owner } from '../support/system-process.ts';
import { SystemProcess } from '../support/system-process.ts';
import { serve, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { answerTransfers, Dice, planTransfers, runTransfer } from '../support/torture.ts';
import type { Sight, Transfer } from '../support/torture.ts';

const MEGABYTE = 1_000_000;
const TOTAL_BYTES = Number(process.env['ZORP_TORTURE_MB'] ?? 398) * MEGABYTE;
const MOST_BYTES = 8 * MEGABYTE;
const AT_ONCE = 12;
const SEED = Number(process.env['ZORP_TORTURE_SEED'] ?? 20_261_127);

/** Pipes that this process has open; a pipe has two descriptors. */
function openPipes(): number {
  return descriptorsOf('pipe') / 2;
}

/** Works through all of a list, so many at a time. */
async function all<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** What a side must have seen of a transfer: all of it, or of one that was reset, the beginning. */
function check(what: string, { kind, id }: Transfer, sight: Sight | undefined, due: number): void {
  const where = `${what} of transfer ${id} (${kind}): ${JSON.stringify(sight)}, due ${due}`;
  assert.ok(sight !== undefined, where);
  assert.equal(sight.wrongAt, undefined, where);
  if (kind === 'reset') {
    assert.ok(sight.received <= due, where);
    return;
  }
  assert.equal(sight.received, due, where);
  assert.equal(sight.ended, 'end', where);
}

describe('bytes that pass a plug', needsDriver(), () => {
  const title = `come out as they went in: ${TOTAL_BYTES / MEGABYTE} MB, whole, half-closed, stalled and reset`;
  it(title, { timeout: 30_000 + TOTAL_BYTES / 1000 }, async (t) => {
    const transfers = planTransfers(TOTAL_BYTES, MOST_BYTES, new Dice(SEED));
    const atServer = new Map<number, Sight>();
    const handle = answerTransfers(transfers, ({ id }, sight) => atServer.set(id, sight));
    const server = await serve(t, handle);
    const started = await startInstance(t, server.port, {
      plug: plugProxy({ shutdownSoft: true }),
    });
    const port = started.ports['plug'] ?? 0;
    let mostPipes = 0;
    await leavesNothing(started, async () => {
      await all(transfers, AT_ONCE, async (transfer) => {
        const sight = await runTransfer(port, transfer);
        mostPipes = Math.max(mostPipes, openPipes());
        if (transfer.kind === 'reset') return;
        check('the client', transfer, sight, transfer.down);
      });
      // A client that resets is gone before Zorp has looked at it.
      const { records } = started.log;
      await until('a record of each', () => records.length === transfers.length, {
        seen: () => `${records.length} of ${transfers.length}`,
      });
    });
    for (const transfer of transfers) {
      const sight = atServer.get(transfer.id);
      const due = transfer.kind === 'reset' ? Math.ceil(transfer.up / 2) : transfer.up;
      // A reset may overtake the first bytes, so that the server never hears of it.
      if (transfer.kind !== 'reset' || sight !== undefined)
        check('the server', transfer, sight, due);
    }
    assert.ok(mostPipes > 0, 'nothing was moved inside the kernel');
    const bugs = started.log.lines.filter(({ code }) => code.endsWith('internal-error'));
    assert.deepEqual(bugs, []);
  });

  it(
    'do not wait for those of a target that takes nothing, which its idle timeout ends',
    { timeout: 90_000 },
    async (t) => {
      const stalled = new Set<Socket>();
      const bulk = Buffer.alloc(MEGABYTE, 'bulk');
      const server = await serve(t, (socket) => {
        socket.once('data', (word) => {
          if (word.toString() !== 'bulk') return void socket.end(word);
          stalled.add(socket);
          const go = (): void => {
            while (!socket.destroyed && socket.write(bulk));
            socket.once('drain', go);
          };
          go();
        });
        socket.on('end', () => socket.end());
      });
      const proxy = plugProxy({ timeoutMs: 5_000 }); // by then all words have been answered
      const started = await startInstance(t, server.port, { plug: proxy });
      const port = started.ports['plug'] ?? 0;
      await leavesNothing(started, async () => {
        const clients = Array.from({ length: 20 }, () => {
          const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
          socket.write('bulk');
          socket.pause();
          return socket;
        });
        await until('all to be stalled', () => stalled.size === clients.length || undefined);
        await until('bytes to wait in pipes', () => openPipes() >= clients.length / 2 || undefined);
        for (let word = 0; word < 20; word++) {
          const { received } = await talk({ port, send: `word ${word}` });
          assert.equal(received.toString(), `word ${word}`);
          const { sessionCount } = started.instance;
          assert.ok(sessionCount >= clients.length, 'a word waited until others were ended');
        }
        await until(
          'the stalled ones to be ended',
          () => started.instance.sessionCount === 0 || undefined,
          { deadlineMs: 60_000 }, // after its timeout, a session leaves its last bytes ten seconds to go out
        );
        for (const client of clients) client.destroy();
      });
      const idle = started.log.records.filter(
        ({ reason }) => reason.includes('timeout') || reason.includes('idle'),
      );
      assert.equal(
        idle.length,
        20,
        JSON.stringify(started.log.records.map(({ reason }) => reason)),
      );
    },
  );
});

/** Starts a peer in a process of its own, and waits until it says that it is there. */
async function startPeer(owner: Owner, command: string, port: number): Promise<SystemProcess> {
  const program = join(import.meta.dirname, '../support/bulk-peer.ts');
  const peer = SystemProcess.start(owner, [process.execPath, program, command, String(port)]);
  await peer.says(/listening|connected/);
  return peer;
}

/** Memory of this process without its garbage, which comes and goes as V8 likes. */
function memoryInUse(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

describe('a peer that is killed while bytes are moved', needsDriver(), () => {
  const ROUNDS = Number(process.env['ZORP_TORTURE_KILLS'] ?? 10);
  // What the allocator keeps, after the first rounds.
  const MEMORY_SLACK_BYTES = 48 * 1_048_576;

  it(
    `leaves no descriptor, pipe or memory, ${ROUNDS} times`,
    { timeout: 60_000 + ROUNDS * 2_000 },
    async (t) => {
      const dice = new Dice(SEED);
      const serverPort = await freePort();
      const started = await startInstance(t, serverPort, { plug: plugProxy() });
      const { instance, ports } = started;
      let memoryBytes = Infinity;
      let mostPipes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        await leavesNothing(started, async () => {
          const server = await startPeer(t, 'serve', serverPort);
          const client = await startPeer(t, 'connect', ports['plug'] ?? 0);
          await pause(dice.roll(150)); // at any moment of it
          mostPipes = Math.max(mostPipes, openPipes());
          const [first, second] = round % 2 === 0 ? [client, server] : [server, client];
          await first.stop();
          await until('the sessions to end', () => instance.sessionCount === 0 || undefined);
          await second.stop();
        });
        if (round === 2) memoryBytes = memoryInUse();
      }
      assert.ok(mostPipes > 0, 'nothing was moved inside the kernel');
      const grown = memoryInUse() - memoryBytes;
      assert.ok(grown < MEMORY_SLACK_BYTES, `${grown} bytes more than after the third round`);
    },
  );
});
