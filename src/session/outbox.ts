// What an engine sends while it handles one event. Sends to one port go out in one write: a head and the beginning of its
// body are one segment on the line and one call of the system. A stream that gathers its writes does that by itself; where
// each write is a datagram, each send is one. A write may call another pump, over a link: what that sends goes through here, too.

import type { Bytes } from '../proxy/engine.ts';
import type { PumpPort } from './pump-port.ts';
import type { Ownership } from './stream.ts';

// Up to here copying small pieces together costs less than writing them one by one.
const MAX_GATHERED_BYTES = 16_384;

/** Gathers the sends of an event. */
export class Outbox {
  /** Whose bytes those are that wait, and where they go. */
  #feeder: PumpPort | undefined;
  #ownership: Ownership = 'given';
  #port: PumpPort | undefined;
  #chunks: Bytes[] = [];
  #length = 0;

  /**
   * Sends to a port, by the next `flush` at the latest. Bytes for a port that is lost are dropped. `feeder`: the port that the
   * event comes from, which waits where there is no room; `ownership`: of the bytes of the event, which may be sent on.
   */
  add(
    port: PumpPort | undefined,
    bytes: Bytes,
    feeder: PumpPort | undefined,
    ownership: Ownership,
  ): void {
    const kept = ownership === 'left' ? 'given' : ownership; // an engine may keep them, or send them twice
    if (port?.stream.gathers === true) {
      this.flush();
      port.send(bytes, kept, feeder);
      return;
    }
    if (!this.#mayJoin(port, bytes)) this.flush();
    this.#feeder = feeder;
    this.#ownership = kept;
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
    const [port, feeder, ownership] = [this.#port, this.#feeder, this.#ownership];
    const chunks = this.#chunks;
    const length = this.#length;
    this.#clear(); // before the send: whoever that calls begins with nothing
    if (chunks.length === 1) port?.send(first, ownership, feeder);
    else port?.send(joined(chunks, length), 'given', feeder);
  }

  /** Forgets what was gathered for one of these ports. What a pump sends that called the owner of these stays. */
  drop(ports: readonly PumpPort[]): void {
    if (this.#port !== undefined && ports.includes(this.#port)) this.#clear();
  }

  #clear(): void {
    this.#port = undefined;
    this.#feeder = undefined;
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
