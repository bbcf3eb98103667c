// The second of Zorp's two nouns: the pump carries events from streams to a proxy engine and carries out its actions.

import type { Bytes, Port, ProxyAction, ProxyEngine, ProxyEvent } from '../proxy/engine.ts';
import type { Outcome } from '../proxy/proxy-event.ts';
import type { Verdict } from '../proxy/verdict.ts';
import { Outbox } from './outbox.ts';
import { CLIENT_LOST, PolicyWait, WAIT_TIMEOUT_MS } from './policy-wait.ts';
import { OWN_BOUNDS } from './pump-bounds.ts';
import type { PumpBounds } from './pump-bounds.ts';
import type { PumpHost } from './pump-host.ts';
import { isListening, isOfPort, PortOpenings } from './port-openings.ts';
import type { OpeningOwner } from './port-openings.ts';
import { PumpChild } from './pump-child.ts';
import type { ChildOwner } from './pump-child.ts';
import { PumpPort } from './pump-port.ts';
import type { PortOwner } from './pump-port.ts';
import { PumpPorts } from './pump-ports.ts';
import { MAX_DATAGRAM_IDLE_MS, PumpTimers, REST_AFTER_MS, withoutElapsed } from './pump-timers.ts';
import type { TimerOwner } from './pump-timers.ts';
import type { RunningRelay } from './relay.ts';
import { relayStep } from './relay.ts';
import type { RestingPump, RestOwner } from './resting-pump.ts';
import { restingPump } from './resting-pump.ts';
import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';
import type { Ownership, Stream } from './stream.ts';

/** The names of the pump's own timers, beside those of the engine. */
const WAIT_TIMER = 'pump.wait';
const LINGER_TIMER = 'pump.linger';

/** One for all pumps. What it sends over a link may run another pump at once: it is empty then, and when that returns. */
const OUTBOX = new Outbox();

type ActionOf<Type extends ProxyAction['type']> = Extract<ProxyAction, { type: Type }>;
type RareAction = Exclude<ProxyAction['type'], 'send' | 'hold' | 'release' | 'timer'>;
type CarryOutTable = {
  readonly [Type in RareAction]: (pump: Pump, action: ActionOf<Type>) => void;
};

/** Runs one engine between its streams. */
export class Pump implements PortOwner, OpeningOwner, ChildOwner, TimerOwner {
  readonly #engine: ProxyEngine;
  readonly #host: PumpHost;
  readonly #bounds: PumpBounds;
  readonly #timers: PumpTimers;
  readonly #ports = new PumpPorts();
  readonly #openings: PortOpenings;
  /** Made for the first promise: most sessions never wait. */
  #wait: PolicyWait | undefined;
  /** Events that came while the engine was busy or waiting. Bytes and ends wait in their ports instead. */
  #inbox: readonly ProxyEvent[] = EMPTY_LIST;
  #state: 'running' | 'closing' | 'finished' = 'running';
  #isBusy = false;
  /** Made for the first child: most sessions have none. */
  #child: PumpChild | undefined;

  constructor(engine: ProxyEngine, host: PumpHost, bounds: PumpBounds = OWN_BOUNDS) {
    this.#engine = engine;
    this.#host = host;
    this.#bounds = bounds;
    this.#openings = new PortOpenings(host, this.#ports, this);
    const restAfterMs = engine.rest && host.quiet ? REST_AFTER_MS : Infinity;
    this.#timers = new PumpTimers(host.alarms, this, restAfterMs);
  }

  /** Starts the engine on the stream of its client. */
  start(client: Stream): void {
    if (client.framing === 'datagrams') this.#timers.limitIdle(MAX_DATAGRAM_IDLE_MS);
    this.attach('client', client);
    this.post({ type: 'started' });
  }

