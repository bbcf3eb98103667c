// Sessions that rest whenever nothing happens do all that sessions do that never rest: to their peers, to the log, in their
// records, at the same time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { REST_AFTER_MS } from '../../src/session/pump-timers.ts';
import type { Dialogue, Turn } from '../support/dialogue.ts';
import { client, clientEnds, clientResets, server, serverEnds } from '../support/dialogue.ts';
import type { FakeStream } from '../support/fake-stream.ts';
import { revisionOf, serviceOf, SessionWorld } from '../support/session-world.ts';
import { HTTP } from './http-under-law.ts';
import { corpusOf, tryAllAsync } from './run-law.ts';
import { mutated } from '../support/arbitraries.ts';
import fc from 'fast-check';

/** All that anybody outside can see of a session. */
interface Seen {
  readonly lines: readonly string[];
  /** How often its client rested when a turn came. */
  readonly rests: number;
}

/** A time in which a session goes to rest, and its server connection with it, once it has been given back. */
const PAUSE_MS = 2 * REST_AFTER_MS + 10;

async function play(factory: ProxyFactory, dialogue: Dialogue, mayRest: boolean): Promise<Seen> {
  const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: factory })));
  const options = { rests: mayRest };
  const near = world.accept(undefined, options);
  const servers: FakeStream[] = [];
  let rests = 0;
  world.clock.advance(PAUSE_MS);
  for (const turn of dialogue) {
    if (near.isAtRest) rests++;
    take(turn, near, servers);
    await world.settle();
    while (servers.length < world.connects.length) servers.push(world.connected(options));
    await world.settle();
    world.clock.advance(PAUSE_MS);
    await world.settle();
  }
  if (near.isAtRest) rests++;
  world.clock.advance(3 * 60_000);
  await world.settle();
  world.abortAll();
  await world.settle();
  world.clock.advance(20_000);
  world.runtime.servers.close();
  await world.settle();
  const peers = [near, ...servers].map(({ output, calls }) => `${output} ${calls.join()}`);
  const { lines, records } = world.log;
  const said = [...lines, ...records].map((one) => JSON.stringify(one));
  return { rests, lines: [...peers, ...said, ...world.leftovers()] };
}

/** Lets a peer take its turn, if it is there. */
function take(turn: Turn, near: FakeStream, servers: readonly FakeStream[]): void {
  if ('elapses' in turn) return;
  const { from } = turn;
  const peer = from.startsWith('client') ? near : servers[Number(/\d+$/.exec(from)?.[0] ?? 1) - 1];
  if ('says' in turn) peer?.says(turn.says);
  else if (turn.does === 'end') peer?.ends();
  else peer?.breaks();
}

/** Plays a dialogue with and without rest. @returns how often the session rested. */
async function compare(factory: ProxyFactory, dialogue: Dialogue): Promise<number> {
  const resting = await play(factory, dialogue, true);
  const awake = await play(factory, dialogue, false);
  assert.deepEqual(resting.lines, awake.lines);
  assert.equal(awake.rests, 0);
  return resting.rests;
}

/** Those that a policy may have as they are: nothing is stacked under the laws that is a service of it, and nobody is asked. */
const VARIANTS = Object.values(HTTP.variants).filter(
  ({ stacks, authentication }) => stacks.length === 0 && authentication !== 'expected',
);

const GET = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

describe('a session at rest', () => {
  it('goes on as one that never rested, whatever is said to it', async () => {
    const cases = fc.record({
      variant: fc.constantFrom(...VARIANTS),
      dialogue: mutated(HTTP.dialogues),
    });
    await tryAllAsync(cases, ({ variant, dialogue }) => compare(variant, dialogue));
  });

  it('goes on so with all that ever broke', async () => {
    for (const { dialogue } of corpusOf(HTTP))
      for (const shareServerConnections of [false, true])
        await compare(httpProxy({ shareServerConnections }), dialogue);
  });

  const asked = [client(GET), server(OK)];
  const dialogues: Readonly<Record<string, Dialogue>> = {
    'when its time is over': asked,
    'for the next request, again and again': [...asked, ...asked, ...asked, clientEnds()],
    'for a part of the next request': [...asked, client('GET'), clientEnds()],
    'when its client is lost': [...asked, clientResets()],
    'when its server ends': [...asked, serverEnds(), client(GET), server(OK, 2), clientEnds()],
    'when its server says what nobody asked for': [...asked, server('more'), clientEnds()],
    'before the first request': [clientEnds()],
  };
  for (const [name, dialogue] of Object.entries(dialogues))
    it(`wakes ${name}`, async () => {
      for (const shareServerConnections of [false, true])
        for (const maxKeepaliveRequests of [0, 2]) {
          const factory = httpProxy({ shareServerConnections, maxKeepaliveRequests });
          assert.ok((await compare(factory, dialogue)) > 0, 'it never rested');
        }
    });
});
