// What events and actions speak of: the streams of a proxy, and the bytes on them.

/** The two sides of a session, and the near ends of the two links to a stacked child. */
export type Side = 'client' | 'server' | 'stack-client' | 'stack-server';

/** The two sides of a session. */
export type PeerSide = Extract<Side, 'client' | 'server'>;

/** One stream of a proxy: a side, with a channel number where a side has several (`'server#1'`). */
export type Port = Side | `${Side}#${number}`;

/** A further connection of a side, beside the one that it has from the beginning or by a connect. */
export type Channel = `${'client' | 'server'}#${number}`;

/**
 * Bytes of the network. In an event they are borrowed: valid until the actions of the event are carried out. They may be
 * sent on, as they are or in part; keeping them means copying.
 */
export type Bytes = Uint8Array;