  /** Goes on after a rest, instead of `start`. */
  goOn(resting: RestingPump): void {
    resting.handOver({ ports: this.#ports, timers: this.#timers }, this);
  }

  /** Puts the session to rest, if nothing is under way: what is left. Then the pump is of no use any more. */
  rest(owner: RestOwner): RestingPump | undefined {
    const isIdle = this.#state === 'running' && !this.#isBusy && this.#inbox.length === 0;
    if (!isIdle || this.#isWaiting() || this.#child !== undefined) return undefined;
    const parts = { ports: this.#ports, timers: this.#timers, openings: this.#openings };
    const resting = restingPump(this.#engine, parts, owner);
    if (resting !== undefined) this.#state = 'finished';
    return resting;
  }

  /** Nothing has happened for a while. */
  quiet(): void {
    this.#host.quiet?.();
  }

  /** Ends the session now, dropping what has not been delivered. */
  abort(verdict: Verdict, reason: string): void {
    if (this.#state !== 'running') this.#ports.reset();
    else this.#close({ type: 'close', verdict, reason, how: 'reset' });
  }

  portReceived(port: PumpPort, bytes: Bytes): void {
    if (this.#state !== 'running' || port.isLeaving) return; // what still comes is discarded
    this.#timers.traffic();
    if (this.#isBusy || port.hasPending || !this.#canDeliver(port)) {
      port.keep(bytes);
      return;
    }
    this.#isBusy = true;
    try {
      this.#deliver(port, bytes, port.stream.ownership);
    } catch (bug) {
      this.#fail(bug);
    }
    this.#isBusy = false;
    this.#run();
  }

  portEnded(): void {
    this.#run();
  }

  portDrained(): void {
    this.#timers.traffic(); // bytes have gone out
  }

  portMoved(port: PumpPort): void {
    this.#timers.traffic();
    if (port.relay?.remaining === 0) this.#run();
  }

  portClosed(port: PumpPort): void {
    // Nobody waits for a policy function on behalf of a client that is lost.
    if (this.#isWaiting() && port.isLost && port.name === 'client') this.#close(CLIENT_LOST);
    if (this.#state === 'running' && !port.isLeaving) {
      this.#run();
      return;
    }
    this.#ports.forget(port);
    this.#finishIfDone();
  }

  /** Takes one thing after the other until there is nothing to do. Never re-entered. */
  #run(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#step());
    } catch (bug) {
      this.#fail(bug);
    }
    this.#isBusy = false;
  }

  /** The boundary of one session: a bug of ours ends it and nothing else. */
  #fail(bug: unknown): void {
    OUTBOX.drop(this.#ports.values());
    const stack = bug instanceof Error ? bug.stack : String(bug);
    const code = 'session.internal-error';
    this.#host.log('error', code, 'A session failed on an error of Zorp', { stack });
    this.abort('denied-by-unknown-fail', code);
  }

  #step(): boolean {
    if (this.#state !== 'running') return false;
    if (this.#isWaiting()) return this.#stepPort(this.#ports.heard);
    const event = this.#inbox[0];
    if (event !== undefined) {
      this.#inbox = withoutItem(this.#inbox, event);
      if (event.type === 'retired') this.#child?.retire();
      this.#handle(event, undefined, 'given');
      return true;
    }
    const verdict = this.#child?.takeVerdict();
    if (verdict !== undefined) {
      this.#handle(verdict, undefined, 'given');
      return true;
    }
    for (const port of this.#ports.values()) if (this.#stepPort(port)) return true;
    return false;
  }

  #stepPort(port: PumpPort | undefined): boolean {
    if (port === undefined) return false; // during a wait nobody is heard
    const { relay } = port;
    if (relay?.remaining === 0) {
      this.#endRelay(port, relay); // the kernel has moved the last of it
      return true;
    }
    const bytes = port.hasPending ? port.takePending() : undefined;
    if (bytes !== undefined) {
      this.#deliver(port, bytes, 'given');
      return true;
    }
    if (port.isEndDue) {
      this.#stepEnd(port);
      return true;
    }
    if (port.isClosed && !port.hasPending) this.#ports.forget(port);
    return false;
  }

  /** Tells of an end in two steps: a policy function that is called at the first one is waited for. */
  #stepEnd(port: PumpPort): void {
    const relay = port.cutRelay();
    if (relay !== undefined) {
      this.#relayed(port, relay);
      return;
    }
    const end = port.takeEnd();
    if (port.isClosed) this.#ports.forget(port);
    this.#handle(end, undefined, 'given');
  }

  #isWaiting(): boolean {
    return this.#wait?.isWaiting === true;
  }

  #canDeliver(port: PumpPort): boolean {
    const isDue = this.#isWaiting() ? port === this.#ports.heard : this.#inbox.length === 0;
    return isDue && port.isOpen;
  }

  /** Delivers bytes of a port: through its relay, then to the engine; what cannot go now is kept. */
  #deliver(port: PumpPort, bytes: Bytes, ownership: Ownership): void {
    let rest: Bytes | undefined = bytes;
    while (rest !== undefined && this.#state === 'running' && !port.isLeaving) {
      if (!this.#canDeliver(port)) {
        port.keepFirst(rest, ownership);
        return;
      }
      const { relay } = port;
      if (relay === undefined) {
        this.#handle(port.receivedEvent(rest), port, ownership);
        return;
      }
      rest = relayStep(relay, port, rest, ownership);
      if (relay.remaining === 0) this.#endRelay(port, relay, rest);
      else if (bytes.length >= this.#bounds.minMovedRead) port.moveRelay();
    }
  }

  /** `rest`: bytes behind its end, which are delivered next. */
  #endRelay(port: PumpPort, relay: RunningRelay, rest?: Bytes): void {
    port.endRelay();
    port.hasRest = rest !== undefined;
    this.#relayed(port, relay);
    port.hasRest = false;
    port.updateHold();
  }

  #relayed(port: PumpPort, { to, bytes, remaining }: RunningRelay): void {
    const complete = remaining === 0;
    this.#handle({ type: 'relayed', from: port.name, to, bytes, complete }, port, 'given');
  }

  #handle(event: ProxyEvent, source: PumpPort | undefined, ownership: Ownership): void {
    for (const action of this.#engine.handle(event)) {
      if (this.#state !== 'running') break;
      if (action.type === 'send')
        OUTBOX.add(this.#ports.get(action.to), action.bytes, source, ownership);
      else this.#carryOut(action);
    }
    OUTBOX.flush();
  }

  /** The table has the function for each type of action, but for those that every message of a conversation brings. */
  #carryOut(action: Exclude<ProxyAction, { type: 'send' }>): void {
    const { type } = action;
    if (type === 'timer') this.#setTimer(action);
    else if (type === 'hold') this.#ports.get(action.from)?.holdForEngine();
    else if (type === 'release') this.#ports.get(action.from)?.releaseForEngine();
    else (Pump.#CARRY_OUT[type] as (pump: Pump, action: ProxyAction) => void)(this, action);
  }

  static readonly #CARRY_OUT: CarryOutTable = {
    end: (pump, action) => {
      OUTBOX.flush();
      pump.#ports.get(action.to)?.end();
    },
    connect: (pump, action) => pump.#openings.connect(action),
    secure: (pump, { port }) => {
      OUTBOX.flush();
      pump.#openings.secure(port);
    },
    expect: (pump, action) => pump.#openings.expect(action),
    claim: (pump, action) => pump.#openings.claim(action),
    disconnect: (pump, action) => pump.#disconnect(action),
    relay: (pump, action) => pump.#startRelay(action),
    stack: (pump, action) =>
      (pump.#child ??= new PumpChild(pump.#host, pump.#ports, pump)).start(action),
    wait: (pump, action) => pump.#startWait(action),
    'content-verdict': (pump, { verdict }) =>
      pump.#host.sayToParent({ type: 'stack-content-verdict', verdict }),
    'content-hint': (pump, { length }) =>
      pump.#host.sayToParent({ type: 'stack-content-hint', length }),
    log: (pump, action) => pump.#host.log(action.level, action.code, action.message, action.fields),
    close: (pump, action) => pump.#close(action),
  };

  #setTimer({ timer, afterMs, mode }: ActionOf<'timer'>): void {
    if (this.#inbox.length > 0) this.#inbox = withoutElapsed(this.#inbox, timer);
    this.#timers.set(timer, afterMs, mode);
  }

  #disconnect({ port, keep, how }: ActionOf<'disconnect'>): void {
    this.#openings.giveUp(port);
    this.unpost(port, isListening);
    this.#dropPort(port, keep === true ? 'kept' : how);
  }

  /** Nothing is told of a connection that is dropped. */
  #dropPort(name: Port, how?: 'kept' | 'reset'): void {
    OUTBOX.flush();
    this.unpost(name, isOfPort);
    const port = this.#ports.get(name);
    if (port === undefined) return;
    if (how === 'kept' && this.#ports.detach(port)) this.#host.giveBack(port.stream);
    else this.#ports.disconnect(port, how === 'reset' ? how : undefined);
  }

  #startRelay({ from, to, length }: ActionOf<'relay'>): void {
    const port = this.#ports.get(from);
    if (port === undefined) return;
    if (length > 0)
      port.startRelay({ to, target: this.#ports.get(to), remaining: length, bytes: 0 });
    else this.post({ type: 'relayed', from, to, bytes: 0, complete: true });
  }

  #startWait({ promise, hears }: ActionOf<'wait'>): void {
    this.#ports.holdForWait(hears);
    this.#timers.set(WAIT_TIMER, WAIT_TIMEOUT_MS, 'total');
    this.#wait ??= new PolicyWait((outcome) => this.#resolve(outcome));
    this.#wait.start(promise);
  }

  #resolve(outcome: Outcome): void {
    this.#timers.set(WAIT_TIMER, undefined, 'total');
    this.#ports.releaseForWait();
    this.#inbox = [{ type: 'resolved', outcome }, ...this.#inbox];
    this.#run();
  }

  timerElapsed(timer: string): void {
    if (timer === LINGER_TIMER) this.#ports.drop();
    else if (timer === WAIT_TIMER) this.#wait?.timeOut();
    else this.post({ type: 'elapsed', timer, traffic: this.#ports.traffic });
  }

  /** Something for the engine, after all that came before. */
  post(event: ProxyEvent): void {
    this.#inbox = withItem(this.#inbox, event);
    this.#run();
  }

  /** Something is due. */
  wake(): void {
    this.#run();
  }

  /** Takes events of a port back that the engine does not know yet. */
  unpost(name: Port, isOver: (event: ProxyEvent, name: Port) => boolean): void {
    if (this.#inbox.length > 0) this.#inbox = this.#inbox.filter((event) => !isOver(event, name));
  }

  /** Makes a port of a stream. */
  attach(name: Port, stream: Stream): void {
    if (this.#state !== 'running') {
      stream.destroy();
      return;
    }
    this.#dropPort(name); // a port that the engine makes anew
    const port = new PumpPort(name, stream, this, this.#bounds.maxDiscardedBytes);
    this.#ports.add(port);
    if (this.#isWaiting()) port.holdForWait();
    stream.listen(port);
  }

  #close({ verdict, reason, message, how }: ActionOf<'close'>): void {
    if (this.#state !== 'running') return;
    OUTBOX.flush();
    this.#state = 'closing';
    this.#timers.clear();
    this.#openings.giveUpAll();
    this.#child?.giveUp();
    this.#inbox = EMPTY_LIST;
    const { lingerMs } = this.#bounds;
    if (lingerMs !== Infinity) this.#timers.set(LINGER_TIMER, lingerMs, 'total');
    for (const { level, code, message: said, fields } of this.#engine.lastWords?.(reason) ?? [])
      this.#host.log(level, code, said, fields);
    this.#host.closed(verdict, reason, message);
    this.#ports.leave(how);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#state !== 'closing' || !this.#ports.isEmpty) return;
    this.#state = 'finished';
    this.#timers.clear();
    this.#child?.abort();
    this.#host.finished(this.#ports.count());
  }
}
