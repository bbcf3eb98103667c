// A set of texts that is asked which of its members another text begins with, or ends with: the index of lists of millions
// of host names and URLs. All texts lie in one array of bytes, with a hash table of numbers over it: a tenth of the
// objects of a Set, nothing for the garbage collector to walk through, and one pass over the text that is asked about.

/** From which side texts are compared: `start` finds members that a text begins with, `end` those that it ends with. */
export type Side = 'start' | 'end';

/** What is found. */
export interface PrefixMatch {
  /** The number that came with the member, such as its line. */
  readonly value: number;
  /** How many characters of the text it has. */
  readonly length: number;
}

/**
 * Which kinds of members may match with so many characters of a text, as bits; 0 where no member may end there, such as
 * within a label of a host name.
 */
export type KindsAt = (text: string, length: number) => number;

/** Members of a table; each takes 20 to 30 bytes besides its characters. */
export const MAX_MEMBERS = 4_000_000;

/** Characters of one member. */
export const MAX_MEMBER_LENGTH = 16_384;

/** Bytes of a page: what is there is never moved, so that no step has to copy a whole list. */
const PAGE_BYTES = 262_144;
const FIRST_MEMBERS = 128;
const FNV_BASIS = 0x811c_9dc5; // FNV-1a, 32 bits
const FNV_PRIME = 0x0100_0193;
/** Members that are put into the index at once: a few milliseconds. */
const STEP = 20_000;
const FREE = -1;

/** A table, to which members are added; once it is indexed it answers, and takes no more. */
export class PrefixTable {
  readonly #side: Side;
  readonly #pages: Uint8Array[] = [];
  /** Where each member begins: the number of its page times PAGE_BYTES, and its place in it. */
  #starts = new Uint32Array(FIRST_MEMBERS);
  #lengths = new Uint16Array(FIRST_MEMBERS);
  #values = new Uint32Array(FIRST_MEMBERS);
  #kinds = new Uint8Array(FIRST_MEMBERS);
  #count = 0;
  #longest = 0;
  #free = 0;
  /** Open addressing: the number of a member, or FREE. Half of it is free, so that a search is short. */
  #slots: Int32Array | undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  /** How many members were added. */
  get size(): number {
    return this.#count;
  }

