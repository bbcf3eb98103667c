// What the peers of a session say, in order, as data: written in tests, made by arbitraries, kept in the corpus.

import { quote, unquote } from './latin1.ts';

/** Who speaks: the client or the server, on the n-th connection of its side (`client` and `server` are the first). */
export type Speaker = 'client' | 'server' | `${'client' | 'server'} ${number}`;

/** One turn of a peer. */
export type PeerTurn =
  | { readonly from: Speaker; readonly says: string }
  | { readonly from: Speaker; readonly does: 'end' | 'reset' };

/**
 * One turn of a dialogue: a peer's, or time's, when the timer of this name runs out if it is armed. What a peer is to say
 * before it is connected it says then. A further client connects when it is expected, or speaks and is claimed.
 */
export type Turn = PeerTurn | { readonly elapses: string };

/** Turns in the order in which they happen. A peer that is held is heard when it is released. */
export type Dialogue = readonly Turn[];

/** The client says this on its n-th connection (one character a byte). */
export function client(says: string, connection = 1): Turn {
  return { from: clientOf(connection), says };
}

/** The server of this connection says this (one character a byte). */
export function server(says: string, connection = 1): Turn {
  return { from: serverOf(connection), says };
}

/** The client sends no more on this connection. */
export function clientEnds(connection = 1): Turn {
  return { from: clientOf(connection), does: 'end' };
}

/** The server of this connection sends no more. */
export function serverEnds(connection = 1): Turn {
  return { from: serverOf(connection), does: 'end' };
}

/** This connection of the client breaks. */
export function clientResets(connection = 1): Turn {
  return { from: clientOf(connection), does: 'reset' };
}

/** The connection to this server breaks. */
export function serverResets(connection = 1): Turn {
  return { from: serverOf(connection), does: 'reset' };
}

/** The timer of this name runs out, if it is armed. */
export function elapses(timer: string): Turn {
  return { elapses: timer };
}

/** The speaker that is the server of the n-th connection. */
export function serverOf(connection: number): Speaker {
  return connection === 1 ? 'server' : `server ${connection}`;
}

/** The speaker that is the client on its n-th connection. */
export function clientOf(connection: number): Speaker {
  return connection === 1 ? 'client' : `client ${connection}`;
}

/** A dialogue as text, a turn a line, as it stands in the corpus. */
export function showDialogue(dialogue: Dialogue): string {
  return dialogue.map((turn) => `${showTurn(turn)}\n`).join('');
}

function showTurn(turn: Turn): string {
  if ('elapses' in turn) return `timer ${turn.elapses}`;
  return `${turn.from}: ${'says' in turn ? quote(turn.says) : turn.does}`;
}

/** Reads what `showDialogue` wrote; lines that begin with # and empty lines are comments. */
export function parseDialogue(text: string): Dialogue {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseTurn);
}

function parseTurn(line: string): Turn {
  const match =
    /^(?:timer (?<elapses>\S+)|(?<from>(?:client|server)(?: \d+)?): (?:(?<does>end|reset)|(?<says>".*")))$/.exec(
      line,
    );
  const { elapses, from, does, says } = match?.groups ?? {};
  if (elapses !== undefined) return { elapses };
  if (from !== undefined && (does === 'end' || does === 'reset'))
    return { from: speaker(from), does };
  if (from !== undefined && says !== undefined) return { from: speaker(from), says: unquote(says) };
  throw new SyntaxError(
    `Cannot read the turn ${line}: write client: "text", server 2: end or timer idle`,
  );
}

function speaker(name: string): Speaker {
  const connection = Number(/\d+$/.exec(name)?.[0] ?? 1);
  return name.startsWith('client') ? clientOf(connection) : serverOf(connection);
}
