// Who the client of a session is: asks what is remembered, then the provider, then the authorization of the service.

import type { Authentication } from '../policy/authentication.ts';
import type { ProvedUser } from '../policy/authentication-provider.ts';
import { explainProvider } from '../policy/authentication-provider.ts';
import { askAuthorization } from '../policy/authorization.ts';
import type { Moment } from '../policy/authorization.ts';
import type { Service } from '../policy/service.ts';
import type {
  AuthenticationAnswer,
  Authenticator,
  Credentials,
  Identity,
} from '../proxy/authentication.ts';
import { areSound } from '../proxy/authentication.ts';
import { thrownText } from '../proxy/policy-call.ts';
import type { LogLevel } from '../log/log.ts';
import type { AuthenticationState } from './authentication-state.ts';
import { checkProvider, identityOf } from './check-provider.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';
import { SessionSeals } from './session-seals.ts';

/** The authenticator of a session; undefined where its service asks nobody, as most do. */
export function authenticatorOf(
  runtime: Runtime,
  session: StackedSession,
  service: Service,
): SessionAuthenticator | undefined {
  const { authentication } = service;
  return authentication === undefined
    ? undefined
    : new SessionAuthenticator(runtime, session, { service, authentication });
}

interface Policies {
  readonly service: Pick<Service, 'name' | 'authorization'>;
  readonly authentication: Authentication;
}

const REJECTED: AuthenticationAnswer = {
  type: 'rejected',
  reason: 'authentication.rejected',
  message: 'Name and password do not fit',
};

const TIME_OVER: AuthenticationAnswer = {
  type: 'rejected',
  reason: 'authentication.time-over',
  message: 'It is time to type the password again',
};

const TOO_MANY_ATTEMPTS: AuthenticationAnswer = {
  type: 'delayed',
  reason: 'authentication.too-many-attempts',
  message: 'There were too many wrong passwords on this connection',
  retryAfterMs: 1_000, // on another connection
};

const TOO_MANY_CHECKS: AuthenticationAnswer = {
  type: 'delayed',
  reason: 'authentication.too-many-checks',
  message: 'Too many passwords are being checked at this moment',
  retryAfterMs: 1_000, // as long as a handful of checks take
};

const PROVIDER_FAILED: AuthenticationAnswer = {
  type: 'failed',
  reason: 'authentication.provider-failed',
  message: 'Nobody can say now whether the password is right',
};

const AUTHORIZATION_FAILED: AuthenticationAnswer = {
  type: 'failed',
  reason: 'authorization.failed',
  message: 'Nobody can say now whether this user may use the service',
};

const NOT_PERMITTED: AuthenticationAnswer = {
  type: 'denied',
  reason: 'authorization.refused',
  message: 'This user may not use this service now',
};

/** Asks for one session. */
export class SessionAuthenticator implements Authenticator {
  readonly seals: SessionSeals;
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #policies: Policies;
  readonly #state: AuthenticationState;
  /** Wrong guesses on this connection. */
  #attempts = 0;

  constructor(runtime: Runtime, session: StackedSession, policies: Policies) {
    const { clock, digests } = runtime.outside;
    const { authentication, service } = policies;
    this.#runtime = runtime;
    this.#session = session;
    this.#policies = policies;
    this.#state = runtime.authentications.of(authentication);
    this.seals = new SessionSeals({
      clock,
      digests,
      key: () => authentication.key() ?? this.#state.sealKey,
      scope: `${service.name} ${String(session.clientAddress.address)}`,
    });
  }

