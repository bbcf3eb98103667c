// What an engine sends while it handles one event. Sends to one port go out in one write: a head and the beginning of its
// body are one segment on the line and one call of the system. A stream that gathers its writes does that by itself; where
// each write is a datagram, each send is one.

import type { Bytes } from '../proxy/engine.ts';
import type { PumpPort } from './pump-port.ts';
import type { Ownership } from './stream.ts';

// Up to here copying small pieces together costs less than writing them one by one.
const MAX_GATHERED_BYTES = 16_384;

/** Gathers the sends of one event. */
export class Outbox {
  #feeder: PumpPort | undefined;
  #ownership: Ownership = 'given';
  #port: PumpPort | undefined;
  #chunks: Bytes[] = [];
  #length = 0;

  /** An event begins: which port it comes from, and who owns its bytes, which may be sent on. */
  begin(feeder: PumpPort | undefined, ownership: Ownership): void {
    this.#feeder = feeder;
    this.#ownership = ownership === 'left' ? 'given' : ownership; // an engine may keep them, or send them twice
  }

  /** Sends to a port, by the next `flush` at the latest. Bytes for a port that is lost are dropped. */
  add(port: PumpPort | undefined, bytes: Bytes): void {
    if (port?.stream.gathers === true) {
      this.flush();
      port.send(bytes, this.#ownership, this.#feeder);
      return;
    }
    if (!this.#mayJoin(port, bytes)) this.flush();
    this.#port = port;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  #mayJoin(port: PumpPort | undefined, bytes: Bytes): boolean {
    if (port !== this.#port || port?.stream.framing === 'datagrams') return false;
    return this.#length + bytes.length <= MAX_GATHERED_BYTES;
  }

  /** Sends what was gathered. */
  flush(): void {
    const [first] = this.#chunks;
    if (first === undefined) return;
    const port = this.#port;
    const chunks = this.#chunks;
    const length = this.#length;
    this.clear();
    if (chunks.length === 1) port?.send(first, this.#ownership, this.#feeder);
    else port?.send(joined(chunks, length), 'given', this.#feeder);
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#port = undefined;
    this.#chunks = [];
    this.#length = 0;
  }
}

function joined(chunks: readonly Bytes[], length: number): Bytes {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
