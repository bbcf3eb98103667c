// Checks of bcrypt hashes, in a thread of their own: one takes 80 ms of pure computation at a cost of 10, and bcryptjs
// gives others their turn only every 100 ms.

import { Worker } from 'node:worker_threads';
import type { BcryptAnswer, BcryptQuestion } from './bcrypt-thread-main.ts';

// At the usual cost they take 20 s: longer than anybody waits for an answer.
const MAX_WAITING = 256;

interface Waiting {
  readonly resolve: (matches: boolean) => void;
  readonly reject: (error: Error) => void;
}

/** A thread for passwords; it begins with the first check. */
export class BcryptThread {
  readonly #main: URL;
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** `main` is the file that the thread runs; only tests give another one. */
  constructor(main = new URL('./bcrypt-thread-main.ts', import.meta.url)) {
    this.#main = main;
  }

  /** Whether a password has this hash. Rejects if too many wait, or if the thread fails. */
  matches(password: string, hash: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= MAX_WAITING) {
        reject(new Error(`More than ${MAX_WAITING} passwords wait for their check`));
        return;
      }
      const question: BcryptQuestion = { id: ++this.#lastId, password, hash };
      this.#waiting.set(question.id, { resolve, reject });
      const worker = (this.#worker ??= this.#start());
      worker.ref(); // as long as somebody waits for an answer
      worker.postMessage(question);
    });
  }

  /** Ends the thread; those that wait for it are told so. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#main);
    worker.on('message', ({ id, matches }: BcryptAnswer) => {
      this.#waiting.get(id)?.resolve(matches);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    });
    const fail = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', (error) => {
      fail(new Error('The thread that checks passwords failed', { cause: error }));
    });
    worker.on('exit', () => {
      fail(new Error('The thread that checks passwords has ended'));
    });
    return worker;
  }
}
