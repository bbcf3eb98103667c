// Copies bytes between client and server without looking at them, or through a child that does. All directions are
// relays, so that the kernel may move the bytes; what is left here is when it begins and when it ends.

import type { CopyingEnding } from '../../proxy/copying.ts';
import { childEndingOf, DROP_SERVER, isServerDropped } from '../../proxy/child-ending.ts';
import type {
  Port,
  ProxyAction,
  ProxyContext,
  ProxyEvent,
  Stackable,
  Traffic,
} from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { actionOf } from '../../proxy/policy-action.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from '../../proxy/policy-call.ts';
import { partnerOf, routesOf } from '../../proxy/relay-routes.ts';
import type { RelayWay } from '../../proxy/relay-routes.ts';
import { isStackable } from '../../proxy/stackable.ts';
import { brokenBy, endedBy, ENDINGS, FLOWS_ENDED, STATISTICS_REFUSED } from './endings.ts';
import { FurtherFlows } from './further-flows.ts';
import type { PlugSettings, PlugStatistics } from './settings.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** `choosing` and `asking`: a promise of the policy is waited for, of the choice of a child or of the statistics check. */
type Phase = 'connecting' | 'choosing' | 'stacking' | 'copying' | 'asking';

const CHOICE = 'stack function of plug';
const CHECK = 'statistics check of plug';
const NO_PORTS: readonly Port[] = [];
const ANSWERS: readonly unknown[] = ['accept', 'reject', 'abort', 'drop'];

/** The inside of the plug engine. */
export class PlugCore implements ProxyCore {
  readonly #settings: PlugSettings;
  readonly #context: ProxyContext;
  readonly #endsSoftly: boolean;
  /** The ports that have ended. */
  #ended: readonly Port[] = NO_PORTS;
  #phase: Phase = 'connecting';
  #child: Stackable | undefined;
  #intervals = 0;
  /** Undefined where none are taken, as over TCP. */
  readonly #further: FurtherFlows | undefined;
  /** The flow that the session began with is over, and others go on. */
  #isFirstOver = false;

  constructor(settings: PlugSettings, context: ProxyContext) {
    this.#settings = settings;
    this.#context = context;
    // A parent says with the end of one link that its message is over, and waits for the rest of the answer.
    // A child has more to say when one side of it has ended.
    this.#endsSoftly =
      settings.shutdownSoft || settings.stack !== undefined || context.session.isStacked;
    const most = context.session.protocol === 'udp' ? settings.secondarySessions : 0;
    this.#further = most > 0 ? new FurtherFlows(settings, most) : undefined;
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (this.#further?.takes(event, out) !== true) this.#handleFirst(event, out);
    else if (this.#isFirstOver && this.#further.isEmpty) closeWith(FLOWS_ENDED, out);
  }

  /** What happens to the flow that the session began with, and to the session as a whole. */
  #handleFirst(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'started':
        return this.#start(out);
      case 'connected':
        return this.#connected(out);
      case 'connect-failed':
        return closeWith(event.failure, out);
      case 'ended':
        if (isServerDropped(event, this.#child)) out.push(DROP_SERVER);
        else this.#end(event, out);
        return;
      case 'elapsed':
        return this.#elapse(event, out);
      case 'resolved':
        return this.#resume(event, out);
      default:
        // Bytes come only from a port that is not copied: they are thrown away.
        return this.#hearChild(event, out);
    }
  }

  get #way(): RelayWay {
    return this.#child === undefined ? 'direct' : 'stacked';
  }

  refuse(): void {
    // A plug has no words for its peers: the guard closes.
  }

  #start(out: ProxyAction[]): void {
    const { refusal } = this.#context;
    if (refusal !== undefined) closeWith(refusal, out);
    else out.push({ type: 'hold', from: 'client' }, { type: 'connect', port: 'server' });
  }

