// A small authoritative DNS server for tests, on a port of this machine: it says what a table says.
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { IpAddress } from '../../src/address/ip-address.ts';

/** What the server says of a name. A name that is not in its table does not exist. */
export interface DnsEntry {
  /** Addresses of either family. */
  readonly addresses?: readonly string[];
  /** Another name that this one stands for; the answer has nothing else. */
  readonly alias?: string;
  /** The answer has the records of the alias too, as that of a recursive server. */
  readonly isFollowed?: boolean;
  /** Seconds. Default: 60. */
  readonly ttl?: number;
  readonly failure?: 'servfail' | 'refused' | 'silence';
}

const TYPE_A = 1;
const TYPE_CNAME = 5;
const TYPE_AAAA = 28;
const CLASS_IN = 1;
const CODES = { none: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** The bytes of name, type and class, as they came. */
  readonly bytes: Buffer;
}

/** A DNS server with a table. */
export class DnsServer {
  readonly table = new Map<string, DnsEntry>();
  /** The questions that came: `A www.example.org`. */
  readonly asked: string[] = [];
  readonly #socket: Socket;

  /** On a socket that is bound; `start` makes both. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message, sender) => this.#answer(message, sender));
  }

  /** Starts it, by default at a free port of 127.0.0.1. */
  static async start(host = '127.0.0.1', port = 0): Promise<DnsServer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  /** Where it listens, as text. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  set(name: string, entry: DnsEntry): void {
    this.table.set(name, entry);
  }

  close(): void {
    this.#socket.close();
  }

  #answer(message: Buffer, sender: RemoteInfo): void {
    const question = readQuestion(message);
    this.asked.push(`${TYPE_NAMES[question.type] ?? question.type} ${question.name}`);
    const entry = this.table.get(question.name);
    if (entry?.failure === 'silence') return;
    const code = entry === undefined ? 'nxdomain' : (entry.failure ?? 'none');
    const records = entry === undefined || code !== 'none' ? [] : this.#records(question, entry);
    const header = Buffer.alloc(12);
    header.writeUInt16BE(question.id, 0);
    header.writeUInt16BE(0x8580 | CODES[code], 2); // an answer, authoritative, recursion asked for and there
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    this.#socket.send(
      Buffer.concat([header, question.bytes, ...records]),
      sender.port,
      sender.address,
    );
  }

  #records({ name, type }: Question, entry: DnsEntry): readonly Buffer[] {
    const { ttl = 60, alias } = entry;
    if (alias !== undefined) {
      const target = entry.isFollowed === true ? this.table.get(alias) : undefined;
      const further =
        target === undefined ? [] : this.#records({ ...NO_QUESTION, name: alias, type }, target);
      return [record({ name, type: TYPE_CNAME, ttl }, encodeName(alias)), ...further];
    }
    return (entry.addresses ?? [])
      .map((text) => IpAddress.parse(text))
      .filter(({ family }) => type === (family === 'ipv4' ? TYPE_A : TYPE_AAAA))
      .map((address) => record({ name, type, ttl }, address.toBytes()));
  }
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [TYPE_A]: 'A',
  [TYPE_CNAME]: 'CNAME',
  [TYPE_AAAA]: 'AAAA',
};
const NO_QUESTION: Question = { id: 0, name: '', type: 0, bytes: Buffer.alloc(0) };

function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let offset = 12;
  for (let length = message[offset] ?? 0; length > 0; length = message[offset] ?? 0) {
    labels.push(message.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  const end = offset + 5;
  const name = labels.join('.').toLowerCase();
  const type = message.readUInt16BE(offset + 1);
  return { id: message.readUInt16BE(0), name, type, bytes: message.subarray(12, end) };
}

function record(
  { name, type, ttl }: { readonly name: string; readonly type: number; readonly ttl: number },
  data: Uint8Array,
): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

function encodeName(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  return Buffer.concat([...labels, Buffer.of(0)]);
}
