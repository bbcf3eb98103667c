// The copier is the pump with a plug's engine, to everybody who looks from outside: whatever peers, time and bugs do, in
// whatever order, both do the same at every step.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FakeStream, FakeStreamOptions } from '../../test/support/fake-stream.ts';
import { MOVING, PumpWorld } from '../../test/support/pump-world.ts';
import { testContext } from '../../test/support/test-session.ts';
import type { PlugOptions } from '../protocols/plug/index.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { Copier } from './copier.ts';

/** One of the two, in its own world. */
interface Side {
  readonly world: PumpWorld;
  readonly abort: () => void;
  server: FakeStream | undefined;
}

/** What happens: to one of the streams, or to the session. */
type Deed =
  | { readonly to: 'client' | 'server'; readonly says: Uint8Array }
  | { readonly to: 'client' | 'server'; readonly takes: number }
  | { readonly to: 'client' | 'server'; readonly does: 'step' | 'end' | 'break' | 'cut' | 'bug' }
  | { readonly passesMs: number }
  | 'connected'
  | 'connect-failed'
  | 'abort';

const side = fc.constantFrom('client' as const, 'server' as const);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ to: side, says: fc.uint8Array({ minLength: 1, maxLength: 12 }) }),
  },
  { weight: 16, arbitrary: fc.record({ to: side, does: fc.constant('step' as const) }) },
  { weight: 6, arbitrary: fc.record({ to: side, takes: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ to: side, does: fc.constantFrom('end', 'break', 'cut', 'bug') }),
  },
  { weight: 3, arbitrary: fc.record({ passesMs: fc.constantFrom(1, 400, 1000, 10_000) }) },
  { weight: 2, arbitrary: fc.constant('connected' as const) },
  { weight: 1, arbitrary: fc.constantFrom('connect-failed' as const, 'abort' as const) },
);
const plugs: fc.Arbitrary<PlugOptions> = fc.record({
  copyToServer: fc.boolean(),
  copyToClient: fc.boolean(),
  shutdownSoft: fc.boolean(),
  timeoutMs: fc.constantFrom(500, 2000),
});
const streams: fc.Arbitrary<FakeStreamOptions> = fc.record({
  ownership: fc.constantFrom('lent', 'given', 'left'),
  highWaterMark: fc.constant(8),
  isEager: fc.boolean(),
  gathers: fc.boolean(),
  moves: fc.boolean(),
});

function pumpSide(options: PlugOptions, how: FakeStreamOptions): Side {
  const engine = plugProxy(options).create(testContext());
  const world = new PumpWorld((event) => engine.handle(event), how).start();
  return { world, abort: () => world.pump.abort(...ABORTED), server: undefined };
}

function copierSide(options: PlugOptions, how: FakeStreamOptions): Side {
  const world = new PumpWorld(() => assert.fail('there is no engine'), how);
  const copying = plugProxy(options).copying ?? assert.fail('it only copies');
  const copier = new Copier(copying, world, how.moves === true ? MOVING : undefined);
  copier.start(world.client);
  return { world, abort: () => copier.abort(...ABORTED), server: undefined };
}

const ABORTED = ['aborted-by-policy-action', 'test.abort'] as const;

function perform(side: Side, deed: Deed): void {
  const { world } = side;
  if (deed === 'abort') side.abort();
  else if (deed === 'connected') side.server ??= world.connected();
  else if (deed === 'connect-failed') {
    if (side.server === undefined) world.connectFails();
  } else if ('passesMs' in deed) world.clock.advance(deed.passesMs);
  else {
    const stream = deed.to === 'client' ? world.client : side.server;
    if (stream !== undefined) play(stream, deed);
  }
}

function play(stream: FakeStream, deed: Extract<Deed, { readonly to: unknown }>): void {
  if ('says' in deed) stream.says(deed.says);
  else if ('takes' in deed) stream.take(deed.takes);
  else if (deed.does === 'step') stream.step();
  else if (deed.does === 'end') stream.ends();
  else if (deed.does === 'break') stream.breaks();
  else if (deed.does === 'cut') stream.breaks('ETRUNCATED');
  else stream.writeError = new Error('a bug');
}

function show({ world, server }: Side): unknown {
  const { connects, closings, finishings, logged } = world;
  const streams = [world.client, server].map((stream) =>
    stream === undefined
      ? 'none'
      : [
          stream.output,
          stream.queuedBytes,
          stream.calls,
          stream.isClosed,
          [...stream.holds].sort(),
        ],
  );
  const givenUp = connects.map(({ isGivenUp }) => isGivenUp);
  return { streams, givenUp, closings, finishings, logged };
}

/** How many deeds mattered: a property that never gets past the connect would show nothing. */
function agree(options: PlugOptions, how: FakeStreamOptions, deeds: readonly Deed[]): Side {
  const [pump, copier] = [pumpSide(options, how), copierSide(options, how)];
  for (const [index, deed] of deeds.entries()) {
    perform(pump, deed);
    perform(copier, deed);
    assert.deepEqual(show(copier), show(pump), `after deed ${index}`);
  }
  for (const { world } of [pump, copier])
    for (let rounds = 0; rounds < 3; rounds++) {
      world.settle();
      world.clock.advance(60_000);
    }
  assert.deepEqual(show(copier), show(pump), 'when all time has passed');
  assert.deepEqual(copier.world.leftovers(), pump.world.leftovers());
  return copier;
}

describe('a session that only copies', () => {
  it('does what the pump with a plug does, at every step', () => {
    const endings = new Set<string>();
    const property = fc.property(
      plugs,
      streams,
      fc.array(deed, { maxLength: 80, size: 'max' }),
      (options, how, deeds) => {
        const { world } = agree(options, how, ['connected', ...deeds]);
        for (const closing of world.closings) endings.add(closing);
      },
    );
    fc.assert(property, { numRuns: 2000 });
    for (const ending of ['client-ended', 'server-ended', 'client-reset', 'timeout'])
      assert.ok(endings.has(`accepted plug.${ending}`), `no session ended by ${ending}`);
  });

  it('does so when both sides end, which comes by chance once in a thousand sessions', () => {
    const plug = { copyToServer: true, copyToClient: true, shutdownSoft: true, timeoutMs: 2000 };
    const how = { ownership: 'given', highWaterMark: 8 } as const;
    const endOf = (to: 'client' | 'server'): readonly Deed[] => [
      { to, does: 'end' },
      { to, does: 'step' },
    ];
    const { world } = agree(plug, how, ['connected', ...endOf('client'), ...endOf('server')]);
    assert.deepEqual(world.closings, ['accepted plug.both-ended']);
  });

  it('does so also before there is a server', () => {
    const property = fc.property(plugs, streams, fc.array(deed, { maxLength: 40 }), (...given) => {
      agree(...given);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
