// The step of the gate that asks who a client is, where its service wants to know.

import type { AuthenticationAnswer, Authenticator } from '../../../proxy/authentication.ts';
import type { Bytes, Outcome, ProxyContext } from '../../../proxy/engine.ts';
import { settledValue } from '../../../proxy/policy-call.ts';
import type { ErrorPages } from '../pages/error-pages.ts';
import type { Exchange } from '../exchange.ts';
import type { PatientStep, StepResult } from '../gate.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import type { FieldKnowledge } from '../rules/policy-changes.ts';
import type { HttpSettings } from '../settings.ts';
import { PLAIN_AUTHENTICATION } from './authentication-settings.ts';
import { BasicLogin } from './basic-login.ts';
import { FormLogin } from './form-login.ts';
import type { Login } from './login.ts';
import { acceptedOf } from './login.ts';

/** What the step needs beside the settings. */
export interface StepNeeds {
  readonly pages: ErrorPages;
  readonly fields: Pick<FieldKnowledge, 'known'>;
}

/** Compiles the step. */
export function authenticationStep(settings: HttpSettings, needs: StepNeeds): PatientStep {
  const { mode, authentication = PLAIN_AUTHENTICATION } = settings;
  const own = { mode, pages: needs.pages, authentication };
  const basic = new BasicLogin(own);
  const { form } = authentication;
  return new AuthenticationStep(
    form === undefined ? basic : new FormLogin(own, form.lifetimeMs, basic),
    needs.fields.known,
  );
}

class AuthenticationStep implements PatientStep {
  readonly #login: Login;
  readonly #known: KnownFields;

  constructor(login: Login, known: KnownFields) {
    this.#login = login;
    this.#known = known;
  }

  check(exchange: Exchange, { authenticator, session }: ProxyContext): StepResult {
    if (authenticator === undefined) {
      // Nobody is asked here; the proxy that this one is stacked in may have asked.
      exchange.user = session.user;
      return undefined;
    }
    const known = authenticator.known();
    const identity = known === undefined ? undefined : acceptedOf(known);
    const result =
      identity === undefined
        ? this.#login.ask(exchange, authenticator)
        : this.#login.known(exchange, authenticator);
    return this.#noted(exchange, session, result);
  }

  withBody(exchange: Exchange, body: Bytes, { authenticator, session }: ProxyContext): StepResult {
    const result = this.#login.withBody(exchange, body, present(authenticator));
    return this.#noted(exchange, session, result);
  }

  settled(exchange: Exchange, outcome: Outcome, context: ProxyContext): StepResult {
    // What comes of an authenticator's promise is its answer.
    const answer = settledValue('authentication', outcome) as AuthenticationAnswer;
    const result = this.#login.concluded(exchange, answer, present(context.authenticator));
    return this.#noted(exchange, context.session, result);
  }

  /** Who passes this step is the user of the request, for its line in the log; and its head is another one now. */
  #noted(exchange: Exchange, { user }: ProxyContext['session'], result: StepResult): StepResult {
    if (result !== undefined) return result;
    exchange.user = user;
    this.#known.note(exchange.head);
    return undefined;
  }
}

function present(authenticator: Authenticator | undefined): Authenticator {
  if (authenticator === undefined) throw new Error('Nobody was asked, and somebody answered');
  return authenticator;
}
