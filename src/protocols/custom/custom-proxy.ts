// A protocol proxy that the policy wrote. The engine keeps the laws for it: it runs the script as far as what has come
// allows, and ends the session if the script does what no proxy may.

import type { ProxyAction, ProxyContext, ProxyEvent, Refusal } from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { callPolicy, invalidResult, thrownStack } from '../../proxy/policy-call.ts';
import { PolicyFault, Violation } from '../../proxy/violation.ts';
import { ChildSlot } from './child-slot.ts';
import type { Script, ScriptResult } from './conversation.ts';
import type { Ending } from './ending.ts';
import {
  aborted,
  broken,
  FINISHED,
  Unavailable,
  rejected,
  TIMED_OUT,
  TooManySteps,
} from './ending.ts';
import type { PeerName } from './inbox.ts';
import { Inbox } from './inbox.ts';
import { makeConversation } from './make-conversation.ts';
import { Referee } from './referee.ts';
import { ScriptRun } from './script-run.ts';
import type { CustomSettings } from './settings.ts';
import type { Step } from './step.ts';
import { ReadTimers } from './read-timers.ts';
import { encodeText } from './text-code.ts';
import { Wire } from './wire.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** What a proxy is made of: its name, its script, its settings. */
export interface CustomDefinition {
  readonly name: string;
  readonly script: Script;
  readonly settings: CustomSettings;
}

// The client needs to know that it is not its fault, and no more: the message of a fault may name what is inside.
const POLICY_FAILED = 'The firewall cannot handle this connection';

/** The inside of the engine. */
export class CustomCore implements ProxyCore {
  readonly #definition: CustomDefinition;
  readonly #refusal: Refusal | undefined;
  readonly #wire: Wire;
  readonly #slot: ChildSlot;
  readonly #readTimers: ReadTimers;
  readonly #script: ScriptRun;
  /** What the script waits for; undefined before it has begun. */
  #step: Step | undefined;
  /** Whether the script runs, or has to wait until Zorp has connected the server. */
  #phase: 'idle' | 'connecting' | 'running' = 'idle';

