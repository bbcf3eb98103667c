// The ends of a session: an error page if there is still a place for one, otherwise a cut that the client can notice.
// After a page, what the client still sends is read and ignored for a while, because closing while bytes wait unread
// makes the system send a reset, which can overtake the page.

import type { ProxyAction, ProxyEvent, WallClock } from '../../proxy/engine.ts';
import type { Ending } from './ending.ts';
import { CLIENT_GONE, close, endingOf, SLOW_READER } from './ending.ts';
import { errorPage } from './pages/error-page.ts';
import type { Exchange } from './exchange.ts';
import { httpDate } from './heads/http-date.ts';
import { writeAnswer } from './own-answer.ts';
import type { Problem } from './problem.ts';
import { TIMER } from './phase-timer.ts';
import type { HttpPlan } from './http-plan.ts';

/** Bytes that a client may still send into its answer, and that are thrown away: ten buffers of 4096, as in the original. */
const MAX_DRAINED_BYTES = 40_960;

/** Time for a page to arrive on a slow link, and little enough for a client that only wants to stay. */
const LINGER_MS = 2_000;

/** Ends that are the client's fault: nothing more is for it. */
const RESETS: ReadonlySet<Ending> = new Set([SLOW_READER, CLIENT_GONE]);

/** The request that an error page answers. */
interface AnsweredRequest {
  /** Undefined if it was not understood. */
  readonly exchange: Exchange | undefined;
  /** Its method as far as its first line says; undefined if not even that was understood. */
  readonly method: string | undefined;
}

/** Ends a session, politely where that is possible. */
export class Farewell {
  readonly #plan: HttpPlan;
  readonly #clock: WallClock | undefined;
  #ending: Ending | undefined;
  #drained = 0;

  constructor(plan: HttpPlan, clock: WallClock | undefined) {
    this.#plan = plan;
    this.#clock = clock;
  }

  /** Whether the client has been told everything, and is only waited for. */
  get isSaid(): boolean {
    return this.#ending !== undefined;
  }

  /** Answers with an error page; true if the client is then waited for. */
  tell(problem: Problem, { exchange, method }: AnsweredRequest, out: ProxyAction[]): boolean {
    const { settings, pages } = this.#plan;
    if (settings.errorSilent || problem.isSilent === true) {
      exchange?.log(problem.status, 0, out, problem.code);
      out.push(close(endingOf(problem)));
      return false;
    }
    const clock = this.#clock;
    const shown = { request: exchange?.request, date: httpDate(clock) };
    const page = errorPage(problem, pages, shown);
    const asked = exchange?.request.method ?? method;
    const bytes = writeAnswer(page, { method: asked, minor: 1, keepsClient: false, clock });
    exchange?.log(problem.status, asked === 'HEAD' ? 0 : page.body.length, out, problem.code);
    out.push({ type: 'send', to: 'client', bytes });
    return true;
  }

  /**
   * Ends in the middle of an exchange, so that nobody can take what came of a message for all of it; a client that has
   * gone, or reads slowly, gets nothing more.
   */
  cut(ending: Ending, exchange: Exchange | undefined, out: ProxyAction[]): void {
    const response = exchange?.response;
    const isReset = response?.endsByClose === true || RESETS.has(ending);
    exchange?.log(response?.status ?? 0, response?.bodyBytes ?? 0, out, ending.reason);
    out.push(close(ending, isReset ? 'reset' : undefined));
  }

  /** Ends the sending direction and waits for the client; `unread` bytes of it have come and were not read. */
  linger(ending: Ending, unread: number, out: ProxyAction[]): void {
    this.#ending = ending;
    out.push(
      { type: 'end', to: 'client' },
      { type: 'timer', timer: TIMER, afterMs: LINGER_MS, mode: 'total' },
    );
    this.#drain(unread, out);
  }

  /** Handles an event while the client is waited for. */
  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'elapsed') this.close(out);
    if (!('from' in event) || event.from !== 'client') return;
    if (event.type === 'received') this.#drain(event.bytes.length, out);
    else if (event.type === 'relayed') this.#drain(event.bytes, out);
    else this.close(out);
  }

  /** The client has gone, or has had its time. */
  close(out: ProxyAction[]): void {
    if (this.#ending !== undefined) out.push(close(this.#ending));
  }

  #drain(bytes: number, out: ProxyAction[]): void {
    this.#drained += bytes;
    if (this.#drained > MAX_DRAINED_BYTES) this.close(out);
  }
}
