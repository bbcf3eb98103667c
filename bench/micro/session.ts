// What a whole connection through a plug costs above its sockets: dispatch, decision, session, pump, connect, the relay of
// one answer, the end and the decision record. Run with --expose-gc it also says how much an idle one keeps.
// Run: node --expose-gc bench/micro/session.ts

import { AlarmQueue } from '../../src/session/alarm-queue.ts';
import { openSync } from 'node:fs';
import { InterfaceTable } from '../../src/address/interface-table.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { SystemClock } from '../../src/io/clock.ts';
import { openProcessLog } from '../../src/log/process-log.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { Availability } from '../../src/session/availability.ts';
import { systemDigests } from '../../src/io/digests.ts';
import { AuthenticationStates } from '../../src/session/authentication-state.ts';
import { ChainerStates } from '../../src/session/chainer-state.ts';
import { Claims } from '../../src/session/claims.ts';
import { dispatch } from '../../src/session/dispatch.ts';
import { Expectations } from '../../src/session/expectations.ts';
import type { Connector, ConnectResult, Outside } from '../../src/session/outside.ts';
import { RestGarbage } from '../../src/session/rest-garbage.ts';
import { RuleCollisions } from '../../src/session/rule-collisions.ts';
import { RunningSessions } from '../../src/session/running-sessions.ts';
import type { Runtime } from '../../src/session/runtime.ts';
import { ServerCertificates } from '../../src/session/server-certificates.ts';
import { ServerPool } from '../../src/session/server-pool.ts';
import { ServiceCounters } from '../../src/session/service-counters.ts';
import { UnansweredRecords } from '../../src/session/unanswered-records.ts';
import type { Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';
import { BenchStream } from './bench-stream.ts';

const chunk = new Uint8Array(1024);
const client = SocketAddress.parse('127.0.0.1:40000');
const local = SocketAddress.parse('127.0.0.1:8080');
const IDLE_SESSIONS = 5000;

/** A connector whose server is there as soon as the bench says so. */
class BenchConnector implements Connector {
  #done: ((result: ConnectResult) => void) | undefined;

  connect(_request: unknown, done: (result: ConnectResult) => void): () => void {
    this.#done = done;
    return () => undefined;
  }

  /** The connect that is waited for succeeds. @returns its stream. */
  succeed(): BenchStream {
    const stream = new BenchStream();
    this.#done?.({ ok: true, stream, local });
    return stream;
  }
}

/** Plays connections through a plug. */
class Plug {
  readonly #connector = new BenchConnector();
  readonly #runtime = runtimeOf(this.#connector);
  readonly #policy = makePolicy();

  /** Opens a connection whose server is connected. @returns both of its streams. */
  open(): readonly [BenchStream, BenchStream] {
    const stream = new BenchStream();
    const { revision, door } = this.#policy;
    dispatch(this.#runtime, revision, door, { stream, clientAddress: client, clientLocal: local });
    return [stream, this.#connector.succeed()];
  }

  /** A connection from its first to its last byte. */
  whole(): number {
    const [here, there] = this.open();
    here.listener?.received(chunk);
    there.listener?.received(chunk);
    there.listener?.ended();
    here.listener?.ended();
    there.listener?.closed();
    here.listener?.closed();
    return here.written;
  }
}

function makePolicy() {
  const router = directedRouter({ destination: '127.0.0.1:7' });
  const plug = service('plug', { proxy: plugProxy(), router });
  const services = { outboundServices: [plug], inboundServices: [plug] };
  const machine = zone('machine', { subnets: ['127.0.0.0/8'], ...services });
  const door = listener('127.0.0.1:8080', plug, { name: 'door' });
  const policy = definePolicy({ zones: [machine], listeners: [door] });
  return { revision: { policy, revision: 'f00d' }, door };
}

function runtimeOf(connector: Connector): Runtime {
  const clock = new SystemClock();
  const nowhere = openSync('/dev/null', 'w');
  const log = openProcessLog({ recordsTo: nowhere, linesTo: nowhere });
  // A plug asks the outside for nothing else.
  const interfaces = { table: InterfaceTable.EMPTY };
  const outside = { clock, connector, interfaces } as unknown as Outside;
  const sessions = new RunningSessions();
  return {
    instance: 'zorp',
    outside,
    log,
    counters: new ServiceCounters(),
    claims: new Claims(),
    expectations: new Expectations(() => false),
    collisions: new RuleCollisions(log, clock),
    alarms: new AlarmQueue(clock),
    unanswered: new UnansweredRecords(log, clock),
    authentications: new AuthenticationStates(clock, systemDigests),
    chainers: new ChainerStates(),
    availability: new Availability(outside, log),
    certificates: new ServerCertificates(clock, log),
    servers: new ServerPool(clock),
    sessions,
    restGarbage: new RestGarbage(clock, () => undefined, sessions),
    toldRefusals: 0,
  };
}

/** Measures whole connections. */
export function run(): Result[] {
  const plug = new Plug();
  const repeat = (count: number): number => {
    let written = 0;
    for (let index = 0; index < count; index++) written += plug.whole();
    return written;
  };
  return measure([
    { name: 'session: a connection through a plug, without its sockets', run: repeat },
  ]);
}

/** Bytes of the heap that an idle session keeps, its two streams left out; undefined without --expose-gc. */
function bytesPerIdleSession(): number | undefined {
  if (gc === undefined) return undefined;
  const plug = new Plug();
  gc();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: IDLE_SESSIONS }, () => plug.open());
  gc();
  return Math.round((process.memoryUsage().heapUsed - before) / kept.length);
}

if (import.meta.main) {
  console.log(tableOf('One connection', run()));
  const bytes = bytesPerIdleSession();
  if (bytes !== undefined) console.log(`an idle session keeps ${String(bytes)} bytes of the heap`);
  process.exit(0);
}
