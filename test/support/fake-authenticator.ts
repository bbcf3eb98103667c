// An authenticator for tests of engines: alice has the password "secret", and what else happens the name says.

import type {
  AuthenticationAnswer,
  Authenticator,
  Credentials,
  Identity,
  Seals,
} from '../../src/proxy/authentication.ts';
import { settled } from './settled.ts';

const ALICE: Identity = { user: 'alice', groups: ['staff'] };

const ANSWERS: Readonly<Record<string, AuthenticationAnswer>> = {
  mallory: { type: 'denied', reason: 'authorization.refused', message: 'Not you' },
  hasty: { type: 'delayed', reason: 'authentication.hasty', message: 'Wait', retryAfterMs: 7_000 },
  nobody: { type: 'failed', reason: 'authentication.provider-failed', message: 'Who knows' },
  tired: { type: 'rejected', reason: 'authentication.time-over', message: 'Again' },
};

/** Seals that anybody can read, and that open what begins with their purpose. */
export const openSeals: Seals = {
  seal: (purpose, text) => Buffer.from(`${purpose}|${text}`).toString('base64url'),
  open: (purpose, sealed) => {
    const text = Buffer.from(sealed, 'base64url').toString();
    return text.startsWith(`${purpose}|`) ? text.slice(purpose.length + 1) : undefined;
  },
};

/** What a test changes. */
export interface FakeLogins {
  /** Who is known without being asked. */
  readonly known?: AuthenticationAnswer;
  /** Answers come with a promise. */
  readonly isLate?: boolean;
  readonly challengeId?: string;
}

/** Answers as it is told, and notes what it was asked. */
export class FakeAuthenticator implements Authenticator {
  readonly asked: Credentials[] = [];
  readonly seals = openSeals;
  readonly challengeId: string;
  readonly maxAuthTimeMs = undefined;
  readonly #options: FakeLogins;

  constructor(options: FakeLogins = {}) {
    this.#options = options;
    this.challengeId = options.challengeId ?? '';
  }

  known(): AuthenticationAnswer | undefined {
    return this.#options.known;
  }

  areOurs(credentials: Credentials): boolean {
    return answerTo(credentials).type === 'accepted';
  }

  check(credentials: Credentials): AuthenticationAnswer | PromiseLike<AuthenticationAnswer> {
    this.asked.push(credentials);
    const answer = answerTo(credentials);
    return this.#options.isLate === true ? settled(answer) : answer;
  }

  accept(identity: Identity): AuthenticationAnswer {
    return ANSWERS[identity.user] ?? { type: 'accepted', identity };
  }
}

function answerTo({ user, password }: Credentials): AuthenticationAnswer {
  const told = ANSWERS[user];
  if (told !== undefined) return told;
  if (user === 'alice' && password === 'secret') return { type: 'accepted', identity: ALICE };
  return { type: 'rejected', reason: 'authentication.rejected', message: 'Wrong' };
}
