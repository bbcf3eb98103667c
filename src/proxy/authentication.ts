// Authentication in band, as a proxy engine sees it: the engine speaks the protocol and asks; who knows the answer, what
// is remembered and how often may be asked is none of its affairs.

/** Who a client says that it is. The password is for the check only: never logged, never recorded. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Somebody whose name was proved. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What came of asking. Every `reason` is a reason code, every `message` one sentence for people. */
export type AuthenticationAnswer =
  /** It is this user, and the authorization of the service permits it. */
  | { readonly type: 'accepted'; readonly identity: Identity }
  /** Name and password do not fit, or their time is over: ask again. */
  | { readonly type: 'rejected'; readonly reason: string; readonly message: string }
  /** It is this user, who may not use the service now. Asking again is of no use. */
  | { readonly type: 'denied'; readonly reason: string; readonly message: string }
  /** Too many wrong guesses, or too many checks at the same time: nothing was checked. */
  | {
      readonly type: 'delayed';
      readonly reason: string;
      readonly message: string;
      /** When it is worth trying again. */
      readonly retryAfterMs: number;
    }
  /** The provider cannot say. */
  | { readonly type: 'failed'; readonly reason: string; readonly message: string };

/** Texts that only this policy can have made: tickets of forms, values of cookies. Bound to client address and service. */
export interface Seals {
  /** A text for URLs and cookies which `open` turns back into `text`, for `lifetimeMs`. Deterministic for one moment. */
  seal(purpose: string, text: string, lifetimeMs: number): string;
  /** What was sealed for this purpose, for this client and service; undefined if it was not, or its time is over. */
  open(purpose: string, sealed: string): string | undefined;
}

/** Asks who the client of a session is. An engine gets one in its context if its service has an authentication policy. */
export interface Authenticator {
  readonly seals: Seals;
  /** A part of the realm that is new whenever users are to be asked anew; empty if they never are (`maxAuthTimeMs`). */
  readonly challengeId: string;
  /** How long a proof may count at most; undefined where the policy does not say. */
  readonly maxAuthTimeMs: number | undefined;
  /**
   * Who the client is without being asked: a proxy in which this one is stacked knows it already, or its address is
   * remembered. Undefined: ask it.
   */
  known(): AuthenticationAnswer | undefined;
  /** Whether credentials of a client that is known are those of its login here, and so none of the server's: checks nothing. */
  areOurs(credentials: Credentials): boolean;
  /** Checks credentials: at once where the answer is remembered. A promise never rejects. Accepted: the session has the user. */
  check(credentials: Credentials): AuthenticationAnswer | PromiseLike<AuthenticationAnswer>;
  /** Takes an identity that was proved before, such as by a cookie, and asks the authorization anew. */
  accept(identity: Identity): AuthenticationAnswer;
}

// Longer than any name that is typed, and room for a bearer token in the place of a password.
const MAX_USER_LENGTH = 256;
const MAX_PASSWORD_LENGTH = 1_024;

/**
 * Whether credentials can be those of anybody. Control characters have no place in them (RFC 7617, 2), and an empty
 * password never proves anything: an LDAP server takes it for an anonymous bind, which succeeds (RFC 4513, 5.1.2).
 */
export function areSound({ user, password }: Credentials): boolean {
  return (
    user !== '' &&
    user.length <= MAX_USER_LENGTH &&
    password !== '' &&
    password.length <= MAX_PASSWORD_LENGTH &&
    !/[\0-\x1f\x7f]/.test(user + password)
  );
}
