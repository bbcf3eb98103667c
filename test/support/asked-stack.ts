// A child that a pump under test asked for: the test plays it.
import assert from 'node:assert/strict';
import type { StackedChild } from '../../src/proxy/engine.ts';
import type { ContentHint } from '../../src/proxy/content-hint.ts';
import type { ContentWord } from '../../src/proxy/content-verdict.ts';
import type { Verdict } from '../../src/proxy/verdict.ts';
import type { ChildListener, RunningChild, StackRequest } from '../../src/session/pump-host.ts';
import type { FakeStream } from './fake-stream.ts';

/** A child that the pump asked for, with the near ends of its links. */
export class AskedStack implements RunningChild {
  readonly child: StackedChild;
  readonly hint: ContentHint | undefined;
  isAborted = false;
  isRetired = false;
  readonly #listener: ChildListener;
  readonly #stream: () => FakeStream;
  #near: { readonly client: FakeStream; readonly server: FakeStream } | undefined;

  constructor({ child, hint }: StackRequest, listener: ChildListener, stream: () => FakeStream) {
    this.child = child;
    this.hint = hint;
    this.#listener = listener;
    this.#stream = stream;
  }

  get client(): FakeStream {
    return this.#near?.client ?? assert.fail('The child does not run');
  }

  get server(): FakeStream {
    return this.#near?.server ?? assert.fail('The child does not run');
  }

  /** It runs. */
  start(): void {
    this.#near = { client: this.#stream(), server: this.#stream() };
    this.#listener.started(this.#near);
  }

  /** It says what it thinks of the contents. */
  says(word: ContentWord, description = ''): void {
    this.#listener.said({ type: 'stack-content-verdict', verdict: { word, description } });
  }

  ended(verdict: Verdict, reason: string, message?: string): void {
    this.#listener.ended(verdict, reason, message);
  }

  retire(): void {
    this.isRetired = true;
  }

  abort(): void {
    this.isAborted = true;
  }
}
