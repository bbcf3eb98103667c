// Copies bytes between client and server without looking at them. Both directions are relays, so that the kernel may move
// the bytes; what is left here is when it begins and when it ends.

import type { ProxyAction, ProxyContext, ProxyEvent, Traffic } from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from '../../proxy/policy-call.ts';
import type { PlugSettings, PlugStatistics } from './settings.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** `asking`: a promise of the statistics check is waited for. */
type Phase = 'connecting' | 'copying' | 'asking';

const CHECK = 'statistics check of plug';
const ANSWERS: readonly unknown[] = ['accept', 'reject', 'abort', 'drop'];

/** The inside of the plug engine. */
export class PlugCore implements ProxyCore {
  readonly #settings: PlugSettings;
  readonly #context: ProxyContext;
  readonly #endsSoftly: boolean;
  readonly #ended = new Set<string>();
  #phase: Phase = 'connecting';
  #intervals = 0;

  constructor(settings: PlugSettings, context: ProxyContext) {
    this.#settings = settings;
    this.#context = context;
    // A parent says with the end of one link that its message is over, and waits for the rest of the answer.
    this.#endsSoftly = settings.shutdownSoft || context.session.isStacked;
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'started':
        return this.#start(out);
      case 'connected':
        return this.#copy(out);
      case 'connect-failed':
        return closeWith(event.failure, out);
      case 'ended':
        return this.#end(event, out);
      case 'elapsed':
        return this.#elapse(event, out);
      case 'resolved':
        return this.#resume(event, out);
      default:
        // Bytes come only from a side that is not copied: they are thrown away.
        return;
    }
  }

  refuse(): void {
    // A plug has no words for its peers: the guard closes.
  }

  #start(out: ProxyAction[]): void {
    const { refusal } = this.#context;
    if (refusal !== undefined) closeWith(refusal, out);
    else out.push({ type: 'hold', from: 'client' }, { type: 'connect', port: 'server' });
  }

  #copy(out: ProxyAction[]): void {
    if (this.#phase !== 'connecting' || this.#context.refusal !== undefined) return;
    const { copyToServer, copyToClient, timeoutMs } = this.#settings;
    this.#phase = 'copying';
    out.push({ type: 'timer', timer: 'idle', afterMs: timeoutMs, mode: 'idle' });
    this.#armStatistics(out);
    if (copyToServer) out.push({ type: 'relay', from: 'client', to: 'server', length: Infinity });
    if (copyToClient) out.push({ type: 'relay', from: 'server', to: 'client', length: Infinity });
    out.push({ type: 'release', from: 'client' });
  }

  #end({ from, error }: EventOf<'ended'>, out: ProxyAction[]): void {
    if (from !== 'client' && from !== 'server') return;
    if (error !== undefined) {
      // Passed on as a reset, so that the other side cannot mistake a cut for an end.
      const ending = accepted(`plug.${from}-reset`, `The ${from} broke the connection off`);
      out.push({ type: 'close', ...ending, how: 'reset' });
      return;
    }
    if (this.#ended.has(from)) return;
    this.#ended.add(from);
    if (!this.#endsSoftly)
      return closeWith(accepted(`plug.${from}-ended`, `The ${from} ended the connection`), out);
    out.push({ type: 'end', to: from === 'client' ? 'server' : 'client' });
    if (this.#ended.size === 2) closeWith(BOTH_ENDED, out);
  }

  #elapse({ timer, traffic }: EventOf<'elapsed'>, out: ProxyAction[]): void {
    if (this.#phase !== 'copying') return;
    if (timer === 'idle') closeWith(TIMED_OUT, out);
    else if (timer === 'statistics') this.#ask(traffic, out);
  }

  #ask(traffic: Traffic, out: ProxyAction[]): void {
    const { statistics } = this.#settings;
    if (statistics === undefined) return;
    this.#intervals++;
    const facts = this.#statistics(traffic, this.#intervals * statistics.everyMs);
    const answer = callPolicy(CHECK, () => statistics.check(facts, this.#context.session));
    if (!isPromise(answer)) return this.#obey(answer, out);
    this.#phase = 'asking';
    out.push({ type: 'wait', promise: answer });
  }

  #resume({ outcome }: EventOf<'resolved'>, out: ProxyAction[]): void {
    if (this.#phase !== 'asking') return;
    this.#phase = 'copying';
    this.#obey(settledValue(CHECK, outcome), out);
  }

  #obey(answer: unknown, out: ProxyAction[]): void {
    const action = actionOf(answer);
    if (!ANSWERS.includes(action)) throw invalidResult(CHECK, answer, 'accept() or abort()');
    if (action === 'accept') this.#armStatistics(out);
    else closeWith(REFUSED, out);
  }

  #statistics({ fromClient, fromServer }: Traffic, elapsedMs: number): PlugStatistics {
    const { copyToServer, copyToClient } = this.#settings;
    const perSecond = (bytes: number) => Math.round((bytes * 1000) / elapsedMs);
    return {
      fromClient,
      fromServer,
      bandwidthToServer: copyToServer ? perSecond(fromClient) : 0,
      bandwidthToClient: copyToClient ? perSecond(fromServer) : 0,
      elapsedMs,
    };
  }

  #armStatistics(out: ProxyAction[]): void {
    const afterMs = this.#settings.statistics?.everyMs;
    if (afterMs !== undefined)
      out.push({ type: 'timer', timer: 'statistics', afterMs, mode: 'total' });
  }
}

function actionOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'action' in answer
    ? answer.action
    : undefined;
}

function closeWith({ verdict, reason, message }: Ending, out: ProxyAction[]): void {
  out.push({ type: 'close', verdict, reason, message });
}

type Ending = Pick<EventOf<'connect-failed'>['failure'], 'verdict' | 'reason' | 'message'>;

function accepted(reason: string, message: string): Ending {
  return { verdict: 'accepted', reason, message };
}

const BOTH_ENDED = accepted('plug.both-ended', 'Both sides ended the connection');
const TIMED_OUT = accepted('plug.timeout', 'Nothing moved for as long as the policy allows');
const REFUSED: Ending = {
  verdict: 'aborted-by-policy-action',
  reason: 'plug.statistics-refused',
  message: 'The policy ended the connection because of its statistics',
};
