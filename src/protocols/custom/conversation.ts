// What a script has in its hands: both peers, and what else it can wait for. These types are what a policy sees.

import type { ContentWord } from '../../proxy/content-verdict.ts';
import type { Bytes, ConnectFailure, Stackable, Target } from '../../proxy/engine.ts';
import type { Abort, Accept, Reject } from '../../proxy/policy-action.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { BodyOptions, BodyOutcome } from './body.ts';
import type { PeerName } from './inbox.ts';
import type { Step, Waiting } from './step.ts';

/** How a script ends its session: `accept()`, `reject(text)` or `abort(text)`. */
export type ScriptResult = Accept | Reject | Abort;

/** What a script may say of the contents that it is given by another proxy. */
export type ScriptVerdict = Exclude<ContentWord, 'unspecified'>;

/**
 * A protocol proxy as a script. What it waits for has `yield*` before it; what it returns is the verdict.
 * @example function* ({ client }) { const line = yield* client.readLine(); return line === 'hi' ? accept() : reject(); }
 */
export type Script = (conversation: Conversation) => Generator<Step, ScriptResult>;

/** One of the two peers. Reads wait, and need `yield*`; what is sent needs nothing. */
export interface Peer {
  readonly name: PeerName;
  /** Whether the encryption policy lets TLS begin with this peer in the middle of the conversation (STARTTLS). */
  readonly canStartTls: boolean;
  /** The next line without its end, as text; undefined if the peer ended before it was complete. */
  readonly readLine: () => Waiting<string | undefined>;
  /** The next line without its end, as bytes. */
  readonly readLineBytes: () => Waiting<Bytes | undefined>;
  /** Exactly so many bytes; undefined if the peer ended before. At most `maxBufferedBytes`. */
  readonly readBytes: (length: number) => Waiting<Bytes | undefined>;
  /** Whatever has come, at least one byte; undefined at the end. How many it is means nothing. */
  readonly read: () => Waiting<Bytes | undefined>;
  /** Everything up to the end. More than `maxBytes`, which is at most `maxBufferedBytes`, ends the session. */
  readonly readToEnd: (maxBytes?: number) => Waiting<Bytes>;
  /** Lets the next `length` bytes (default: all) pass to the other peer without a look. @returns how many there were. */
  readonly relay: (length?: number) => Waiting<number>;
  /**
   * Lets a body of this peer pass to the other one through a child, which is named in the option `stacks`. What the child
   * thinks of it is the value: nothing goes to the other peer before the child has spoken, and a refusal can be answered.
   */
  readonly relayThrough: (child: Stackable, options?: BodyOptions) => Waiting<BodyOutcome>;
  /**
   * Speaks TLS with this peer from now on: after the words that a protocol has for that, which go out in plain text before.
   * What the peer has said since then, or says in plain text, ends the session, as does a handshake that fails.
   */
  readonly startTls: () => Waiting<undefined>;
  /** Sends a text or bytes to this peer. */
  readonly send: (data: string | Bytes) => void;
  /** Sends a line to this peer: the text, which may have no line end in it, and a line end. */
  readonly sendLine: (line: string) => void;
  /** Says to this peer that nothing more comes; it can still be read. */
  readonly end: () => void;
}

/** A line, and who said it to whom. `line` is undefined at the end of that peer. */
export interface NextLine {
  readonly from: Peer;
  readonly to: Peer;
  readonly line: string | undefined;
}

/** Bytes, and who said them to whom. `bytes` is undefined at the end of that peer. */
export interface NextBytes {
  readonly from: Peer;
  readonly to: Peer;
  readonly bytes: Bytes | undefined;
}

/** What a script can do. Everything that has `Waiting` in its type needs `yield*`. */
export interface Conversation {
  readonly client: Peer;
  /** There is nobody before `connect()`: sending to it earlier ends the session. */
  readonly server: Peer;
  readonly session: ProxySession;
  /** Connects the server that the router chose, or this one if the router leaves it to the protocol. If it cannot, the session ends. */
  readonly connect: (target?: Target) => Waiting<undefined>;
  /** The same, but a failure is for the script: it may try another server. Undefined: connected. */
  readonly tryConnect: (target?: Target) => Waiting<ConnectFailure | undefined>;
  /** Lets everything pass in both directions without a look, until both peers have ended. */
  readonly relay: () => Waiting<undefined>;
  /**
   * Lets everything pass in both directions through a child, which is named in the option `stacks`, until the child ends.
   * If it may not run, fails or refuses the contents, the session ends.
   */
  readonly relayThrough: (child: Stackable) => Waiting<undefined>;
  /** The next line of whoever said one first. */
  readonly nextLine: () => Waiting<NextLine>;
  /** The next bytes of whoever said some first. */
  readonly nextBytes: () => Waiting<NextBytes>;
  /** What a promise comes to: a look-up, a question to a database. It throws what the promise fails with. */
  readonly wait: <Value>(promise: PromiseLike<Value>) => Waiting<Value>;
  /** Under another proxy: what to think of the contents. That proxy keeps what is not accepted from going on. */
  readonly setVerdict: (word: ScriptVerdict, description?: string) => void;
  /** Under another proxy: how many bytes this script is going to send. */
  readonly setContentHint: (length: number) => void;
  /** Writes a line into Zorp's log. */
  readonly log: (message: string) => void;
}
