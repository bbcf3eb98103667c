// Interim responses (1xx) before the response: 100 for those who asked for it, 103 for those who get hints.

import type { ProxyAction } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { readConnection } from './heads/connection-options.ts';
import { NO_BODY } from './bodies/framing.ts';
import type { Head } from './heads/head.ts';
import { writeResponse } from './heads/head-forms.ts';
import type { ResponseSurroundings } from './heads/response-form.ts';
import { responseForm } from './heads/response-form.ts';
import type { StatusLine } from './heads/status-line.ts';

/** A server that sends interim responses without end keeps a connection busy at no cost (1xx flood). */
const MAX_INTERIM = 16;

const CONTINUE = 100;
const EARLY_HINTS = 103;

/** The interim responses to one request. */
export class InterimResponses {
  readonly #surroundings: ResponseSurroundings;
  #count = 0;

  constructor(surroundings: ResponseSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Takes the head of one: all but 100 and 103 are dropped. */
  take(head: Head<StatusLine>, out: ProxyAction[]): void {
    const { status } = head.line;
    if (++this.#count > MAX_INTERIM)
      throw new Violation(
        'http.too-many-interim',
        'server',
        'The server sent too many interim responses',
      );
    if (status === EARLY_HINTS) this.#passHints(head, out);
    if (status === CONTINUE) this.#surroundings.exchange.tellToGoOn(out);
  }

  /** Clients of HTTP/1.0 take an interim response for the answer (RFC 9110, 15.2). */
  #passHints(head: Head<StatusLine>, out: ProxyAction[]): void {
    const { plan, exchange } = this.#surroundings;
    if (plan.settings.earlyHints === 'drop' || exchange.request.minor === 0) return;
    const { policy, known } = plan.responses;
    const { strip } = readConnection(head, known, { names: policy.names, side: 'server' });
    const how = { framing: NO_BODY, keepsClient: true };
    const form = responseForm(this.#surroundings, head.line.status, { strip }, how);
    const bytes = writeResponse(head, form);
    out.push({ type: 'send', to: 'client', bytes });
  }
}
