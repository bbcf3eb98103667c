// The second of Zorp's two nouns. The pump carries events from streams to a proxy engine and carries out the actions
// that it asks for.

import type {
  Bytes,
  Outcome,
  Port,
  ProxyAction,
  ProxyEngine,
  ProxyEvent,
  Side,
  Traffic,
} from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { ByteCounts, PumpHost } from './pump-host.ts';
import { PumpPort } from './pump-port.ts';
import type { PortOwner } from './pump-port.ts';
import { PumpTimers } from './pump-timers.ts';
import { relayStep } from './relay.ts';
import type { Ownership, Stream } from './stream.ts';

// A function of the policy that never answers must not hold a connection for ever; half a minute is longer than any
// look-up that a user would wait for.
const WAIT_TIMEOUT_MS = 30_000;

// After a close the last bytes are still delivered. A peer that has not taken them by then is reset, so that it cannot
// mistake a cut for an end.
const LINGER_MS = 10_000;

/** The name of the pump's own timer, beside those of the engine. */
const WAIT_TIMER = 'pump.wait';

type ActionOf<Type extends ProxyAction['type']> = Extract<ProxyAction, { type: Type }>;
type CarryOutTable = {
  readonly [Type in ProxyAction['type']]: (pump: Pump, action: ActionOf<Type>) => void;
};

/** Runs one engine between its streams. */
export class Pump implements PortOwner {
  readonly #engine: ProxyEngine;
  readonly #host: PumpHost;
  readonly #timers: PumpTimers;
  readonly #ports = new Map<Port, PumpPort>();
  /** Ports that the engine let go, until their streams are gone. */
  readonly #leaving = new Set<PumpPort>();
  readonly #connecting = new Map<Port, () => void>();
  /** Events that came while the engine was busy or waiting. Bytes wait in their ports instead. */
  readonly #inbox: ProxyEvent[] = [];
  #state: 'running' | 'closing' | 'finished' = 'running';
  #isBusy = false;
  #waitingFor: symbol | undefined;
  #source: PumpPort | undefined;
  #sourceOwnership: Ownership = 'given';
  #abortChild: (() => void) | undefined;
  #childVerdict: ProxyEvent | undefined;
  #past: ByteCounts = { fromClient: 0, toClient: 0, fromServer: 0, toServer: 0 };
  #cancelLinger: (() => void) | undefined;

