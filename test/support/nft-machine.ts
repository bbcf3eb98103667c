// A small machine that does with a packet what a ruleset of nftables says, for the words that ours are written in. It was
// written from nft(8) and knows nothing of rules, scores or zones; a word that it does not know is an error.

/* eslint-disable complexity -- a line for each word of nft */

import { IpAddress } from '../../src/address/ip-address.ts';
import { Subnet } from '../../src/address/subnet.ts';

type Value = string | number;
type Fields = Readonly<Record<string, unknown>>;

/** The first packet of a connection, as it comes in. */
export interface WirePacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly port: number;
  readonly icmp: { readonly type: number; readonly code: number };
  readonly interfaceName: string;
  readonly interfaceGroup: number;
  /** Whether the destination is an address of the incoming interface. */
  readonly isOwn: boolean;
  readonly requestId: number | undefined;
}

/** What became of a packet. */
export interface WireOutcome {
  readonly verdict: 'accept' | 'drop' | 'reject';
  readonly counters: readonly string[];
  /** The socket that tproxy gave it to. */
  readonly socket: string | undefined;
  readonly mark: number;
  readonly destination: IpAddress;
  readonly port: number;
  readonly source: IpAddress | 'interface';
  readonly sourcePort: number;
}

type Verdict = 'accept' | 'drop' | 'reject' | 'return' | 'continue';

/** A value that a packet does not have: the rule does not match. */
const NONE = Symbol('none');
/** Protocol names as nft writes them. */
const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

interface Chain {
  readonly rules: (readonly Fields[])[];
  readonly hook: string | undefined;
  readonly prio: number;
}

/** One table. */
export class NftMachine {
  readonly #chains = new Map<string, Chain>();
  readonly #sets = new Map<string, readonly unknown[]>();

  /** Reads the commands in their order; what is referred to must be there. */
  constructor(commands: readonly object[]) {
    for (const command of commands) {
      const [[kind, object] = ['', {}]] = Object.entries(field(command, 'add') as Fields);
      this.#add(kind, object as Fields);
    }
  }

