// What the pump costs for each received event: into a relay, through an engine, beside the plainest thing that could
// pass a chunk on at all, a listener that writes it to the other stream.
// Run: node bench/micro/pump.ts

import { AlarmQueue } from '../../src/session/alarm-queue.ts';
import { SystemClock } from '../../src/io/clock.ts';
import type { ProxyAction, ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { PumpHost } from '../../src/session/pump-host.ts';
import { Pump } from '../../src/session/pump.ts';
import type { Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';
import { BenchStream } from './bench-stream.ts';

const chunk = new Uint8Array(16_384);

/** Measures received events; the first result is the baseline. */
export function run(): Result[] {
  return measure([
    { name: 'a listener that writes to the other stream', run: repeat(bareListener()) },
    { name: 'pump: into a relay', run: repeat(pumpOf(relays([]))) },
    { name: 'pump: into a relay, with an idle timer', run: repeat(pumpOf(relays([IDLE]))) },
    { name: 'pump: an engine that does nothing', run: repeat(pumpOf(engineOf(() => []))) },
    { name: 'pump: an engine that sends it on', run: repeat(pumpOf(engineOf(sendOn))) },
  ]);
}

function repeat(client: BenchStream): (count: number) => number {
  const { listener } = client;
  return (count) => {
    for (let index = 0; index < count; index++) listener?.received(chunk);
    return client.written;
  };
}

function bareListener(): BenchStream {
  const [client, server] = [new BenchStream(), new BenchStream()];
  const nothing = (): void => undefined;
  client.listen({
    received: (bytes) => server.write(bytes),
    ended: nothing,
    drained: nothing,
    closed: nothing,
  });
  return client;
}

const IDLE: ProxyAction = { type: 'timer', timer: 'idle', afterMs: 600_000, mode: 'idle' };
const SERVER = SocketAddress.parse('192.0.2.80:80');

function relays(more: readonly ProxyAction[]): ProxyEngine {
  return engineOf(({ type }) =>
    type === 'connected'
      ? [{ type: 'relay', from: 'client', to: 'server', length: Infinity }, ...more]
      : [],
  );
}

function engineOf(handle: (event: ProxyEvent) => ProxyAction[]): ProxyEngine {
  return {
    handle: (event) =>
      event.type === 'started' ? [{ type: 'connect', port: 'server' }] : handle(event),
  };
}

function sendOn(event: ProxyEvent): ProxyAction[] {
  return event.type === 'received' ? [{ type: 'send', to: 'server', bytes: event.bytes }] : [];
}

/** A client stream with a pump on it that is connected. */
function pumpOf(engine: ProxyEngine): BenchStream {
  const client = new BenchStream();
  const clock = new SystemClock();
  let connected: (() => void) | undefined;
  const nothing = (): void => undefined;
  const host: PumpHost = {
    // The bench ends when it has measured, whatever timers are left.
    alarms: new AlarmQueue({
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: () => nothing,
    }),
    connect: (_target, done) => {
      connected = () => {
        done({ ok: true, stream: new BenchStream(), address: SERVER });
      };
      return nothing;
    },
    giveBack: nothing,
    secure: () => nothing,
    expect: () => nothing,
    claim: () => nothing,
    sayToParent: () => undefined,
    stack: () => {
      throw new Error('Nothing is stacked here');
    },
    log: nothing,
    closed: nothing,
    finished: nothing,
  };
  new Pump(engine, host).start(client);
  connected?.();
  return client;
}

if (import.meta.main) console.log(tableOf('One received event', run()));
