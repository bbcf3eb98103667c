// The server connection: where it goes, whether it can be used again, and the response that is awaited on it.

import type { PoolUse, ProxyAction, Target } from '../../proxy/engine.ts';
import type { Behind } from '../../proxy/proxy-event.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { Exchange, ResponseClient } from './exchange.ts';
import type { Meanwhile } from './meanwhile.ts';
import { parentOf } from './parent-proxy.ts';
import { ResponseOpening } from './old-protocol/response-opening.ts';
import { policyProblem, Refused, SERVER_CLOSED } from './problem.ts';
import { ResponseTransfer } from './response-transfer.ts';
import type { RerequestSettings } from './rerequest/rerequest-settings.ts';
import type { HttpSettings } from './settings.ts';
import type { HttpPlan } from './http-plan.ts';

/** The timer after which a connection that is shared is given back. */
export const SHARE_TIMER = 'http.share';

// A page asks for one thing after the other without a pause; a connection that goes on is decided about once.
const KEEP_SHARED_MS = 500;

const SHARE_SOON: ProxyAction = Object.freeze({
  type: 'timer',
  timer: SHARE_TIMER,
  afterMs: KEEP_SHARED_MS,
  mode: 'total',
});
const ANY = { pool: 'any' } as const;
const NEW = { pool: 'new' } as const;

/** A connection that waits for a request: all that is to be known of it. */
export interface WaitingServer {
  readonly target: Target | undefined;
  readonly isShared: boolean;
}

/** How far the connection is. `lost`: it is gone, and its response is still on its way through a child. */
type ServerPhase = 'none' | 'connecting' | 'idle' | 'busy' | 'lost';

/** The server side of one client connection. */
export class ServerSide {
  /** The response that is awaited or passing while the connection is busy or lost. */
  response: ResponseTransfer | undefined;
  /** What may have come behind what was read. While the policy was asked about its response, nobody knows. */
  behind: Behind | undefined;
  /** While the policy is asked about its response. */
  meanwhile: Meanwhile | undefined;
  readonly #plan: HttpPlan;
  /** Inside another proxy there is one connection, and no further one. */
  readonly #isOnlyOne: boolean;
  #hasHadOne = false;
  #phase: ServerPhase = 'none';
  #target: Target | undefined;
  #isReused = false;
  /** The connection is given back when the client does not need it. */
  #isShared = false;

  constructor(plan: HttpPlan, { isStacked }: Pick<ProxySession, 'isStacked'>) {
    this.#plan = plan;
    this.#isOnlyOne = isStacked;
  }

  /** Whether there is no connection, or one that waits for a request. */
  get isQuiet(): boolean {
    return this.#phase === 'none' || this.#phase === 'idle';
  }

  /** Whether the only connection that there is has ended. */
  get isGone(): boolean {
    return this.#isOnlyOne && this.#hasHadOne && this.#phase === 'none';
  }

  get phase(): ServerPhase {
    return this.#phase;
  }