  constructor(definition: CustomDefinition, context: ProxyContext) {
    const { name, script, settings } = definition;
    const referee = new Referee(name);
    const inboxes = {
      client: new Inbox('client', lines(settings.clientMaxLineLength, settings)),
      server: new Inbox('server', lines(settings.serverMaxLineLength, settings)),
    };
    this.#definition = definition;
    this.#refusal = context.refusal;
    this.#wire = new Wire(inboxes, referee, settings.maxBufferedBytes);
    this.#slot = new ChildSlot(referee);
    this.#readTimers = new ReadTimers(inboxes, this.#wire, settings.timeoutReadMs);
    const { startTls = [] } = context;
    const parts = { settings, inboxes, referee, wire: this.#wire, slot: this.#slot, startTls };
    const conversation = makeConversation(parts, context.session);
    this.#script = new ScriptRun(name, script, { conversation, referee });
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    this.#wire.during(out, () => {
      try {
        this.#happen(event);
      } catch (error) {
        if (error instanceof Unavailable) this.#refuseWith(error.failure);
        else if (error instanceof TooManySteps) this.#stop(error.ending);
        else throw error;
      }
    });
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    const { code: reason, message } = problem;
    const verdict = problem instanceof Violation ? 'denied-by-policy' : problem.verdict;
    this.#wire.during(out, () => {
      const told = problem instanceof Violation ? message : POLICY_FAILED;
      this.#tell({ reason, verdict, message: told });
      this.#close({ reason, verdict, message });
    });
  }

  #happen(event: ProxyEvent): void {
    switch (event.type) {
      case 'started':
        return this.#start();
      case 'received':
        return this.#receive(event);
      case 'ended':
        return this.#end(event);
      case 'elapsed':
        return this.#elapse(event);
      default:
        return this.#answer(event);
    }
  }

  /** Something that the script, or Zorp for it, asked for has come to an end. */
  #answer(event: Exclude<ProxyEvent, EventOf<'started' | 'received' | 'ended' | 'elapsed'>>): void {
    switch (event.type) {
      case 'connected':
        return event.port === 'server' ? this.#connected() : undefined;
      case 'connect-failed':
        return event.port === 'server' ? this.#connectFailed(event) : undefined;
      case 'secured':
        this.#wire.tlsBegun(event.port, undefined);
        return this.#goOn();
      case 'secure-failed':
        this.#wire.tlsBegun(event.port, event.failure);
        return this.#goOn();
      case 'relayed':
        this.#wire.relayed(event.from, event.bytes);
        return this.#goOn();
      case 'resolved':
        this.#wire.resolved(event.outcome);
        return this.#goOn();
      default:
        return this.#hearChild(event);
    }
  }

  #start(): void {
    if (this.#refusal !== undefined) return this.#refuseWith(this.#refusal);
    if (this.#phase !== 'idle') return;
    const { connect, timeoutMs } = this.#definition.settings;
    this.#wire.act({ type: 'timer', timer: 'idle', afterMs: timeoutMs, mode: 'idle' });
    if (connect === 'first') {
      this.#phase = 'connecting';
      this.#wire.connect(undefined);
    } else {
      this.#phase = 'running';
      this.#advance();
    }
  }

  #receive(event: EventOf<'received'>): void {
    const { from, bytes } = event;
    if (!isPeer(from)) return this.#hearChild(event);
    this.#wire.received(from, bytes);
    this.#slot.flow();
    this.#goOn();
  }

  #end(event: EventOf<'ended'>): void {
    const { from, error } = event;
    if (!isPeer(from)) return this.#hearChild(event);
    if (!this.#wire.isThere(from)) return;
    if (error !== undefined) return this.#close(broken(from));
    if (!this.#wire.ended(from)) return;
    this.#slot.flow();
    this.#goOn();
  }

  #elapse(event: EventOf<'elapsed'>): void {
    if (event.timer === 'idle') return this.#close(TIMED_OUT);
    this.#readTimers.elapsed(event.timer);
    this.#hearChild(event);
  }

  /** Something that may be about a child. */
  #hearChild(event: ProxyEvent): void {
    const ending = this.#slot.handle(event);
    if (ending === undefined) this.#goOn();
    else this.#close(ending);
  }

  #connected(): void {
    this.#wire.connectEnded(undefined);
    if (this.#phase !== 'connecting') return this.#goOn();
    this.#phase = 'running';
    this.#advance();
  }

  #connectFailed({ failure }: EventOf<'connect-failed'>): void {
    this.#wire.connectEnded(failure);
    if (this.#phase === 'connecting') this.#refuseWith(failure);
    else this.#goOn();
  }

  /** Lets the script go on if what it waits for is there. */
  #goOn(): void {
    if (this.#step?.attempt() === true) this.#advance();
    else this.#settle(this.#step?.reads ?? []);
  }

  /** The script waits for these sides, or for something else: who is not read is held, who is has its time. */
  #settle(reads: readonly PeerName[]): void {
    this.#wire.updateHolds([...reads, ...this.#slot.reads]);
    this.#readTimers.update(reads);
  }

  /** Lets the script run until it waits for something that is not there, or is done. */
  #advance(): void {
    for (;;) {
      const advance = this.#script.advance();
      if (advance.type === 'result') return this.#finish(advance.result);
      this.#step = advance.step;
      this.#step.begin();
      if (!this.#step.attempt()) break;
    }
    this.#settle(this.#step.reads);
  }

  #finish(result: ScriptResult): void {
    switch (result.action) {
      case 'accept':
        return this.#close(FINISHED);
      case 'reject':
        return this.#refuseWith(rejected(result.text));
      case 'abort':
        return this.#close(aborted(result.text));
    }
  }

  /** Ends a session of which the script is at fault, which is for the log and not for the client. */
  #stop(ending: Ending): void {
    const { reason, message, verdict } = ending;
    this.#wire.act({ type: 'log', level: 'policy', code: reason, message });
    this.#tell({ reason, verdict, message: POLICY_FAILED });
    this.#close(ending);
  }

  #refuseWith(refusal: Refusal): void {
    this.#tell(refusal);
    this.#close(refusal);
  }

  #close({ verdict, reason, message, ...ending }: Ending): void {
    // Who has a part of a body must not take it for the whole.
    const how = this.#slot.isHalfDone ? 'reset' : ending.how;
    const action = { type: 'close', verdict, reason, message } as const;
    this.#wire.act(how === undefined ? action : { ...action, how });
  }

  /** Tells the client, if the policy has words for it. A function that fails here changes nothing but the log. */
  #tell({ reason, verdict, message }: Refusal): void {
    const { tellRefusal, encoding } = this.#definition.settings;
    if (tellRefusal === undefined || !this.#wire.canTell) return;
    const name = `tellRefusal of ${this.#definition.name}`;
    try {
      const text = callPolicy(name, () => tellRefusal({ reason, verdict, message }));
      const bytes = typeof text === 'string' ? encodeText(text, encoding) : undefined;
      if (bytes === undefined) throw invalidResult(name, text, `a text in ${encoding}`);
      if (bytes.length > 0) this.#wire.act({ type: 'send', to: 'client', bytes });
    } catch (error) {
      if (!(error instanceof PolicyFault)) throw error;
      const cause = thrownStack(error.cause);
      const { code, message: text } = error;
      this.#wire.act({ type: 'log', level: 'policy', code, message: text, fields: { cause } });
    }
  }
}

function lines(
  maxLength: number,
  { lineEnd }: CustomSettings,
): ConstructorParameters<typeof Inbox>[1] {
  return { maxLength, lineEnd };
}

function isPeer(port: string): port is PeerName {
  return port === 'client' || port === 'server';
}
