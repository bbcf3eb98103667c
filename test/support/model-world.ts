// The half of the model pump that carries out what an engine asks for, and refuses what the contract of engine.ts does.

import { SocketAddress } from '../../src/address/socket-address.ts';
import type {
  Channel,
  ConnectFailure,
  Port,
  ProxyAction,
  ProxyEvent,
} from '../../src/proxy/engine.ts';
import type { PeerTurn, Speaker } from './dialogue.ts';
import { clientOf, serverOf } from './dialogue.ts';
import { Effects } from './effects.ts';
import { ModelPort } from './model-port.ts';
import { showAction } from './show-action.ts';

type ActionOf<Type extends ProxyAction['type']> = Extract<ProxyAction, { type: Type }>;

/** How the world around the engine behaves. */
export interface WorldOptions {
  /** Sizes of the chunks in which bytes arrive, over and over: `[1]` is byte by byte. Default: as large as may be. */
  readonly chunkSizes?: readonly number[];
  /** The same for what comes from servers. Default: `chunkSizes`. */
  readonly serverChunkSizes?: readonly number[];
  /** What comes of each connect in order; those beyond the list succeed. */
  readonly connects?: readonly ('connected' | ConnectFailure)[];
  /** What comes of each expectation in order; those beyond the list are met at once. */
  readonly expects?: readonly ('accepted' | ConnectFailure)[];
  /** What comes of each stack; the child passes all bytes through. */
  readonly stacking?: 'passes' | ConnectFailure;
  /** What comes of what an engine asks of a port that it has dropped itself: a pump does nothing. Default: a breach. */
  readonly dropped?: 'breach' | 'nothing';
  /** Sees sends, relayed bytes as sends, and all else but holds and timers, before it is carried out. */
  readonly observe?: (action: ProxyAction) => void;
  /** 'nothing' for endless input: no effects are taken down. */
  readonly keeps?: 'everything' | 'nothing';
}

/** An event that is under way: the answer to a connect, a stack or a wait. */
export interface Answer {
  readonly event: ProxyEvent;
  /** The port that is being made. */
  readonly port?: Port;
  /** Whose connection it is, if that is known. */
  readonly speaker?: Speaker;
  /** It comes when nothing else moves. */
  readonly isLate?: boolean;
  /** Makes the ports that the event speaks of. */
  readonly prepare?: () => void;
}

const EXPECTED_AT = SocketAddress.parse('192.0.2.254:50001');
const CLAIMED_AT = SocketAddress.parse('192.0.2.80:80');
const FURTHER_CLIENT = SocketAddress.parse('10.1.2.3:40001');
const FURTHER_SERVER = SocketAddress.parse('192.0.2.80:20');

const STACK_ANSWERS: readonly ProxyEvent['type'][] = ['stacked', 'stack-refused'];

const PLAIN_TEXT: ConnectFailure = {
  reason: 'tls.plain-text',
  verdict: 'denied-by-policy',
  message: 'plain text',
};

/** The one buffer into which everything is read, as by a driver: for all sessions. */
export const READ_BUFFER = new Uint8Array(65_536);

/** The error of an engine that breaks the contract of engine.ts. */
export function breach(what: string): Error {
  return new Error(`The engine broke its contract: ${what}`);
}

