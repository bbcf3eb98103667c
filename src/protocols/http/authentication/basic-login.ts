// Asks for users as HTTP does it: 401 for the server's sake, 407 for the proxy's (RFC 9110, 11; RFC 7617).

import type {
  AuthenticationAnswer,
  Authenticator,
  Credentials,
} from '../../../proxy/authentication.ts';
import { isPromise } from '../../../proxy/policy-call.ts';
import { errorPage } from '../pages/error-page.ts';
import type { ErrorPages } from '../pages/error-pages.ts';
import type { Exchange } from '../exchange.ts';
import type { StepResult } from '../gate.ts';
import { editHead } from '../heads/head-edit.ts';
import { AUTHORIZATION, PROXY_AUTHORIZATION } from '../heads/header-table.ts';
import { httpDate } from '../heads/http-date.ts';
import type { OwnAnswer } from '../own-answer.ts';
import type { HttpSettings } from '../settings.ts';
import type { AuthenticationSettings } from './authentication-settings.ts';
import { readBasic } from './basic-credentials.ts';
import type { Login } from './login.ts';
import { acceptedOf, placeOf } from './login.ts';

/** What it needs of the settings of the proxy. */
export type BasicSettings = Pick<HttpSettings, 'mode'> & {
  readonly pages: ErrorPages;
  readonly authentication: AuthenticationSettings;
};

/** Why a client is asked. */
type Cause = Pick<Extract<AuthenticationAnswer, { type: 'rejected' }>, 'reason' | 'message'>;

/** Asks for name and password with every request. */
export class BasicLogin implements Login {
  readonly #settings: BasicSettings;
  readonly #isProxy: boolean;
  /** The id of the field that has the credentials. */
  readonly #id: number;

  constructor(settings: BasicSettings) {
    this.#settings = settings;
    this.#isProxy = settings.mode === 'explicit';
    this.#id = this.#isProxy ? PROXY_AUTHORIZATION : AUTHORIZATION;
  }

  /** Whether a request brings credentials of this kind. */
  hasCredentials({ head }: Exchange): boolean {
    return this.#credentials(head) !== undefined;
  }

  ask(exchange: Exchange, authenticator: Authenticator): StepResult {
    const credentials = this.#credentials(exchange.head);
    if (credentials === undefined) return this.#challenge(exchange, REQUIRED, authenticator);
    const answer = authenticator.check(credentials);
    return isPromise(answer) ? answer : this.concluded(exchange, answer, authenticator);
  }

  known(exchange: Exchange, authenticator: Authenticator): undefined {
    // Browsers go on sending what they were asked for once. Other credentials are the server's, or never pass.
    const credentials = this.#credentials(exchange.head);
    if (credentials !== undefined && authenticator.areOurs(credentials)) this.#takeOut(exchange);
  }

  withBody(): never {
    throw new Error('Basic authentication never asks for a body');
  }

  concluded(
    exchange: Exchange,
    answer: AuthenticationAnswer,
    authenticator: Authenticator,
  ): StepResult {
    if (answer.type === 'rejected') return this.#challenge(exchange, answer, authenticator);
    if (acceptedOf(answer) !== undefined) this.#takeOut(exchange);
    return undefined;
  }

  #credentials(head: Exchange['head']): Credentials | undefined {
    const place = placeOf(head, this.#id);
    return place === -1 ? undefined : readBasic(head.value(place));
  }

  /** Whatever comes after this sees no password: functions of the policy, programs, servers. */
  #takeOut(exchange: Exchange): void {
    const { forward } = this.#settings.authentication;
    const { head } = exchange;
    const value = head.value(placeOf(head, this.#id));
    const isTaken = (id: number): boolean =>
      id === this.#id || (forward === 'Authorization' && id === AUTHORIZATION);
    exchange.replaceHead(editHead(head, (index) => (isTaken(head.id(index)) ? null : undefined)));
    if (forward !== 'none') exchange.credentials = `${forward}: ${value}\r\n`;
  }

  #challenge(exchange: Exchange, cause: Cause, { challengeId }: Authenticator): OwnAnswer {
    const { reason: code, message } = cause;
    const { pages, authentication } = this.#settings;
    const realm =
      challengeId === '' ? authentication.realm : `${authentication.realm} #${challengeId}`;
    const name = this.#isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate';
    const quoted = realm.replace(/["\\]/g, '\\$&');
    const fields = [[name, `Basic realm="${quoted}", charset="UTF-8"`]] as const;
    const status = this.#isProxy ? 407 : 401;
    const verdict = 'denied-by-policy';
    const problem = { kind: 'authentication', status, code, message, verdict, fields } as const;
    const { request, clock } = exchange;
    const shown = { request, date: httpDate(clock) };
    return { ...errorPage(problem, pages, shown), reason: code };
  }
}

const REQUIRED: Cause = {
  reason: 'authentication.required',
  message: 'The firewall wants to know who you are',
};