  #add(kind: string, object: Fields): void {
    const name = String(object['name']);
    if (kind === 'chain') {
      const { hook, prio } = object as { hook?: string; prio?: number };
      this.#chains.set(name, { rules: [], hook, prio: prio ?? 0 });
    } else if (kind === 'set') this.#sets.set(name, (object['elem'] ?? []) as unknown[]);
    else if (kind === 'rule')
      this.#chain(String(object['chain'])).rules.push(object['expr'] as Fields[]);
    else if (kind !== 'table' && kind !== 'counter') throw new Error(`No command ${kind}`);
  }

  #chain(name: string): Chain {
    const chain = this.#chains.get(name);
    if (chain === undefined) throw new Error(`There is no chain ${name}`);
    return chain;
  }

  /** Brings a packet through all chains with hooks, as far as it comes. */
  pass(packet: WirePacket): WireOutcome {
    const walk = new Walk(packet, (name) => this.#chain(name).rules, this.#sets);
    for (const hook of ['prerouting', 'postrouting'])
      for (const [name, { hook: at }] of this.#byPriority())
        if (at === hook && walk.isGoing) walk.enter(name);
    return walk.outcome;
  }

  #byPriority(): readonly (readonly [string, Chain])[] {
    return [...this.#chains].sort(([, one], [, other]) => one.prio - other.prio);
  }
}

/** One packet on its way. */
class Walk {
  readonly #packet: WirePacket;
  readonly #rulesOf: (chain: string) => readonly (readonly Fields[])[];
  readonly #sets: ReadonlyMap<string, readonly unknown[]>;
  readonly #counters: string[] = [];
  #verdict: WireOutcome['verdict'] = 'accept';
  #socket: string | undefined;
  #mark = 0;
  #connectionMark = 0;
  #destination: IpAddress;
  #port: number;
  #source: IpAddress | 'interface';
  #sourcePort: number;

  constructor(
    packet: WirePacket,
    rulesOf: (chain: string) => readonly (readonly Fields[])[],
    sets: ReadonlyMap<string, readonly unknown[]>,
  ) {
    this.#packet = packet;
    this.#rulesOf = rulesOf;
    this.#sets = sets;
    this.#destination = packet.destination;
    this.#port = packet.port;
    this.#source = packet.source;
    this.#sourcePort = packet.sourcePort;
  }

  /** Whether it goes on to the next hook: not where it was dropped, or has come to a socket. */
  get isGoing(): boolean {
    return this.#verdict === 'accept' && this.#socket === undefined;
  }

  get outcome(): WireOutcome {
    return {
      verdict: this.#verdict,
      counters: this.#counters,
      socket: this.#socket,
      mark: this.#mark,
      destination: this.#destination,
      port: this.#port,
      source: this.#source,
      sourcePort: this.#sourcePort,
    };
  }

  /** A chain with a hook: its policy is to accept. */
  enter(chain: string): void {
    const verdict = this.#run(chain);
    if (verdict === 'drop' || verdict === 'reject') this.#verdict = verdict;
  }

  #run(chain: string): Verdict {
    for (const rule of this.#rulesOf(chain)) {
      const verdict = this.#runRule(rule);
      if (verdict === 'return') return 'continue';
      if (verdict !== 'continue') return verdict;
    }
    return 'continue';
  }

  #runRule(rule: readonly Fields[]): Verdict {
    for (const statement of rule) {
      const [[word, value] = ['', undefined]] = Object.entries(statement);
      if (word === 'match') {
        if (!this.#matches(value as Fields)) return 'continue';
        continue;
      }
      const verdict = this.#carryOut(word, value);
      if (verdict !== undefined) return verdict;
    }
    return 'continue';
  }

  /** @returns what ends the rule; undefined if it goes on. */
  #carryOut(word: string, value: unknown): Verdict | undefined {
    switch (word) {
      case 'accept':
      case 'drop':
      case 'return':
      case 'reject':
        return word;
      case 'goto': {
        const verdict = this.#run(textOf(field(value, 'target')));
        return verdict === 'continue' ? 'return' : verdict;
      }
      case 'jump': {
        const verdict = this.#run(textOf(field(value, 'target')));
        return verdict === 'continue' ? undefined : verdict;
      }
      case 'vmap':
        return this.#goBy(value as Fields);
      case 'counter':
        this.#counters.push(String(value));
        return undefined;
      case 'limit':
      case 'log':
        return undefined;
      default:
        return this.#change(word, value as Fields | null);
    }
  }

  #goBy({ key, data }: Fields): Verdict | undefined {
    const wanted = this.#read(key) as Value | IpAddress | typeof NONE;
    const lines = field(data, 'set') as [Value, Fields][];
    const line = lines.find(([one]) => wanted !== NONE && this.#isOneOf(wanted, one));
    const [[word, target] = ['', undefined]] = Object.entries(line?.[1] ?? {});
    return line === undefined ? undefined : this.#carryOut(word, target);
  }

  #change(word: string, value: Fields | null): Verdict | undefined {
    switch (word) {
      case 'mangle': {
        const set = this.#read(value?.['value']) as number;
        if (JSON.stringify(value?.['key']).includes('"meta"')) this.#mark = set;
        else this.#connectionMark = set;
        return undefined;
      }
      case 'tproxy':
        this.#socket = `${textOf(value?.['addr'] ?? '*')} ${textOf(value?.['port'])}`;
        return undefined;
      case 'masquerade':
        this.#source = 'interface';
        return 'accept';
      case 'dnat':
        this.#destination = this.#placed(this.#destination, value ?? {});
        this.#port = Number(value?.['port'] ?? this.#port);
        return 'accept';
      case 'snat':
        this.#source = this.#placed(this.#packet.source, value ?? {});
        this.#sourcePort = Number(value?.['port'] ?? this.#sourcePort);
        return 'accept';
      default:
        throw new Error(`No statement ${word}`);
    }
  }

  /** Netmap keeps the bits behind the prefix; anything else is the address itself. */
  #placed(address: IpAddress, { addr, flags, family }: Fields): IpAddress {
    if ((family === 'ip') !== (address.family === 'ipv4')) throw new Error('Of the other family');
    if (addr === undefined) return address;
    if (flags !== 'netmap') return IpAddress.parse(textOf(addr));
    const prefix = field(addr, 'prefix');
    const subnet = Subnet.parse(`${textOf(field(prefix, 'addr'))}/${textOf(field(prefix, 'len'))}`);
    const words = address.words.map((word, index) => {
      const mask = subnet.netmask.words[index] ?? 0;
      return (((subnet.network.words[index] ?? 0) & mask) | (word & ~mask)) >>> 0;
    });
    return IpAddress.fromWords(address.family, words);
  }

  #matches({ op, left, right }: Fields): boolean {
    const value = this.#read(left);
    if (value === NONE) return false;
    const isIn = this.#isOneOf(value as Value | IpAddress, right);
    return op === '!=' ? !isIn : isIn;
  }

  #isOneOf(value: Value | IpAddress, right: unknown): boolean {
    if (Array.isArray(right)) return right.some((one) => this.#isOneOf(value, one));
    if (typeof right === 'string' && right.startsWith('@')) {
      const set = this.#sets.get(right.slice(1));
      if (set === undefined) throw new Error(`There is no set ${right}`);
      return set.some((one) => this.#isOneOf(value, one));
    }
    if (typeof right !== 'object' || right === null) return isEqual(value, right as Value);
    if ('set' in right) return (right.set as unknown[]).some((one) => this.#isOneOf(value, one));
    if ('range' in right) {
      const [low, high] = right.range as [Value, Value];
      return isBetween(value, low, high);
    }
    const prefix = field(right, 'prefix');
    const subnet = Subnet.tryParse(
      `${textOf(field(prefix, 'addr'))}/${textOf(field(prefix, 'len'))}`,
    );
    return value instanceof IpAddress && subnet?.contains(value) === true;
  }

  #read(expression: unknown): unknown {
    if (typeof expression !== 'object' || expression === null || Array.isArray(expression))
      return expression;
    const [[word, inner] = ['', undefined]] = Object.entries(expression);
    if (word === '&' || word === '|') {
      const [left, right] = (inner as unknown[]).map((one) => this.#read(one));
      if (left === 'flags') return 'syn'; // the first packet of a connection
      if (left === NONE) return NONE;
      const [one, other] = [Number(left), Number(right)];
      return (word === '&' ? one & other : one | other) >>> 0;
    }
    return this.#fact(word, inner as Fields);
  }

  #fact(word: string, fact: Fields): unknown {
    const { key } = fact;
    const packet = this.#packet;
    switch (word) {
      case 'meta':
        return this.#meta(String(key));
      case 'payload':
        return this.#payload(fact);
      case 'ct':
        return this.#connection(String(key));
      case 'ipsec':
        return packet.requestId ?? NONE;
      case 'socket':
        return NONE; // nobody has the connection yet
      case 'fib':
        return packet.isOwn ? 'local' : 'unicast';
      default:
        throw new Error(`No expression ${word}`);
    }
  }

  #meta(key: string): unknown {
    const packet = this.#packet;
    switch (key) {
      case 'nfproto':
        return packet.source.family;
      case 'l4proto':
        return packet.protocol;
      case 'iifname':
        return packet.interfaceName;
      case 'iifgroup':
        return packet.interfaceGroup;
      case 'mark':
        return this.#mark;
      default:
        throw new Error(`No meta ${key}`);
    }
  }

  #connection(key: string): unknown {
    const family = this.#packet.source.family === 'ipv4' ? 'ip daddr' : 'ip6 daddr';
    switch (key) {
      case 'state':
        return 'new';
      case 'direction':
        return 'original';
      case 'mark':
        return this.#connectionMark;
      case 'ip daddr':
      case 'ip6 daddr':
        return key === family ? this.#packet.destination : NONE;
      default:
        throw new Error(`No ct ${key}`);
    }
  }

  #payload({ protocol, field: name, offset }: Fields): unknown {
    const packet = this.#packet;
    if (protocol === 'ip' || protocol === 'ip6') {
      if ((protocol === 'ip') !== (packet.source.family === 'ipv4')) return NONE;
      return name === 'saddr' ? packet.source : this.#destination;
    }
    if (protocol === 'tcp') return packet.protocol === 6 ? 'flags' : NONE;
    if (protocol === 'th') return name === 'sport' ? packet.sourcePort : packet.port;
    return offset === 0 ? packet.icmp.type : packet.icmp.code;
  }
}

function isEqual(value: Value | IpAddress, right: Value): boolean {
  if (value instanceof IpAddress) return value.equals(IpAddress.parse(String(right)));
  return value === right || (typeof right === 'string' && value === NUMBERS[right]);
}

function isBetween(value: Value | IpAddress, low: Value, high: Value): boolean {
  if (!(value instanceof IpAddress))
    return Number(low) <= Number(value) && Number(value) <= Number(high);
  const [first, last] = [low, high].map((text) => IpAddress.parse(String(text)));
  if (first === undefined || last === undefined) return false;
  return value.compare(first) >= 0 && value.compare(last) <= 0;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error(`No text: ${JSON.stringify(value)}`);
}