/** Ports, timers and answers under way, as the actions of an engine make them. */
export class ModelWorld {
  readonly effects: Effects;
  readonly ports = new Map<Port, ModelPort>();
  readonly timers = new Map<string, ActionOf<'timer'>>();
  readonly #options: WorldOptions;
  /** Ports that their peers broke: what is asked of them comes to nothing. */
  readonly #gone = new Set<Port>();
  readonly #speakers = new Map<Speaker, Port>();
  readonly #unsaid = new Map<Speaker, PeerTurn[]>();
  answers: Answer[] = [];
  /** What a wait has come to; undefined while the engine does not wait. */
  wait: { outcome?: ProxyEvent; readonly hears?: Port | undefined } | undefined;
  closed: ActionOf<'close'> | undefined;
  #maxClaimed = 0;
  #connects = 0;
  #expects = 0;
  #connections = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.effects = new Effects(options.keeps ?? 'everything');
    this.#open('client');
    this.#speakers.set('client', 'client');
  }

  /** A peer says something, or ends. What a server says before it is connected waits. */
  say(turn: PeerTurn): void {
    const name = this.#speakers.get(turn.from);
    if (name !== undefined) this.ports.get(name)?.say(turn);
    else {
      this.#unsaid.set(turn.from, [...(this.#unsaid.get(turn.from) ?? []), turn]);
      this.#offer(turn.from);
    }
  }

  /** The port of a speaker that is connected or was. */
  portOf(speaker: Speaker): Port | undefined {
    return this.#speakers.get(speaker);
  }

  /** A peer broke this port, and the engine was told. */
  lose(name: Port): void {
    this.ports.delete(name);
    this.#gone.add(name);
    for (const port of this.ports.values()) if (port.relay?.to === name) port.relay.isLost = true;
  }

  /** Carries out one action. */
  carryOut(action: ProxyAction): void {
    if (this.closed !== undefined) throw breach(`after close it asked for ${showAction(action)}`);
    if (portsOf(action).some((name) => this.#gone.has(name))) return;
    switch (action.type) {
      case 'send':
        this.effects.given(action.bytes, READ_BUFFER);
        return this.deliver(action);
      case 'relay':
        return this.#startRelay(action);
      case 'hold':
      case 'release':
        this.#port(action.from, action).isHeld = action.type === 'hold';
        return;
      case 'timer':
        return this.#setTimer(action);
      default:
        this.#options.observe?.(action);
        this.effects.happened(action);
        return this.#change(action);
    }
  }

  /** Bytes go out, sent or relayed. */
  deliver(action: ActionOf<'send'>): void {
    if (this.#gone.has(action.to)) return;
    const port = this.#port(action.to, action);
    if (port.isEnded) throw breach(`after the end of that port it asked for ${showAction(action)}`);
    this.#options.observe?.(action);
    this.effects.sent(action.to, action.bytes);
    this.#farEnd(action.to)?.push(action.bytes);
  }

  #change(
    action: Exclude<ProxyAction, { type: 'send' | 'relay' | 'hold' | 'release' | 'timer' }>,
  ): void {
    switch (action.type) {
      case 'end':
        return this.#end(action);
      case 'connect':
        return this.#connect(action);
      case 'secure':
        return this.#secure(action);
      case 'expect':
        return this.#expect(action);
      case 'claim':
        return this.#claim(action);
      case 'disconnect':
        return this.#disconnect(action.port);
      case 'stack':
        return this.#stack(action);
      case 'wait':
        return this.#wait(action);
      case 'close':
        this.closed = action;
        return;
      default:
        return checkWord(action);
    }
  }

  #startRelay(action: ActionOf<'relay'>): void {
    const { from, to, length } = action;
    const port = this.#port(from, action);
    if (!this.#gone.has(to)) this.#port(to, action);
    if (port.relay !== undefined) throw breach(`during a relay it asked for ${showAction(action)}`);
    if (!(length === Infinity || (Number.isSafeInteger(length) && length >= 0)))
      throw breach(`no number of bytes is in ${showAction(action)}`);
    if (length > 0) port.relay = { to, left: length, moved: 0, isLost: false };
    else this.answers.unshift({ event: { type: 'relayed', from, to, bytes: 0, complete: true } });
  }

  #setTimer(action: ActionOf<'timer'>): void {
    if (action.afterMs === undefined) this.timers.delete(action.timer);
    else if (action.afterMs >= 0) this.timers.set(action.timer, action);
    else throw breach(`no time is in ${showAction(action)}`);
  }

  #end(action: ActionOf<'end'>): void {
    const port = this.#port(action.to, action);
    if (port.isEnded) throw breach(`twice it asked for ${showAction(action)}`);
    port.isEnded = true;
    this.#farEnd(port.name)?.pushEnd();
    const links = [this.ports.get('stack-client'), this.ports.get('stack-server')];
    if (!links.includes(port) || !links.every((link) => link?.isEnded === true)) return;
    const event = { type: 'stack-verdict', verdict: 'accepted', reason: 'peers-ended' } as const;
    this.answers.push({ event, isLate: true });
  }

  #connect(action: ActionOf<'connect'>): void {
    const { port, target } = action;
    this.#mustBeNew(port, action);
    const address = SocketAddress.of('192.0.2.80', target?.port ?? 80);
    const outcome = this.#options.connects?.[this.#connects++] ?? 'connected';
    if (outcome !== 'connected')
      this.answers.push({ port, event: { type: 'connect-failed', port, failure: outcome } });
    else
      this.answers.push({
        port,
        event: { type: 'connected', port, address },
        prepare: () => this.#welcome(port, serverOf(++this.#connections)),
      });
  }

  /** What a peer has said already was said in plain text. */
  #secure(action: ActionOf<'secure'>): void {
    const { port: name } = action;
    const port = this.#port(name, action);
    if (port.isReady) {
      const event = { type: 'secure-failed', port: name, failure: PLAIN_TEXT } as const;
      this.answers.push({ event, prepare: () => this.lose(name) });
    } else this.answers.push({ event: { type: 'secured', port: name } });
  }

  #expect(action: ActionOf<'expect'>): void {
    const { port, at } = action;
    this.#mustBeNew(port, action);
    const outcome = this.#options.expects?.[this.#expects++] ?? 'accepted';
    const local = at === undefined || at.port === 0 ? EXPECTED_AT : at;
    if (outcome !== 'accepted') {
      this.answers.push({ port, event: { type: 'expect-failed', port, failure: outcome } });
      return;
    }
    this.answers.push({ port, event: { type: 'listening', port, address: local } });
    this.#accept(port, local, () =>
      port.startsWith('client') ? this.#nextClient() : serverOf(++this.#connections),
    );
  }

  /** The client claims nothing by itself: it speaks on a further connection, which is taken or not. */
  #claim({ max }: ActionOf<'claim'>): void {
    this.#maxClaimed = max;
    for (const speaker of this.#unsaid.keys()) this.#offer(speaker);
  }

  #offer(speaker: Speaker): void {
    if (!speaker.startsWith('client') || this.answers.some((answer) => answer.speaker === speaker))
      return;
    for (let number = 1; number <= this.#maxClaimed; number++) {
      const port: Channel = `client#${number}`;
      if (!this.#isNew(port)) continue;
      this.#accept(port, CLAIMED_AT, () => speaker, speaker);
      return;
    }
  }

  #accept(port: Channel, local: SocketAddress, who: () => Speaker, speaker?: Speaker): void {
    const address = port.startsWith('client') ? FURTHER_CLIENT : FURTHER_SERVER;
    this.answers.push({
      port,
      event: { type: 'accepted', port, address, local },
      prepare: () => this.#welcome(port, who()),
      ...(speaker === undefined ? {} : { speaker }),
    });
  }

  /** The client on the first of its connections that has not come yet. */
  #nextClient(): Speaker {
    let connection = 2;
    while (this.#speakers.has(clientOf(connection))) connection++;
    return clientOf(connection);
  }

  #mustBeNew(port: Port, action: ProxyAction): void {
    if (!this.#isNew(port)) throw breach(`while connected it asked for ${showAction(action)}`);
  }

  #isNew(name: Port): boolean {
    const port = this.ports.get(name);
    const isMade = this.answers.some((answer) => answer.port === name);
    return !isMade && (port === undefined || (name.includes('#') && port.isOver));
  }

  #welcome(port: Port, speaker: Speaker): void {
    this.#silence(port);
    this.#open(port);
    this.#speakers.set(speaker, port);
    const turns = this.#unsaid.get(speaker) ?? [];
    this.#unsaid.delete(speaker);
    for (const turn of turns) this.say(turn);
  }

  #disconnect(name: Port): void {
    this.#farEnd(name)?.pushEnd();
    this.ports.delete(name);
    if (this.#options.dropped === 'nothing') this.#gone.add(name);
    this.answers = this.answers.filter(({ port }) => port !== name);
    // What was relayed there comes to the engine from now on, which hears nothing of the relay.
    for (const port of this.ports.values()) if (port.relay?.to === name) port.relay = undefined;
    this.#silence(name);
  }

  /** The peer behind this port is never heard again, not even on the port's next connection. */
  #silence(name: Port): void {
    const nowhere: Port = `${name.startsWith('client') ? 'client' : 'server'}#0`;
    for (const [speaker, port] of this.#speakers)
      if (port === name) this.#speakers.set(speaker, nowhere);
  }

  #stack(action: ActionOf<'stack'>): void {
    if (this.ports.has('stack-client')) throw breach(`twice it asked for ${showAction(action)}`);
    const outcome = this.#options.stacking ?? 'passes';
    // A child that does not run yet is given up.
    this.answers = this.answers.filter(({ event }) => !STACK_ANSWERS.includes(event.type));
    const prepare = () => {
      this.#open('stack-client');
      this.#open('stack-server');
    };
    if (outcome === 'passes') this.answers.push({ event: { type: 'stacked' }, prepare });
    else this.answers.push({ event: { type: 'stack-refused', failure: outcome } });
  }

  #wait({ promise, hears }: ActionOf<'wait'>): void {
    if (this.wait !== undefined) throw breach('while waiting it asked for wait');
    const wait: { outcome?: ProxyEvent; readonly hears: Port | undefined } = { hears };
    this.wait = wait;
    promise.then(
      (value) => {
        wait.outcome = { type: 'resolved', outcome: { ok: true, value } };
      },
      (error: unknown) => {
        wait.outcome = { type: 'resolved', outcome: { ok: false, error } };
      },
    );
  }

  #open(name: Port): void {
    this.#gone.delete(name);
    const { chunkSizes = [Infinity], serverChunkSizes = chunkSizes } = this.#options;
    const sizes = name.startsWith('server') ? serverChunkSizes : chunkSizes;
    this.ports.set(name, new ModelPort(name, sizes));
  }

  #port(name: Port, action: ProxyAction): ModelPort {
    const port = this.ports.get(name);
    if (port === undefined) throw breach(`without that port it asked for ${showAction(action)}`);
    return port;
  }

  /** The child passes through: what goes in at one link comes out of the other. */
  #farEnd(name: Port): ModelPort | undefined {
    if (name === 'stack-client') return this.ports.get('stack-server');
    return name === 'stack-server' ? this.ports.get('stack-client') : undefined;
  }
}

/** Words for the log and for a parent change nothing. */
function checkWord(action: ActionOf<'log' | 'content-verdict' | 'content-hint'>): void {
  if (action.type !== 'content-hint') return;
  if (!Number.isSafeInteger(action.length) || action.length < 0)
    throw breach(`no number of bytes is in ${showAction(action)}`);
}

/** The ports that an action is about, but for a connect, which makes one. */
function portsOf(action: ProxyAction): readonly Port[] {
  switch (action.type) {
    case 'send':
    case 'end':
      return [action.to];
    case 'hold':
    case 'release':
    case 'relay':
      return [action.from];
    case 'disconnect':
      return [action.port];
    default:
      return [];
  }
}
