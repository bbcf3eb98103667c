// A port that is open for a connection which a session expects: for a short time, and on the account of that session.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Accepted, PortWatcher } from '../session/outside.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import { errorCode } from './error-code.ts';
import { listen } from './listener.ts';
import type { Listen, ListenHandlers, Listening } from './listener.ts';

// One connection is wanted. The rest is room for strangers that come first, so that they do not keep the peer out.
const BACKLOG = 16;

/**
 * Opens a TCP port. The port and what it accepts count as further descriptors of a session that runs; without room for
 * them it fails as 'EMFILE'. The returned function closes the port, and then nothing is told.
 */
export function openExpectedPort(
  budget: DescriptorBudget,
  at: SocketAddress,
  watcher: PortWatcher,
  openPort: Listen = listen,
): () => void {
  const port = new ExpectedPort(watcher, openPort);
  port.open(budget, at);
  return () => port.close();
}

class ExpectedPort {
  readonly #watcher: PortWatcher;
  readonly #openPort: Listen;
  #listening: Listening | undefined;
  #isClosed = false;
  /** Gives the descriptor of the port back. */
  #release = (): void => undefined;

  constructor(watcher: PortWatcher, openPort: Listen) {
    this.#watcher = watcher;
    this.#openPort = openPort;
  }

  open(budget: DescriptorBudget, at: SocketAddress): void {
    if (!budget.hasRoom) {
      queueMicrotask(() => this.#fail('EMFILE')); // nothing is told before the caller can close it
      return;
    }
    // Not the server itself: Node says its 'close' only when the last of its connections has ended.
    budget.charge({ once: (_event, release) => (this.#release = release) }, 'connected');
    this.#openPort(at, { backlog: BACKLOG, budget, use: 'connected' }, this.#handlers).then(
      (listening) => this.#opened(listening),
      (error: unknown) => {
        this.#release();
        this.#fail(errorCode(error));
      },
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closePort();
  }

  readonly #handlers: ListenHandlers = {
    accepted: (connection: Accepted) => {
      if (this.#isClosed) connection.stream.destroy('reset');
      else this.#watcher.accepted(connection);
    },
    // What came was reset, and it may have been the peer, who will not come again.
    exhausted: () => this.#fail('EMFILE'),
    failed: (error) => this.#fail(error),
    recovered: () => undefined,
  };

  #opened(listening: Listening): void {
    this.#listening = listening;
    if (this.#isClosed) this.#closePort();
    else this.#watcher.opened(listening.address);
  }

  #fail(error: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#watcher.failed(error);
  }

  /** Closes the port if it is open yet. */
  #closePort(): void {
    if (this.#listening === undefined) return;
    this.#listening.close();
    this.#release();
  }
}