  get challengeId(): string {
    const isAskedAnew = this.#state.windows !== undefined;
    return isAskedAnew ? Math.floor(this.#runtime.outside.clock.now() / 1_000).toString(16) : '';
  }

  get maxAuthTimeMs(): number | undefined {
    return this.#policies.authentication.maxAuthTimeMs;
  }

  known(): AuthenticationAnswer | undefined {
    // What this session found out itself is not asked here: every request proves itself.
    const { inheritedIdentity } = this.#session;
    if (inheritedIdentity !== undefined) return this.accept(inheritedIdentity);
    const { cache, maxAuthTimeMs } = this.#policies.authentication;
    if (cache?.by !== 'address') return undefined;
    const remembered = this.#state.logins?.find(this.#addressKey, this.#version, maxAuthTimeMs);
    return remembered === undefined ? undefined : this.accept(remembered);
  }

  areOurs(credentials: Credentials): boolean {
    // Whoever was asked outside was not asked in here: what is said in here is for the server.
    if (this.#session.inheritedIdentity !== undefined || !areSound(credentials)) return false;
    return this.#state.logins?.has(this.#keyOf(credentials)) === true;
  }

  check(credentials: Credentials): AuthenticationAnswer | Promise<AuthenticationAnswer> {
    if (!areSound(credentials)) return this.#refused(credentials);
    const { logins, windows } = this.#state;
    const key = this.#keyOf(credentials);
    if (windows?.isOver(key) === true) return TIME_OVER;
    const remembered = logins?.find(key, this.#version);
    if (remembered !== undefined) return this.accept(remembered);
    return this.#bounded(key) ?? this.#ask(key, credentials);
  }

  accept(identity: Identity): AuthenticationAnswer {
    const { authorization } = this.#policies.service;
    const session = this.#session;
    try {
      const isPermitted =
        authorization === undefined ||
        askAuthorization(authorization, {
          identity,
          session: session.forPolicy,
          moment: this.#moment(),
        });
      if (!isPermitted) return NOT_PERMITTED;
    } catch (error) {
      this.#log('error', 'authorization.failed', thrownText(error), identity.user);
      return AUTHORIZATION_FAILED;
    }
    session.setIdentity(identity);
    return { type: 'accepted', identity };
  }

  /** Why nothing is checked now; undefined if it may be, and then one guess of the client is taken. */
  #bounded(key: string): AuthenticationAnswer | undefined {
    const { limits } = this.#policies.authentication;
    const { guesses, checks } = this.#state;
    if (this.#attempts >= limits.maxAttempts) return TOO_MANY_ATTEMPTS;
    if (checks.size >= limits.maxChecks && !checks.has(key)) return TOO_MANY_CHECKS;
    const retryAfterMs = guesses.take(this.#client);
    if (retryAfterMs === 0) return undefined;
    const reason = 'authentication.too-many-failures';
    const message = 'There were too many wrong passwords from this address';
    this.#log('policy', reason, message);
    return { type: 'delayed', reason, message, retryAfterMs };
  }

  async #ask(key: string, credentials: Credentials): Promise<AuthenticationAnswer> {
    const { guesses, logins } = this.#state;
    const version = this.#version;
    try {
      const proved = await this.#shared(key, credentials);
      if (proved === undefined) return this.#refused(credentials);
      const identity = identityOf(proved, credentials.user);
      guesses.giveBack(this.#client);
      logins?.remember(key, version, identity);
      this.#log('info', 'authentication.accepted', 'A user proved who it is', identity.user);
      const answer = this.accept(identity);
      // An address that belonged to a user who may not pass could not be asked for another one.
      if (answer.type === 'accepted' && this.#policies.authentication.cache?.by === 'address')
        logins?.remember(this.#addressKey, version, identity);
      return answer;
    } catch (error) {
      guesses.giveBack(this.#client);
      const asked = explainProvider(this.#policies.authentication.provider);
      const message = `The provider (${asked}) failed: ${thrownText(error)}`;
      this.#log('error', 'authentication.provider-failed', message, credentials.user);
      return PROVIDER_FAILED;
    }
  }

  /** One check for all connections of a client that ask the same at the same time. */
  #shared(key: string, credentials: Credentials): Promise<ProvedUser | undefined> {
    const { checks } = this.#state;
    const running = checks.get(key);
    if (running !== undefined) return running;
    const { provider, limits } = this.#policies.authentication;
    const asked = checkProvider(
      {
        outside: this.#runtime.outside,
        session: this.#session.forPolicy,
        timeoutMs: limits.timeoutMs,
      },
      provider,
      credentials,
    ).finally(() => {
      checks.delete(key);
    });
    checks.set(key, asked);
    return asked;
  }

  #refused({ user }: Credentials): AuthenticationAnswer {
    this.#attempts++;
    this.#log('policy', 'authentication.rejected', 'Name and password do not fit', user);
    return REJECTED;
  }

  get #client(): StackedSession['clientAddress']['address'] {
    return this.#session.clientAddress.address;
  }

  get #version(): number {
    const { provider } = this.#policies.authentication;
    return provider.type === 'htpasswd' ? provider.version() : 0;
  }

  get #addressKey(): string {
    return `${this.#policies.service.name} ${String(this.#client)}`;
  }

  /** Tells nothing of the password: it is a digest with a secret that dies with the process. */
  #keyOf({ user, password }: Credentials): string {
    const { authentications, outside } = this.#runtime;
    const isOfSession = this.#policies.authentication.cache?.by === 'session';
    const scope = isOfSession ? this.#session.sessionId : String(this.#client);
    const text = [this.#policies.service.name, scope, user, password].join('\0');
    return outside.digests.mac(authentications.secret, text);
  }

  #moment(): Moment {
    const now = new Date(this.#runtime.outside.clock.now());
    return { weekday: now.getDay(), minute: now.getHours() * 60 + now.getMinutes() };
  }

  #log(level: LogLevel, code: string, message: string, user?: string): void {
    const { sessionId } = this.#session;
    this.#runtime.log.line(level, code, message, { session: sessionId, user });
  }
}