  /** The connection that waits, if there is one. */
  get waiting(): WaitingServer | undefined {
    if (this.#phase !== 'idle') return undefined;
    return { target: this.#target, isShared: this.#isShared };
  }

  /** Goes on with a connection that has waited. */
  goOn({ target, isShared }: WaitingServer): void {
    this.#phase = 'idle';
    this.#hasHadOne = true;
    this.#target = target;
    this.#isShared = isShared;
  }

  /** The server of a request: where the policy says, else where its URL or Host says; and the parent proxy before it. */
  choose(exchange: Exchange, session: ProxySession): Target | undefined {
    const { settings } = this.#plan;
    const { server, method } = exchange.request;
    const chosen = exchange.chosenServer;
    if (chosen !== undefined && session.targetAddressInband) return chosen;
    const isClientsChoice =
      settings.mode === 'explicit' || method === 'CONNECT' || session.targetAddressInband;
    if (isClientsChoice && server !== undefined && !settings.targetPorts.contains(server.port))
      throw new Refused(policyProblem('http.port-refused', 'The policy does not permit this port'));
    const { parent } = this.#plan;
    if (parent !== undefined) exchange.parent = parentOf(parent, exchange, session);
    return server;
  }

  /** Whether the connection that stands leads to this target and waits for a request such as this one. */
  isReady(target: Target | undefined, { bindsConnection }: Exchange): boolean {
    return (
      this.#phase === 'idle' &&
      // Whoever gets a shared connection next would be taken for this user.
      !(this.#isShared && bindsConnection) &&
      this.#target?.host === target?.host &&
      this.#target?.port === target?.port
    );
  }

  /** Connects anew: another host is another server, for which everything is decided again. */
  connect(target: Target | undefined, exchange: Exchange, out: ProxyAction[]): void {
    if (this.isGone) throw new Refused(SERVER_CLOSED);
    this.giveBack(out);
    this.disconnect(out);
    this.#phase = 'connecting';
    this.#target = target;
    this.#isReused = false;
    const where = target === undefined ? undefined : { target };
    const pool = this.#poolFor(exchange);
    out.push({ type: 'connect', port: 'server', ...where, ...pool });
  }

  /** The server is connected; `pool`: the connection may be given back. */
  connected(pool: PoolUse | undefined): void {
    this.#hasHadOne = true;
    this.#isShared = pool !== undefined;
    this.#isReused = pool === 'reused';
  }

  /** There is no connection to be had. */
  connectFailed(): void {
    this.#phase = 'none';
  }

  /** What is connected waits: the server hears nothing of the request for now. */
  standBy(): void {
    this.#phase = 'idle';
  }

  /** What is connected carries a tunnel. */
  carryTunnel(): void {
    this.#phase = 'busy';
  }

  /**
   * Whether the connection for a request may be shared. What cannot be repeated goes over a new one: one that has waited may
   * be closed by its server just now. One that the server has come to know the user by is never shared.
   */
  #poolFor(exchange: Exchange): { readonly pool: 'new' | 'any' } | undefined {
    if (!mayShareServer(this.#plan.settings, exchange)) return undefined;
    return isRepeatableWhole(exchange, this.#plan.settings) && !exchange.isRepeated ? ANY : NEW;
  }

  /** Drops the connection, if there is one, and the response that was awaited on it. */
  disconnect(out: ProxyAction[]): void {
    if (this.#phase === 'none') return;
    if (this.#phase !== 'lost') out.push({ type: 'disconnect', port: 'server' });
    this.#phase = 'none';
    this.response = undefined;
  }

  /** The connection is of no use any more. A response that has come goes on to the client all the same. */
  lose(out: ProxyAction[]): void {
    if (this.response?.isReceived !== true) {
      this.disconnect(out);
      return;
    }
    if (this.#phase === 'lost') return;
    this.#phase = 'lost';
    this.response.forgetServer();
    out.push({ type: 'disconnect', port: 'server' });
  }

  /** The request was sent: its response is awaited. */
  begin(exchange: Exchange, client: ResponseClient): void {
    if (this.#phase === 'idle') this.#isReused = true;
    this.#phase = 'busy';
    this.response = new ResponseTransfer(this.#plan, exchange, client);
    exchange.response = this.response;
    // Behind another answer it would be what is left of that one, or what somebody has slipped in.
    if (this.#plan.settings.permitHttp09Responses && exchange.request.method === 'GET')
      exchange.opening = this.#isReused ? undefined : new ResponseOpening();
    exchange.attempts++;
    if (!this.#hasFurtherAttempt(exchange)) exchange.outgoing = undefined;
  }

  /**
   * Whether there is another attempt if this one comes to nothing. Without a body there is after a kept connection, which may
   * end just when a request is on its way (RFC 9112, 9.3.1).
   */
  #hasFurtherAttempt(exchange: Exchange): boolean {
    const isLeft = exchange.attempts < this.#plan.settings.rerequestAttempts;
    if (!exchange.isRepeatable || !(isLeft || this.#isReused)) return false;
    return exchange.spool === undefined ? exchange.hasNoBody : isLeft;
  }

  /** Whether the request may be sent once more: the server has said nothing, and all that it got is kept. */
  mayRetry(exchange: Exchange): boolean {
    if (this.#isOnlyOne || this.response?.hasBytes === true || exchange.outgoing === undefined)
      return false;
    return exchange.spool?.isWhole !== false;
  }

  /** Connects anew, to where the request went before. */
  retry(exchange: Exchange, out: ProxyAction[]): void {
    exchange.isRepeated = true;
    this.connect(this.#target, exchange, out);
  }

  /** The response is over: its connection is of further use, or not. */
  finish(how: 'keep' | 'drop', out: ProxyAction[]): void {
    this.response = undefined;
    if (how === 'drop' || this.#phase === 'lost') this.disconnect(out);
    else this.#phase = 'idle';
  }

  /** The client may need the connection again at once; what is shared is given back when it does not. */
  waitForRequest(out: ProxyAction[]): void {
    if (this.#isShared && this.#phase === 'idle') out.push(SHARE_SOON);
  }

  /** Gives a connection back that is shared and not in use. */
  giveBack(out: ProxyAction[]): void {
    if (!this.#isShared || this.#phase !== 'idle') return;
    this.#phase = 'none';
    out.push({ type: 'disconnect', port: 'server', keep: true });
  }
}

/** Whether it is known before its body has come that the whole request may be sent again. */
function isRepeatableWhole(exchange: Exchange, settings: RerequestSettings): boolean {
  if (!exchange.isRepeatable) return false;
  if (exchange.hasNoBody) return true;
  const { framing } = exchange.request;
  const isKept = framing.kind === 'length' && framing.length <= settings.maxSpooledBytes;
  return isKept && settings.rerequestAttempts > 1;
}

/** Whether a request may go over a connection that other clients use, too. */
export function mayShareServer(
  { shareServerConnections }: Pick<HttpSettings, 'shareServerConnections'>,
  { bindsConnection }: Pick<Exchange, 'bindsConnection'>,
): boolean {
  return shareServerConnections && !bindsConnection;
}
