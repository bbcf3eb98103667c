// A connection whose service is still being recognised: it counts as a running session, can be aborted, and leaves a
// record if its client goes away.

import { Buffer } from 'node:buffer';
import { decide } from '../policy/decide.ts';
import type { Permitted, Refused } from '../policy/decide.ts';
import type { RaceResult } from '../proxy/detection-race.ts';
import type { Detecting } from '../policy/decision.ts';
import { PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import type { DetectLine } from '../policy/rule.ts';
import { visitingService } from '../policy/visiting-service.ts';
import type { Bytes } from '../proxy/engine.ts';
import { thrownStack } from '../proxy/policy-call.ts';
import type { SeenCertificate } from '../proxy/tls-facts.ts';
import type { PolicyFault } from '../proxy/violation.ts';
import type { Arrival } from './arrival.ts';
import { masterOf } from './arrival.ts';
import { AttemptRecord } from './attempt-record.ts';
import type { Connection, Revision } from './connection.ts';
import { writeRecord } from './connection-record.ts';
import type { DetectionHost, GreetingServer } from './detect-service.ts';
import { ServiceDetection } from './detect-service.ts';
import { callSoon } from './hand-over.ts';
import type { Clock } from './outside.ts';
import { PeekStream } from './peek-stream.ts';
import type { RunningSession } from './running-sessions.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import type { Visit } from './server-certificates.ts';
import { connectServer } from './server-side.ts';
import { visitServer } from './visit-server.ts';
import type { MasterSession } from './session.ts';
import { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

/** What a detection came to: the decision with the service in hand, and the streams to go on with. */
export interface DetectedSession {
  readonly decision: Permitted | Refused;
  readonly master: MasterSession;
  readonly client: Stream;
  /** A server that was connected to hear its greeting, for the service of the decision. */
  readonly server: GreetingServer | undefined;
}

/** Lets the detectors of a rule name the service of an arrival. `done` is not called if the client is lost before. */
export function detectSession(
  arrival: Arrival,
  detecting: Detecting,
  client: Stream,
  done: (session: DetectedSession) => void,
): void {
  new DetectingSession(arrival, detecting, done).start(client);
}

class DetectingSession implements DetectionHost, RunningSession {
  readonly id: string;
  readonly loaded: Revision;
  readonly clock: Clock;
  place = 0;
  readonly #arrival: Arrival;
  readonly #detecting: Detecting;
  readonly #done: (session: DetectedSession) => void;
  #detection: ServiceDetection | undefined;
  /** The session of the service whose server was asked for a greeting. */
  #greeting: MasterSession | undefined;
  /** The sessions as which servers were visited. */
  readonly #visits: MasterSession[] = [];
  #abortReason: string | undefined;
  /** The service that a connected server counts for, until a session of it starts: it may have no more than it allows. */
  #counted: string | undefined;

  constructor(arrival: Arrival, detecting: Detecting, done: (session: DetectedSession) => void) {
    this.id = `svc/${arrival.instance}/detecting/${String(arrival.client)}`;
    this.loaded = arrival.revision;
    this.clock = arrival.runtime.outside.clock;
    this.#arrival = arrival;
    this.#detecting = detecting;
    this.#done = done;
  }

  start(client: Stream): void {
    this.#arrival.runtime.sessions.add(this);
    this.#detection = new ServiceDetection(this.#detecting.rule.rule.detect, client, this);
    this.#detection.start();
  }

  abort(reason: string): void {
    this.#abortReason = reason;
    this.#detection?.abort();
  }

  connect({ service }: DetectLine, done: (server: GreetingServer | undefined) => void): () => void {
    const { runtime } = this.#arrival;
    const decision = this.#decide(service);
    if (decision.outcome === 'refused') return callSoon(() => done(undefined));
    const master = masterOf(this.#arrival, decision);
    this.#greeting = master;
    const session = new StackedSession(master, 'detector');
    session.setRoute(decision.route);
    if (!this.#count(decision)) {
      new AttemptRecord(this.clock, session, null).write('limit.max-instances');
      return callSoon(() => done(undefined));
    }
    return connectServer(runtime, session, {}, (result) => {
      if (!result.ok) this.#uncount();
      done(result.ok ? result : undefined);
    });
  }

  certificateOf(
    line: DetectLine,
    hello: Bytes,
    done: (certificate: SeenCertificate | undefined) => void,
  ): () => void {
    const arrival = this.#arrival;
    const { revision, runtime } = arrival;
    const reading = runtime.outside.readHello(hello);
    const service = visitingService(this.#detecting.rule.rule, line);
    const isTcp = arrival.protocol === PROTOCOL_NUMBERS.tcp;
    if (reading.kind !== 'hello' || service === undefined || !isTcp)
      return callSoon(() => done(undefined));
    // Also where the certificate is known already, this client learns nothing of a server that it may not reach.
    const decision = decide(
      revision.policy,
      { ...arrival, detected: service, connect: {} },
      'untraced',
    );
    if (decision.outcome !== 'permitted' || decision.server === undefined)
      return callSoon(() => done(undefined));
    const { serverName } = reading.hello;
    const key = `${service.name} ${String(decision.server)} ${serverName ?? ''}`;
    return runtime.certificates.ask(key, this.#visitOf(decision, serverName), done);
  }

  /** Visits as a session of the service would: the attempt stands in the record of this connection. */
  #visitOf(decision: Permitted, serverName: string | undefined): Visit {
    return (visited) => {
      const master = masterOf(this.#arrival, decision);
      this.#visits.push(master);
      if (serverName !== undefined) master.set(tlsServerName, serverName);
      const session = new StackedSession(master, 'detector');
      session.setRoute(decision.route);
      return visitServer(this.#arrival.runtime, session, serverName, visited);
    };
  }

  detected(
    result: Exclude<RaceResult<DetectLine>, 'undecided'>,
    client: Stream,
    server?: GreetingServer,
  ): void {
    this.#arrival.runtime.sessions.delete(this);
    const decision = this.#decide(result === 'none' ? 'none' : result.service);
    this.#uncount(); // the session that starts now counts itself
    const master = this.#masterFor(decision, server);
    this.#noteName(master, client);
    this.#done({ decision, master, client, server });
  }

  /** What server the client asks for by TLS, which its service may pass on without a look. */
  #noteName(master: MasterSession, client: Stream): void {
    if (!(client instanceof PeekStream)) return;
    const { outside } = this.#arrival.runtime;
    const reading = outside.readHello(Buffer.concat(client.unheard));
    if (reading.kind !== 'hello' || reading.hello.serverName === undefined) return;
    master.set(tlsServerName, reading.hello.serverName);
  }

  lost(): void {
    if (this.#abortReason === undefined) this.#end('accepted', 'detect.client-lost', LOST);
    else this.#end('aborted-by-policy-action', this.#abortReason);
  }

  failed({ verdict, code, message, cause }: PolicyFault): void {
    const fields = { session: this.id, cause: thrownStack(cause) };
    this.#arrival.runtime.log.line('policy', code, message, fields);
    this.#end(verdict, code, message);
  }

  #end(...ending: Parameters<Connection['end']>): void {
    this.#arrival.runtime.sessions.delete(this);
    this.#uncount();
    const master = this.#greeting ?? masterOf(this.#arrival, this.#detecting);
    for (const visit of this.#visits) tellAttempts(visit, master);
    master.connection.end(...ending);
    writeRecord(this.#arrival.runtime, master, undefined);
  }

  #count({ service }: Permitted): boolean {
    const { name, limits } = service;
    if (!this.#arrival.runtime.counters.start(name, limits.maxInstances)) return false;
    this.#counted = name;
    return true;
  }

  #uncount(): void {
    if (this.#counted !== undefined) this.#arrival.runtime.counters.stop(this.#counted);
    this.#counted = undefined;
  }

  #decide(detected: DetectLine['service'] | 'none'): Permitted | Refused {
    const decision = decide(
      this.#arrival.revision.policy,
      { ...this.#arrival, detected },
      'untraced',
    );
    if (decision.outcome === 'detecting')
      throw new Error('What was detected is not detected again');
    return decision;
  }

  /** The session whose server greeted, or a new one that also tells what was tried. */
  #masterFor(decision: Permitted | Refused, server: GreetingServer | undefined): MasterSession {
    const greeted = server === undefined ? undefined : this.#greeting;
    const master = greeted ?? masterOf(this.#arrival, decision);
    for (const visit of this.#visits) tellAttempts(visit, master);
    if (greeted !== undefined) return greeted;
    if (this.#greeting !== undefined) tellAttempts(this.#greeting, master);
    return master;
  }
}

/** What was tried for a connection stands in its one record. */
function tellAttempts(from: MasterSession, to: MasterSession): void {
  for (const attempt of from.connection.connects) to.connection.recordConnect(attempt);
}

const LOST = 'The client left before its protocol was recognised';
