// Reads DER, the encoding of certificates and revocation lists, as far as they need it: one element after the other.

/** An element of DER. */
export interface DerElement {
  /** The identifier octet. */
  readonly tag: number;
  /** The whole of it. */
  readonly bytes: Buffer;
  readonly content: Buffer;
}

/** Tags of universal elements, constructed where they have parts. */
export const DER_TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

const LONG_FORM = 0x80;
// Four octets say how long four gibibytes are; nothing that is read here comes near.
const MAX_LENGTH_OCTETS = 4;

/** Goes through the elements that stand one after the other in some bytes. */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** The tag of the next element; undefined: there is none. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next element. @throws Error where there is none, it is cut short, or has another tag than this one. */
  next(tag?: number): DerElement {
    const start = this.#at;
    const found = this.#octet();
    if (tag !== undefined && found !== tag)
      throw new Error(`DER: tag ${found} instead of ${tag} at ${start}`);
    const length = this.#length();
    const begin = this.#at;
    this.#at = begin + length;
    if (this.#at > this.#bytes.length) throw new Error(`DER: cut short at ${start}`);
    const bytes = this.#bytes.subarray(start, this.#at);
    return { tag: found, bytes, content: this.#bytes.subarray(begin, this.#at) };
  }

  /** The next element if it has this tag. @throws Error where it is cut short. */
  optional(...tags: readonly number[]): DerElement | undefined {
    const { nextTag } = this;
    return nextTag !== undefined && tags.includes(nextTag) ? this.next() : undefined;
  }

  /** What is in the next element, which is a sequence. @throws Error as `next`. */
  sequence(): DerReader {
    return new DerReader(this.next(DER_TAGS.sequence).content);
  }

  #octet(): number {
    const octet = this.#bytes[this.#at++];
    if (octet === undefined) throw new Error(`DER: cut short at ${this.#at - 1}`);
    return octet;
  }

  #length(): number {
    const first = this.#octet();
    if (first < LONG_FORM) return first;
    const count = first - LONG_FORM;
    if (count === 0 || count > MAX_LENGTH_OCTETS)
      throw new Error(`DER: a length of ${count} octets at ${this.#at}`);
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + this.#octet();
    return length;
  }
}

/** The time that an element says, in milliseconds since 1970 (RFC 5280, 4.1.2.5). @throws Error if it is none. */
export function derTime({ tag, content }: DerElement): number {
  const isShort = tag === DER_TAGS.utcTime;
  const text = content.toString('latin1');
  const pattern = isShort ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!pattern.test(text)) throw new Error('DER: a time that is none');
  const century = isShort ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') : '';
  const full = century + text;
  const [date, clock] = [full.slice(0, 8), full.slice(8, 14)];
  const iso = `${date.replace(/(....)(..)/, '$1-$2-')}T${clock.replace(/(..)(..)/, '$1:$2:')}Z`;
  const time = Date.parse(iso);
  if (Number.isNaN(time)) throw new Error('DER: a time that is none');
  return time;
}
