// The words of libnftables-json(5) that a ruleset is written in.

/** A value of JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An object of JSON: a statement of a rule, or a command. */
export type JsonObject = Readonly<Record<string, Json>>;

/** A value and what a packet must have there. */
export function match(left: Json, right: Json, op: '==' | '!=' | 'in' = '=='): JsonObject {
  return { match: { op, left, right } };
}

/** A packet must have one of some values there. */
export function matchOne(left: Json, values: readonly Json[]): JsonObject {
  const [only = null, ...others] = values;
  return match(left, others.length === 0 ? only : { set: values });
}

/** A fact about a packet that stands beside it, such as `mark` or `iifname`. */
export function meta(key: string): JsonObject {
  return { meta: { key } };
}

/** A fact about the connection of a packet. */
export function ct(key: string, dir?: 'original'): JsonObject {
  return { ct: dir === undefined ? { key } : { key, dir } };
}

/** A field of a header. */
export function payload(protocol: 'ip' | 'ip6' | 'th' | 'tcp', field: string): JsonObject {
  return { payload: { protocol, field } };
}

/** Bits of the transport header, of whatever protocol it is. */
export function transportBits(offset: number, len: number): JsonObject {
  return { payload: { base: 'th', offset, len } };
}

/** Sets bits of a mark and leaves the others; `bits` are within `mask`. */
export function setBits(
  key: JsonObject,
  { mask, bits }: { readonly mask: number; readonly bits: number },
): JsonObject {
  const others = (~mask & 0xffff_ffff) >>> 0;
  return { mangle: { key, value: { '|': [{ '&': [key, others] }, bits] } } };
}

/** Goes on in another chain, and does not come back. */
export function goTo(target: string): JsonObject {
  return { goto: { target } };
}

/** Goes on in another chain, and comes back. */
export function jump(target: string): JsonObject {
  return { jump: { target } };
}

/** Goes on in the chain that a map has for a value, if it has one. */
export function goToBy(
  key: Json,
  chains: readonly (readonly [value: Json, chain: string])[],
): JsonObject {
  return { vmap: { key, data: { set: chains.map(([value, chain]) => [value, goTo(chain)]) } } };
}

/** Adds a packet to a named counter. */
export function count(name: string): JsonObject {
  return { counter: name };
}

/** The packet may go on, as far as this table is concerned with it at this point of its way. */
export const ACCEPT: JsonObject = { accept: null };
/** The packet ends here. */
export const DROP: JsonObject = { drop: null };
/** Goes on behind the jump. */
export const RETURN: JsonObject = { return: null };

/** Where and when a chain sees packets. */
export interface Hook {
  readonly type: 'filter' | 'nat';
  readonly hook: 'prerouting' | 'forward' | 'postrouting';
  readonly prio: number;
}

const LONGEST_COMMENT = 120; // bytes; the kernel keeps 128 with what nft adds

/** A comment as the kernel takes it: cut where it is too long, and plain, whatever a policy calls things. */
export function commentOf(text: string): string {
  return text
    .replaceAll('"', "'") // nft has no way to write one
    .replaceAll(/[^ -~]|\\/g, '?')
    .slice(0, LONGEST_COMMENT);
}

/** The commands that fill one table, as they are collected. */
export class TableCommands {
  readonly #place: { readonly family: 'inet'; readonly table: string };
  readonly #sets: JsonObject[] = [];
  readonly #counters = new Map<string, JsonObject>();
  readonly #chains: JsonObject[] = [];
  readonly #rules: JsonObject[] = [];

  constructor(table: string) {
    this.#place = { family: 'inet', table };
  }

  /** A set of addresses; `elements` are ranges that do not meet. */
  addSet(
    name: string,
    type: 'ipv4_addr' | 'ipv6_addr',
    elem: readonly Json[],
    comment: string,
  ): void {
    const set = { ...this.#place, name, type, flags: ['interval'], comment: commentOf(comment) };
    this.#sets.push({ add: { set: elem.length === 0 ? set : { ...set, elem } } });
  }

  /** A chain, with a hook if packets enter it by themselves. */
  addChain(name: string, hook?: Hook): void {
    const chain = { ...this.#place, name };
    this.#chains.push({
      add: { chain: hook === undefined ? chain : { ...chain, ...hook, policy: 'accept' } },
    });
  }

  /** A rule at the end of a chain. Counters that it adds to are made. */
  addRule(chain: string, expr: readonly JsonObject[], comment?: string): void {
    for (const { counter } of expr) if (typeof counter === 'string') this.#addCounter(counter);
    const rule = { ...this.#place, chain, expr };
    const said = comment === undefined ? rule : { ...rule, comment: commentOf(comment) };
    this.#rules.push({ add: { rule: said } });
  }

  #addCounter(name: string): void {
    this.#counters.set(name, { add: { counter: { ...this.#place, name } } });
  }

  /** All of them, each after what it refers to. */
  get all(): readonly JsonObject[] {
    return [...this.#sets, ...this.#counters.values(), ...this.#chains, ...this.#rules];
  }
}
