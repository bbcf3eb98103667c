// One way to find out whether a server works: it accepts a connection, or a function of the policy says so.

import type { SocketAddress } from '../address/socket-address.ts';
import type { AvailabilityCheck } from '../policy/chainer.ts';
import type { WatchedServer } from '../policy/watched-servers.ts';
import { thrownText } from '../proxy/policy-call.ts';
import type { Outside } from './outside.ts';

/** Runs checks of one server, one after the other. */
export interface ServerCheck {
  /**
   * Calls back exactly once, never before it has returned: why the server is down, or undefined. The returned function
   * gives up.
   */
  run(done: (failure: string | undefined) => void): () => void;
}

/** What a check by a connection asks, and how its packets are marked. */
export type CheckedServer = Pick<WatchedServer, 'server' | 'mark' | 'tos'>;

/** A server is up if it accepts a connection. */
export class TcpCheck implements ServerCheck {
  readonly #connector: Outside['connector'];
  readonly #watched: CheckedServer;
  readonly #timeoutMs: number;

  constructor(outside: Pick<Outside, 'connector'>, watched: CheckedServer, timeoutMs: number) {
    this.#connector = outside.connector;
    this.#watched = watched;
    this.#timeoutMs = timeoutMs;
  }

  run(done: (failure: string | undefined) => void): () => void {
    const { server, mark, tos } = this.#watched;
    const request = {
      remote: server,
      local: undefined,
      localLoose: false,
      localRandom: false,
      mark,
      tos,
      timeoutMs: this.#timeoutMs,
    };
    return this.#connector.connect(request, (result) => {
      if (result.ok) result.stream.destroy();
      done(result.ok ? undefined : result.error);
    });
  }
}

/**
 * A function of the policy says whether a server is up. It is not called again before its last promise is settled: one
 * that never is keeps its server down, and does not pile up.
 */
export class FunctionCheck implements ServerCheck {
  readonly #clock: Outside['clock'];
  readonly #server: SocketAddress;
  readonly #check: AvailabilityCheck;
  readonly #timeoutMs: number;
  #isPending = false;

  constructor(
    { clock }: Pick<Outside, 'clock'>,
    server: SocketAddress,
    check: AvailabilityCheck,
    timeoutMs: number,
  ) {
    this.#clock = clock;
    this.#server = server;
    this.#check = check;
    this.#timeoutMs = timeoutMs;
  }

  run(done: (failure: string | undefined) => void): () => void {
    let isOver = false;
    const end = (failure: string | undefined): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      done(failure);
    };
    const cancel = this.#clock.after(this.#timeoutMs, () => end('the check took too long'));
    if (!this.#isPending) void this.#ask().then(end);
    return () => {
      isOver = true;
      cancel();
    };
  }

  async #ask(): Promise<string | undefined> {
    this.#isPending = true;
    try {
      // A policy in plain JavaScript may return anything: only true is a yes.
      const answer: unknown = await this.#check(this.#server);
      return answer === true ? undefined : 'the check says so';
    } catch (error) {
      return `the check threw ${thrownText(error)}`;
    } finally {
      this.#isPending = false;
    }
  }
}