  #connected(out: ProxyAction[]): void {
    if (this.#phase !== 'connecting' || this.#context.refusal !== undefined) return;
    const { stack } = this.#settings;
    if (stack === undefined) return this.#copy(out);
    out.push({ type: 'hold', from: 'server' }); // what the server says first is for the child
    if (typeof stack !== 'function') return this.#stack(stack, out);
    const choice = callPolicy(CHOICE, () => stack(this.#context.session));
    if (!isPromise(choice)) return this.#choose(choice, out);
    this.#phase = 'choosing';
    out.push({ type: 'wait', promise: choice });
  }

  #choose(choice: unknown, out: ProxyAction[]): void {
    if (choice === undefined) this.#copy(out);
    else if (isStackable(choice)) this.#stack(choice, out);
    else throw invalidResult(CHOICE, choice, 'a service, a program or undefined');
  }

  #stack(child: Stackable, out: ProxyAction[]): void {
    this.#phase = 'stacking';
    this.#child = child;
    out.push({ type: 'stack', child });
  }

  #hearChild(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'stacked' && this.#phase === 'stacking') this.#copy(out);
    const ending = childEndingOf(event, 'plug');
    if (ending !== undefined) out.push({ type: 'close', ...ending });
  }

  #copy(out: ProxyAction[]): void {
    const { timeoutMs, stack } = this.#settings;
    this.#phase = 'copying';
    out.push({ type: 'timer', timer: 'idle', afterMs: timeoutMs, mode: 'idle' });
    this.#armStatistics(out);
    for (const route of routesOf(this.#settings, this.#way))
      out.push({ type: 'relay', from: route.from, to: route.to, length: Infinity });
    out.push({ type: 'release', from: 'client' });
    this.#further?.begin(out);
    if (stack !== undefined) out.push({ type: 'release', from: 'server' });
  }

  #end({ from, error }: EventOf<'ended'>, out: ProxyAction[]): void {
    const partner = partnerOf(from, this.#way);
    if (partner === undefined) return;
    if (error !== undefined) return this.#break(from, error, out);
    if (this.#ended.includes(from)) return;
    this.#ended = this.#ended.length === 0 ? [from] : this.#ended.concat(from);
    if (!this.#endsSoftly) return closeWith(endedBy(from), out);
    out.push({ type: 'end', to: partner });
    // A child says itself when it has ended, and how.
    if (this.#way === 'direct' && this.#ended.length === 2) closeWith(ENDINGS.bothEnded, out);
  }

  #break(from: EventOf<'ended'>['from'], error: string, out: ProxyAction[]): void {
    if (this.#further?.isEmpty === false) {
      this.#isFirstOver = true;
      out.push({ type: 'disconnect', port: 'client' }, { type: 'disconnect', port: 'server' });
      return;
    }
    const ending = childEndingOf({ type: 'ended', from, error }, 'plug') ?? brokenBy(from, error);
    // Passed on as a reset, so that the other side cannot mistake a cut for an end.
    out.push({ type: 'close', ...ending, how: 'reset' });
  }

  #elapse({ timer, traffic }: EventOf<'elapsed'>, out: ProxyAction[]): void {
    if (this.#phase !== 'copying') return;
    if (timer === 'idle') closeWith(ENDINGS.timedOut, out);
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
    if (this.#phase === 'choosing') return this.#choose(settledValue(CHOICE, outcome), out);
    if (this.#phase !== 'asking') return;
    this.#phase = 'copying';
    this.#obey(settledValue(CHECK, outcome), out);
  }

  #obey(answer: unknown, out: ProxyAction[]): void {
    const action = actionOf(answer);
    if (!ANSWERS.includes(action)) throw invalidResult(CHECK, answer, 'accept() or abort()');
    if (action === 'accept') this.#armStatistics(out);
    else closeWith(STATISTICS_REFUSED, out);
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

function closeWith({ verdict, reason, message }: CopyingEnding, out: ProxyAction[]): void {
  out.push({ type: 'close', verdict, reason, message });
}
