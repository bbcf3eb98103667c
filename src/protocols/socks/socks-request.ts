// What a SOCKS client asks for in the end, whatever version it speaks, and how it is refused before that.

/** A connection that a client asks for. */
export interface SocksRequest {
  /** A name as it was sent, or an address in text form, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

/** Thrown where a client is told by its own protocol why there is no connection. */
export class SocksRefused extends Error {
  /** The last bytes that the client gets. */
  readonly reply: Uint8Array;
  /** The reason code. */
  readonly code: string;

  constructor(reply: Uint8Array, code: string, message: string) {
    super(message);
    this.name = 'SocksRefused';
    this.reply = reply;
    this.code = code;
  }
}

/** A message of the client: what it means, and how many bytes it has. */
export interface Message<Value> {
  readonly value: Value;
  readonly length: number;
}
