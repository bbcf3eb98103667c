// The one catch around every proxy. It makes an engine total and final: whatever its core throws becomes actions, and
// after a close there are none.

import type { LogAction, ProxyAction, ProxyEngine, ProxyEvent, RestingEngine } from './engine.ts';
import { thrownStack } from './policy-call.ts';
import { showValue } from './policy-fault.ts';
import { PolicyFault, Violation } from './violation.ts';

/** The inside of an engine. It appends actions to `out` and may throw a Violation or a PolicyFault. */
export interface ProxyCore {
  handle(event: ProxyEvent, out: ProxyAction[]): void;
  /** Tells the peer why, as politely as the protocol allows. If it appends no close, the guard does. */
  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void;
  /** As `ProxyEngine.rest`; the engine that wakes has a guard of its own. */
  rest?(): RestingEngine | undefined;
  /** As `ProxyEngine.lastWords`. */
  lastWords?(reason: string, out: LogAction[]): void;
}

/** Makes an engine of a core: what was done before a throw is kept, the refusal follows it, then nothing more. */
export function guard(core: ProxyCore): ProxyEngine {
  return new Guard(core);
}

/** A class, because there is one in every session, and closures take more. */
class Guard implements ProxyEngine {
  readonly #core: ProxyCore;
  #isClosed = false;

  constructor(core: ProxyCore) {
    this.#core = core;
  }

  handle(event: ProxyEvent): ProxyAction[] {
    if (this.#isClosed) return [];
    const out: ProxyAction[] = [];
    try {
      this.#core.handle(event, out);
    } catch (error) {
      answer(this.#core, error, out);
    }
    const length = lengthToClose(out);
    if (length === undefined) return out;
    this.#isClosed = true;
    return length === out.length ? out : out.slice(0, length);
  }

  rest(): RestingEngine | undefined {
    return this.#isClosed ? undefined : this.#core.rest?.();
  }

  lastWords(reason: string): readonly LogAction[] {
    const out: LogAction[] = [];
    if (!this.#isClosed) this.#core.lastWords?.(reason, out);
    this.#isClosed = true;
    return out;
  }
}

/** How many actions there are up to the close; undefined where there is none. */
function lengthToClose(out: readonly ProxyAction[]): number | undefined {
  let length = 0;
  for (const { type } of out) {
    length++;
    if (type === 'close') return length;
  }
  return undefined;
}

function answer(core: ProxyCore, error: unknown, out: ProxyAction[]): void {
  if (!(error instanceof Violation || error instanceof PolicyFault)) {
    fail(error, out);
    return;
  }
  out.push(logOf(error));
  const refusal: ProxyAction[] = [];
  try {
    core.refuse(error, refusal);
  } catch (bug) {
    fail(bug, refusal);
  }
  out.push(...refusal);
  if (refusal.some(endsSession)) return;
  const verdict = error instanceof PolicyFault ? error.verdict : 'denied-by-policy';
  out.push({ type: 'close', verdict, reason: error.code, message: error.message });
}

/** A refusal may linger for its page to arrive: then it has armed a timer that ends it. */
function endsSession(action: ProxyAction): boolean {
  return action.type === 'close' || (action.type === 'timer' && action.afterMs !== undefined);
}

function logOf(error: Violation | PolicyFault): ProxyAction {
  const side = error instanceof Violation ? error.side : undefined;
  const cause = thrownStack(error.cause);
  return {
    type: 'log',
    level: error instanceof Violation ? 'violation' : 'policy',
    code: error.code,
    message: error.message,
    fields: { side, cause },
  };
}

const INTERNAL_ERROR = 'The proxy failed on an error of its own';

/** A bug of ours ends one session, with its trace in the log, and never the process. */
function fail(bug: unknown, out: ProxyAction[]): void {
  const stack = bug instanceof Error ? (bug.stack ?? bug.message) : showValue(bug);
  out.push({
    type: 'log',
    level: 'violation',
    code: 'proxy.internal-error',
    message: INTERNAL_ERROR,
    fields: { stack },
  });
  out.push({
    type: 'close',
    verdict: 'denied-by-unknown-fail',
    reason: 'proxy.internal-error',
    message: INTERNAL_ERROR,
  });
}