  constructor(engine: ProxyEngine, host: PumpHost) {
    this.#engine = engine;
    this.#host = host;
    this.#timers = new PumpTimers(host.clock, (timer) => {
      this.#timerElapsed(timer);
    });
  }

  /** Starts the engine on the stream of its client. */
  start(client: Stream): void {
    this.#post({ type: 'started' });
    this.#attach('client', client);
  }

  /** Ends the session now, dropping what has not been delivered. */
  abort(verdict: Verdict, reason: string): void {
    if (this.#state === 'running') this.#close({ type: 'close', verdict, reason, how: 'reset' });
    for (const port of this.#allPorts()) port.stream.destroy('reset');
  }

  portReceived(port: PumpPort, bytes: Bytes): void {
    if (this.#state !== 'running' || this.#leaving.has(port)) return; // lingering: what still comes is discarded
    this.#timers.traffic();
    const { ownership } = port.stream;
    if (this.#isBusy || !this.#canDeliver(port) || port.hasPending) {
      port.keep(bytes, ownership);
      return;
    }
    this.#isBusy = true;
    this.#deliver(port, bytes, ownership);
    this.#isBusy = false;
    this.#run();
  }

  portEnded(): void {
    this.#run();
  }

  portClosed(port: PumpPort): void {
    if (this.#leaving.delete(port) || this.#state !== 'running') {
      this.#forget(port);
      return;
    }
    this.#run();
  }

  /** Takes one thing after the other until there is nothing to do. Never re-entered. */
  #run(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#step());
    this.#isBusy = false;
  }

  #step(): boolean {
    if (this.#state !== 'running' || this.#waitingFor !== undefined) return false;
    const event = this.#inbox.shift();
    if (event !== undefined) {
      this.#handle(event, undefined, 'given');
      return true;
    }
    for (const port of this.#ports.values()) if (this.#stepPort(port)) return true;
    return this.#stepChild();
  }

  /** A child's verdict comes after its last bytes. */
  #stepChild(): boolean {
    const verdict = this.#childVerdict;
    const near = [this.#ports.get('stack-client'), this.#ports.get('stack-server')];
    if (verdict === undefined || near.some((port) => port?.isEndTold === false)) return false;
    this.#childVerdict = undefined;
    this.#handle(verdict, undefined, 'given');
    return true;
  }

  #stepPort(port: PumpPort): boolean {
    if (port.loss === undefined && port.isOpen) {
      const bytes = port.takePending();
      if (bytes !== undefined) {
        this.#deliver(port, bytes, 'given');
        return true;
      }
    }
    const end = port.takeEnd();
    if (port.isClosed && !port.hasPending) this.#forget(port);
    if (end === undefined) return false;
    this.#handleEnd(port, end);
    return true;
  }

  #handleEnd(port: PumpPort, end: { readonly error?: string }): void {
    const { relay, name: from } = port;
    port.relay = undefined;
    if (relay !== undefined) {
      const { to, bytes } = relay;
      this.#handle({ type: 'relayed', from, to, bytes, complete: false }, port, 'given');
    }
    // A policy function that was called meanwhile is waited for first.
    this.#post({ type: 'ended', from, ...end });
  }

  #canDeliver(port: PumpPort): boolean {
    return this.#state === 'running' && this.#waitingFor === undefined && port.isOpen;
  }

  /** Delivers bytes of a port: through its relay, then to the engine; what cannot go now is kept. */
  #deliver(port: PumpPort, bytes: Bytes, ownership: Ownership): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#state !== 'running' || this.#leaving.has(port)) return;
      if (!this.#canDeliver(port)) {
        port.keepFirst(rest, ownership);
        return;
      }
      if (port.relay === undefined) {
        this.#handle({ type: 'received', from: port.name, bytes: rest }, port, ownership);
        return;
      }
      rest = this.#relay(port, rest, ownership);
    }
  }

  #relay(port: PumpPort, bytes: Bytes, ownership: Ownership): Bytes {
    const { relay } = port;
    if (relay === undefined) return bytes;
    const rest = relayStep(relay, port, this.#ports.get(relay.to), { bytes, ownership });
    if (relay.remaining > 0) return rest;
    this.#endRelay(port);
    return rest;
  }

  #endRelay(port: PumpPort): void {
    const { relay, name: from } = port;
    if (relay === undefined) return;
    port.relay = undefined;
    const { to, bytes } = relay;
    this.#handle({ type: 'relayed', from, to, bytes, complete: true }, port, 'given');
    port.updateHold();
  }

  #handle(event: ProxyEvent, source: PumpPort | undefined, ownership: Ownership): void {
    if (this.#state !== 'running') return;
    this.#source = source;
    this.#sourceOwnership = ownership;
    try {
      for (const action of this.#engine.handle(event)) this.#carryOut(action);
    } catch (bug) {
      // The boundary of one session: a bug of ours ends it and nothing else.
      const stack = bug instanceof Error ? bug.stack : String(bug);
      this.#host.log('error', 'session.internal-error', 'A session failed on an error of Zorp', {
        stack,
      });
      this.#close({
        type: 'close',
        verdict: 'denied-by-unknown-fail',
        reason: 'session.internal-error',
      });
    }
    this.#source = undefined;
  }

  #carryOut(action: ProxyAction): void {
    // The table has, for each type of action, the function that takes that type.
    const carryOut = Pump.#CARRY_OUT[action.type] as (pump: Pump, action: ProxyAction) => void;
    carryOut(this, action);
  }

  static readonly #CARRY_OUT: CarryOutTable = {
    send: (pump, action) =>
      pump.#ports.get(action.to)?.send(action.bytes, pump.#sourceOwnership, pump.#source),
    end: (pump, action) => pump.#ports.get(action.to)?.end(),
    connect: (pump, action) => {
      pump.#connect(action);
    },
    disconnect: (pump, action) => {
      pump.#disconnect(action.port);
    },
    relay: (pump, action) => {
      pump.#startRelay(action);
    },
    stack: (pump, action) => {
      pump.#stack(action);
    },
    hold: (pump, action) => pump.#ports.get(action.from)?.holdForEngine(true),
    release: (pump, action) => pump.#ports.get(action.from)?.holdForEngine(false),
    wait: (pump, action) => {
      pump.#wait(action.promise);
    },
    timer: (pump, action) => {
      pump.#timers.set(action.timer, action.afterMs, action.mode);
    },
    log: (pump, action) => {
      pump.#host.log(action.level, action.code, action.message, action.fields);
    },
    close: (pump, action) => {
      pump.#close(action);
    },
  };

  #connect(action: ActionOf<'connect'>): void {
    const { port, target } = action;
    const cancel = this.#host.connect(target, (result) => {
      this.#connecting.delete(port);
      if (!result.ok) {
        this.#post({ type: 'connect-failed', port, failure: result.failure });
        return;
      }
      this.#attach(port, result.stream);
      this.#post({ type: 'connected', port, address: result.address });
    });
    this.#connecting.set(port, cancel);
  }

  #disconnect(name: Port): void {
    this.#connecting.get(name)?.();
    this.#connecting.delete(name);
    const port = this.#ports.get(name);
    if (port === undefined) return;
    this.#ports.delete(name);
    if (port.isClosed) {
      this.#forget(port);
      return;
    }
    this.#leaving.add(port);
    port.linger();
    port.stream.destroy();
  }

  #startRelay(action: ActionOf<'relay'>): void {
    const port = this.#ports.get(action.from);
    if (port === undefined) return;
    if (action.length > 0) {
      port.relay = { to: action.to, remaining: action.length, bytes: 0 };
      port.updateHold();
      return;
    }
    this.#inbox.push({
      type: 'relayed',
      from: action.from,
      to: action.to,
      bytes: 0,
      complete: true,
    });
  }

  #stack(action: ActionOf<'stack'>): void {
    const result = this.#host.stack(action.service, (verdict, reason) => {
      this.#childVerdict = { type: 'stack-verdict', verdict, reason };
      this.#run();
    });
    if (!result.ok) {
      this.#post({ type: 'stack-refused', failure: result.failure });
      return;
    }
    const { child } = result;
    this.#abortChild = () => {
      child.abort();
    };
    this.#attach('stack-client', child.client);
    this.#attach('stack-server', child.server);
    this.#post({ type: 'stacked' });
  }

  #wait(promise: PromiseLike<unknown>): void {
    const waitingFor = Symbol('wait');
    this.#waitingFor = waitingFor;
    for (const port of this.#ports.values()) port.holdForWait(true);
    this.#timers.set(WAIT_TIMER, WAIT_TIMEOUT_MS, 'total');
    promise.then(
      (value) => {
        this.#resolve({ ok: true, value }, waitingFor);
      },
      (error: unknown) => {
        this.#resolve({ ok: false, error }, waitingFor);
      },
    );
  }

  /** Goes on after a wait; an answer that comes too late finds another wait, or none. */
  #resolve(outcome: Outcome, waitingFor: symbol | undefined): void {
    if (waitingFor === undefined || waitingFor !== this.#waitingFor || this.#state !== 'running')
      return;
    this.#waitingFor = undefined;
    this.#timers.set(WAIT_TIMER, undefined, 'total');
    for (const port of this.#ports.values()) port.holdForWait(false);
    this.#inbox.unshift({ type: 'resolved', outcome });
    this.#run();
  }

  #timerElapsed(timer: string): void {
    if (timer === WAIT_TIMER) {
      const error = new Error(`it did not answer within ${String(WAIT_TIMEOUT_MS / 1000)} seconds`);
      this.#resolve({ ok: false, error }, this.#waitingFor);
      return;
    }
    this.#post({ type: 'elapsed', timer, traffic: this.#traffic() });
  }

  #post(event: ProxyEvent): void {
    this.#inbox.push(event);
    this.#run();
  }

  #attach(name: Port, stream: Stream): void {
    if (this.#state !== 'running') {
      stream.destroy();
      return;
    }
    this.#disconnect(name); // a port that the engine connects again
    const port = new PumpPort(name, stream, this);
    this.#ports.set(name, port);
    port.holdForWait(this.#waitingFor !== undefined);
    stream.listen(port);
  }

  #close(action: ActionOf<'close'>): void {
    this.#state = 'closing';
    this.#timers.clear();
    for (const cancel of this.#connecting.values()) cancel();
    this.#connecting.clear();
    this.#inbox.length = 0;
    this.#host.closed(action.verdict, action.reason);
    this.#cancelLinger = this.#host.clock.after(LINGER_MS, () => {
      for (const port of this.#allPorts()) port.stream.destroy('reset');
    });
    for (const port of this.#ports.values()) {
      port.linger();
      if (port.isClosed) this.#forget(port);
      else if (action.how === 'reset') port.stream.destroy('reset');
    }
    this.#finishIfDone();
  }

  /** A port is gone: its bytes count on. */
  #forget(port: PumpPort): void {
    if (this.#ports.get(port.name) === port) this.#ports.delete(port.name);
    this.#past = this.#count(this.#past, port);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#state !== 'closing' || this.#ports.size > 0 || this.#leaving.size > 0) return;
    this.#state = 'finished';
    this.#cancelLinger?.();
    this.#abortChild?.();
    this.#host.finished(this.#past);
  }

  #allPorts(): readonly PumpPort[] {
    return [...this.#ports.values(), ...this.#leaving];
  }

  #traffic(): Traffic {
    return this.#allPorts().reduce((counts, port) => this.#count(counts, port), this.#past);
  }

  #count(counts: ByteCounts, port: PumpPort): ByteCounts {
    const side = port.name.split('#')[0] as Side; // a port is a side, or a side and a channel number
    const { receivedBytes, sentBytes } = port;
    const { fromClient, toClient, fromServer, toServer } = counts;
    if (side === 'client')
      return { ...counts, fromClient: fromClient + receivedBytes, toClient: toClient + sentBytes };
    if (side === 'server')
      return { ...counts, fromServer: fromServer + receivedBytes, toServer: toServer + sentBytes };
    return counts;
  }
}