  /** Bytes of memory that its arrays take. */
  get byteLength(): number {
    const lists = [this.#starts, this.#lengths, this.#values, this.#kinds];
    const indexed = this.#slots?.byteLength ?? 0;
    return lists.reduce(
      (sum, one) => sum + one.byteLength,
      this.#pages.length * PAGE_BYTES + indexed,
    );
  }

  /**
   * Adds a member of Latin-1 characters, at most MAX_MEMBER_LENGTH. `kinds` are bits, at least one; a member that is there
   * already gets them in addition, and keeps the value that it came with first.
   */
  add(text: string, value: number, kinds: number): void {
    if (this.#slots !== undefined) throw new Error('the table is complete');
    if (text.length > MAX_MEMBER_LENGTH) throw new RangeError('the member is too long');
    const start = this.#room(text.length);
    const page = this.#pageOf(start);
    const offset = start % PAGE_BYTES;
    for (let at = 0; at < text.length; at++) page[offset + at] = codeAt(text, at, this.#side);
    if (this.#count >= this.#starts.length) this.#growLists();
    this.#starts[this.#count] = start;
    this.#lengths[this.#count] = text.length;
    this.#values[this.#count] = value;
    this.#kinds[this.#count] = kinds;
    this.#longest = Math.max(this.#longest, text.length);
    this.#count++;
  }

  /** Makes the index, in steps of a few milliseconds. */
  *index(): Generator<undefined, void, undefined> {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, this.#count) * 2));
    const slots = new Int32Array(size).fill(FREE);
    for (let member = 0; member < this.#count; member++) {
      this.#insert(slots, member);
      if (member % STEP === STEP - 1) yield;
    }
    this.#slots = slots;
  }

  /** Makes the index at once: for a short list. */
  indexAtOnce(): this {
    const steps = this.index();
    while (steps.next().done !== true);
    return this;
  }

  /** The longest member with which the text begins, or ends, and that may match there. */
  find(text: string, kindsAt: KindsAt): PrefixMatch | undefined {
    if (this.#slots === undefined) throw new Error('the table is not complete');
    const longest = Math.min(text.length, this.#longest);
    let found: PrefixMatch | undefined;
    let hash = FNV_BASIS;
    for (let length = 1; length <= longest; length++) {
      hash = step(hash, codeAt(text, length - 1, this.#side));
      const kinds = kindsAt(text, length);
      if (kinds === 0) continue;
      const member = this.#search(this.#slots, hash, { text, length });
      if (member === undefined || ((this.#kinds[member] ?? 0) & kinds) === 0) continue;
      found = { value: this.#values[member] ?? 0, length };
    }
    return found;
  }

  #insert(slots: Int32Array, member: number): void {
    const mask = slots.length - 1;
    let slot = mixed(this.#hashOf(member)) & mask;
    for (; slots[slot] !== FREE; slot = (slot + 1) & mask) {
      const other = slots[slot] ?? FREE;
      if (!this.#isSame(other, member)) continue;
      this.#kinds[other] = (this.#kinds[other] ?? 0) | (this.#kinds[member] ?? 0);
      return;
    }
    slots[slot] = member;
  }

  #search(
    slots: Int32Array,
    hash: number,
    asked: { readonly text: string; readonly length: number },
  ): number | undefined {
    const mask = slots.length - 1;
    for (let slot = mixed(hash) & mask; ; slot = (slot + 1) & mask) {
      const member = slots[slot] ?? FREE;
      if (member === FREE) return undefined;
      if (this.#equals(member, asked)) return member;
    }
  }

  #hashOf(member: number): number {
    let hash = FNV_BASIS;
    const start = this.#starts[member] ?? 0;
    const page = this.#pageOf(start);
    const offset = start % PAGE_BYTES;
    const length = this.#lengths[member] ?? 0;
    for (let at = 0; at < length; at++) hash = step(hash, page[offset + at] ?? 0);
    return hash;
  }

  #isSame(one: number, other: number): boolean {
    const length = this.#lengths[one] ?? 0;
    if (this.#lengths[other] !== length) return false;
    const [start, otherStart] = [this.#starts[one] ?? 0, this.#starts[other] ?? 0];
    const [page, otherPage] = [this.#pageOf(start), this.#pageOf(otherStart)];
    for (let at = 0; at < length; at++)
      if (page[(start % PAGE_BYTES) + at] !== otherPage[(otherStart % PAGE_BYTES) + at])
        return false;
    return true;
  }

  #equals(
    member: number,
    { text, length }: { readonly text: string; readonly length: number },
  ): boolean {
    if (this.#lengths[member] !== length) return false;
    const start = this.#starts[member] ?? 0;
    const page = this.#pageOf(start);
    const offset = start % PAGE_BYTES;
    for (let at = 0; at < length; at++)
      if (page[offset + at] !== codeAt(text, at, this.#side)) return false;
    return true;
  }

  #pageOf(start: number): Uint8Array {
    return this.#pages[Math.floor(start / PAGE_BYTES)] ?? NO_PAGE;
  }

  /** Where the next member may begin: a member lies in one page. */
  #room(length: number): number {
    const isFull = (this.#free % PAGE_BYTES) + length > PAGE_BYTES;
    if (isFull) this.#free = Math.ceil(this.#free / PAGE_BYTES) * PAGE_BYTES;
    if (this.#free >= this.#pages.length * PAGE_BYTES) this.#pages.push(new Uint8Array(PAGE_BYTES));
    const start = this.#free;
    this.#free += length;
    return start;
  }

  #growLists(): void {
    const length = this.#starts.length * 2;
    this.#starts = longer(this.#starts, new Uint32Array(length));
    this.#lengths = longer(this.#lengths, new Uint16Array(length));
    this.#values = longer(this.#values, new Uint32Array(length));
    this.#kinds = longer(this.#kinds, new Uint8Array(length));
  }
}

const NO_PAGE = new Uint8Array(0);

function codeAt(text: string, at: number, side: Side): number {
  return text.charCodeAt(side === 'start' ? at : text.length - 1 - at);
}

function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, FNV_PRIME);
}

/** Spreads a hash over the low bits that count (MurmurHash3, finalizer). */
function mixed(hash: number): number {
  let spread = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  spread = Math.imul(spread ^ (spread >>> 13), 0xc2b2_ae35);
  return (spread ^ (spread >>> 16)) >>> 0;
}

/** The same numbers in an array that has room for more. */
function longer<Numbers extends Uint8Array | Uint16Array | Uint32Array>(
  numbers: Numbers,
  room: Numbers,
): Numbers {
  room.set(numbers);
  return room;
}
