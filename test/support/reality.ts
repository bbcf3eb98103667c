// Real connections, in memory: what the dispatcher makes of them, told as an outcome.

import { IpAddress } from '../../src/address/ip-address.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { Listener } from '../../src/policy/make-listener.ts';
import type { ConnectFailure, ProxyAction } from '../../src/proxy/engine.ts';
import type { Revision } from '../../src/session/connection.ts';
import { dispatch } from '../../src/session/dispatch.ts';
import type { ResolveResult } from '../../src/session/outside.ts';
import type { FakeStream } from './fake-stream.ts';
import { factsOf } from './forecast.ts';
import type { Outcome } from './outcome.ts';
import { recordPart, requestPart, SERVER_LOCAL } from './outcome.ts';
import { act } from './pump-world.ts';
import type { ConnectionSeed } from './random-connection.ts';
import { NAME } from './random-connection.ts';
import type { MakeProxy } from './random-policy.ts';
import { proxyOf, SessionWorld } from './session-world.ts';

// When a silent client is taken for one that waits for its server, and when detection ends.
const TURNING_POINTS_MS = [500, 4_500];

/** What a session said of itself: the outcome of its connection, and its id while it goes on. */
interface Seen {
  readonly outcome: Outcome;
  readonly id: string | undefined;
}

/** The proxies of a random policy. They do what the connection says that has just come. */
export class Stage {
  /** The connection that has just come. */
  seed: ConnectionSeed | undefined;

  /** Connects, stacks a service if it has one, tells its client how that went, and closes unless it is to stay. */
  readonly makeProxy: MakeProxy = (stacked, options) =>
    proxyOf((event, { session, refusal }) => {
      switch (event.type) {
        case 'started':
          if (refusal !== undefined) return telling('refused', refusal);
          return session.isStacked
            ? []
            : [act.hold('client'), act.connect('server', this.seed?.target)];
        case 'connected':
          return [
            act.send('server', 'hello'),
            ...(stacked === undefined ? this.#serve() : [act.stack(stacked)]),
          ];
        case 'stacked':
          return this.#serve();
        case 'connect-failed':
        case 'stack-refused':
          return telling('failed', event.failure);
        default:
          return [];
      }
    }, options);

  #serve(): readonly ProxyAction[] {
    const served = act.send('client', 'served');
    return this.seed?.stays === true ? [served] : [served, act.close('done', 'reset')];
  }
}

function telling(
  what: string,
  { reason, verdict, message }: ConnectFailure,
): readonly ProxyAction[] {
  const close = { type: 'close', verdict, reason, message, how: 'reset' } as const;
  return [act.send('client', `${what}: ${reason}`), close];
}

/** Connections under a policy, one after the other. */
export class Reality {
  /** The world that they happen in. */
  readonly world: SessionWorld;
  readonly #stage: Stage;
  readonly #seen: Seen[] = [];
  #answered = 0;
  /** The last server that was connected for the connection that has just come. */
  #server: FakeStream | undefined;

  constructor(revision: Revision, stage: Stage) {
    this.world = new SessionWorld(revision);
    this.#stage = stage;
  }

  /** Lets a connection come, and everything happen that its seed says. */
  async accept(listener: Listener, seed: ConnectionSeed): Promise<void> {
    const { runtime, log, connects, revision, clock } = this.world;
    const [records, requests] = [log.records.length, connects.length];
    const others = new Set(runtime.sessions);
    this.world.draw = seed.draw;
    this.#stage.seed = seed;
    this.#server = undefined;
    const stream = this.#client(seed);
    const { client, local } = factsOf(listener, seed);
    dispatch(runtime, revision, listener, { stream, clientAddress: client, clientLocal: local });
    await this.#answerAll(seed, requests);
    for (const ms of TURNING_POINTS_MS) {
      if (!this.#isDetecting) break;
      clock.advance(ms);
      await this.#answerAll(seed, requests);
    }
    const [record] = log.records.slice(records);
    const outcome: Outcome = {
      requests: connects.slice(requests).map(({ request }) => requestPart(request)),
      client: `${stream.output}, ${forceOf(stream)}`,
      server: this.#heardByServer,
      record: record === undefined ? undefined : recordPart(record),
    };
    const open = [...runtime.sessions].find((session) => !others.has(session));
    this.#seen.push({ outcome, id: open?.id });
  }

  /** Aborts what still goes on. @returns what has become of each connection. */
  async outcomes(): Promise<readonly Outcome[]> {
    const { log } = this.world;
    const records = log.records.length;
    this.world.abortAll();
    await this.world.settle();
    const late = log.records.slice(records);
    return this.#seen.map(({ outcome, id }) => {
      const record = late.find(({ sessionId }) => id?.startsWith(`${sessionId}/`) === true);
      return record === undefined ? outcome : { ...outcome, record: recordPart(record) };
    });
  }

  #client({ says, ends }: ConnectionSeed): FakeStream {
    const stream = this.world.stream();
    for (const piece of says) stream.says(piece);
    return ends ? stream.ends() : stream;
  }

  get #heardByServer(): string {
    return this.#server?.output ?? '';
  }

  get #isDetecting(): boolean {
    return [...this.world.runtime.sessions].some(({ id }) => id.includes('/detecting/'));
  }

  /** Answers whatever the outside is asked, until it is asked nothing more. */
  async #answerAll(seed: ConnectionSeed, firstRequest: number): Promise<void> {
    const { world } = this;
    await world.settle();
    while (world.lookups.length > 0 || this.#answered < world.connects.length) {
      for (const { host, done } of world.lookups.splice(0)) done(answerTo(host, seed));
      for (; this.#answered < world.connects.length; this.#answered++)
        this.#answer(seed, this.#answered - firstRequest);
      await world.settle();
    }
  }

  #answer({ outcomes, greeting }: ConnectionSeed, place: number): void {
    const { world } = this;
    const done = world.connects[this.#answered]?.done;
    const error = outcomes[place] ?? 'ok';
    if (error !== 'ok') {
      done?.({ ok: false, error });
      return;
    }
    const stream = world.stream();
    if (this.#isDetecting && greeting !== '') stream.says(greeting);
    this.#server = stream;
    done?.({ ok: true, stream, local: SocketAddress.parse(SERVER_LOCAL) });
  }
}

/** DNS knows one name; an address is its own answer. */
function answerTo(host: string, { named }: ConnectionSeed): ResolveResult {
  const addresses = (host === NAME ? named : [host]).map((text) => IpAddress.parse(text));
  return addresses.length > 0 ? { ok: true, addresses } : { ok: false, error: 'ENODATA' };
}

/** How a stream was ended by force. */
function forceOf({ calls }: FakeStream): string {
  return calls.filter((call) => call === 'reset' || call === 'destroy').join();
}
