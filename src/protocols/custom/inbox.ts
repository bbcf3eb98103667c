// What one side has said and the script has not taken yet. The script gets copies: nothing that it does with them
// changes what waits here.

import type { Bytes } from '../../proxy/engine.ts';
import { LineReader } from '../../proxy/line-reader.ts';
import type { LineReaderOptions } from '../../proxy/line-reader.ts';
import { Violation } from '../../proxy/violation.ts';

/** One of the two peers. */
export type PeerName = 'client' | 'server';

/** Bytes up to `until`, counted from the start of the session, came in this turn of the conversation. */
interface Mark {
  until: number;
  readonly turn: number;
}

const LF = 10;
const CR = 13;
const NOTHING: Bytes = new Uint8Array(0);

// Turns are remembered one by one up to this many; peers that alternate more often without being read are in the order
// of the last of them. They cost memory beside the bytes that they tell of.
const MAX_MARKS = 1024;

/** The bytes of one side, in order, and in which turn each of them came. */
export class Inbox {
  readonly side: PeerName;
  readonly #reader: LineReader;
  readonly #maxLineLength: number;
  #bytes: Bytes = NOTHING;
  #start = 0;
  #stop = 0;
  #taken = 0;
  /** Bytes that wait and have no line end among them. */
  #searched = 0;
  readonly #marks: Mark[] = [];
  #endTurn: number | undefined;

  constructor(side: PeerName, lines: Pick<LineReaderOptions, 'maxLength' | 'lineEnd'>) {
    this.side = side;
    this.#maxLineLength = lines.maxLength;
    this.#reader = new LineReader({ protocol: 'custom', side, ...lines });
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#stop - this.#start;
  }

  /** How many bytes were taken since the start of the session. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether the side has said that it sends no more. */
  get hasEnded(): boolean {
    return this.#endTurn !== undefined;
  }

  /** The turn in which the next byte, or the end, came; undefined if neither has. */
  get bytesTurn(): number | undefined {
    return this.length > 0 ? this.#turnAt(0) : this.#endTurn;
  }

  /** The turn in which the next line, or the end, was complete; undefined if neither is. */
  get lineTurn(): number | undefined {
    const length = this.#lineLength();
    return length === undefined ? this.#endTurn : this.#turnAt(length - 1);
  }

  /** Keeps a copy of what came in a turn. */
  push(bytes: Bytes, turn: number): void {
    if (this.hasEnded || bytes.length === 0) return;
    if (this.#stop + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#stop);
    this.#stop += bytes.length;
    const until = this.#taken + this.length;
    const last = this.#marks.at(-1);
    if (last !== undefined && (last.turn === turn || this.#marks.length >= MAX_MARKS))
      last.until = until;
    else this.#marks.push({ until, turn });
  }

  /** The side sends no more. */
  end(turn: number): void {
    this.#endTurn ??= turn;
  }

  /**
   * The next line without its end, if it has come whole. What an end cut short is no line: half a command can mean
   * another one. It stays here as bytes.
   */
  takeLine(): Bytes | undefined {
    if (this.#lineLength() === undefined) return undefined;
    const line = this.#reader.read(this.#bytes.subarray(0, this.#stop), this.#start);
    if (line === undefined) return undefined;
    // A CR inside a line ends it for some programs and not for others: what is checked would not be what is obeyed.
    if (line.bytes.includes(CR))
      throw new Violation('custom.bare-carriage-return', this.side, 'There is a CR inside a line');
    const bytes = new Uint8Array(line.bytes);
    this.#advance(this.#reader.next - this.#start);
    return bytes;
  }

  /** The next bytes: as many as wait, but at most `limit`. */
  take(limit: number): Bytes {
    const length = Math.min(limit, this.length);
    const bytes = new Uint8Array(this.#bytes.subarray(this.#start, this.#start + length));
    this.#advance(length);
    return bytes;
  }

  /** Bytes of the next line with its end, if that is here; of a line that is too long, one more than it may have. */
  #lineLength(): number | undefined {
    const tooLong = this.#maxLineLength + 2; // with a CR that may belong to its end
    const found = this.#bytes.subarray(this.#start + this.#searched, this.#stop).indexOf(LF);
    if (found !== -1) return Math.min(this.#searched + found + 1, tooLong);
    this.#searched = this.length;
    return this.length >= tooLong ? tooLong : undefined;
  }

  #turnAt(offset: number): number | undefined {
    return this.#marks.find(({ until }) => until > this.#taken + offset)?.turn;
  }

  #makeRoom(length: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#stop);
    const needed = waiting.length + length;
    // Half as much again, so that bytes that come one by one are not copied each time.
    this.#bytes = new Uint8Array(waiting.length === 0 ? needed : Math.ceil(needed * 1.5));
    this.#bytes.set(waiting);
    this.#start = 0;
    this.#stop = waiting.length;
  }

  #advance(length: number): void {
    this.#start += length;
    this.#taken += length;
    this.#searched = Math.max(this.#searched - length, 0);
    const passed = this.#marks.findIndex(({ until }) => until > this.#taken);
    this.#marks.splice(0, passed === -1 ? this.#marks.length : passed);
    if (this.#start < this.#stop) return;
    this.#bytes = NOTHING; // a session that waits holds nothing
    this.#start = 0;
    this.#stop = 0;
  }
}
