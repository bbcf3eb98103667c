// What hostile clients do: each attack opens its connections and goes on until it is told to stop.

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** What is seen of the connections of an attack. */
export interface Tally {
  opened: number;
  /** Connections that the proxy ended, by the status that it answered with; 0: without an answer. */
  readonly ended: Map<number, number>;
  /** Bytes that were handed to the system for sending. */
  sent: number;
}

/** One way to attack. */
export interface Attack {
  readonly name: string;
  /** What it does, for the table. */
  readonly what: string;
  run(target: Target): Promise<void>;
}

/** Where an attack goes, and until when. */
export interface Target {
  readonly port: number;
  readonly tally: Tally;
  readonly until: AbortSignal;
}

/** Bytes without end. */
interface Flood {
  /** Default: 50. */
  readonly clients?: number;
  /** What comes first. */
  readonly head: string;
  /** What comes again and again. */
  readonly piece: Buffer;
  /** Of each connection. Default: no end. */
  readonly maxBytes?: number;
}

const IDLE_CONNECTIONS = 10_000;
const OPEN_AT_ONCE = 500;
const CONNECTIONS_A_SECOND = 5_000;
const JUNK_BYTES = 1024 ** 3;
/** What a bomb becomes when it is decoded. */
const BOMB_BYTES = 64 * 1024 ** 2;
const PIECE_BYTES = 64 * 1024;
const HEAD = 'POST /small HTTP/1.1\r\nHost: bench\r\n';

/** All attacks, in the order of the table. */
export const ATTACKS: readonly Attack[] = [
  {
    name: 'slow header',
    what: '500 clients send a byte of a head a second',
    run: (target): Promise<void> => trickle(target, 500, 'GET / HTTP/1.1\r\n', 'X'),
  },
  {
    name: 'slow body',
    what: '500 clients send a byte of a body a second',
    run: (target) => trickle(target, 500, `${HEAD}Content-Length: 1000000\r\n\r\n`, 'x'),
  },
  {
    name: 'slow reader',
    what: '200 clients ask for 100 MiB and read nothing',
    run: readNothing,
  },
  {
    name: 'idle',
    what: `${IDLE_CONNECTIONS} clients connect and say nothing`,
    run: sayNothing,
  },
  {
    name: 'endless head',
    what: '50 clients send fields without end',
    run: (target) =>
      flood(target, { head: 'GET / HTTP/1.1\r\nHost: bench\r\n', piece: repeat('a: b\r\n') }),
  },
  {
    name: 'endless chunks',
    what: '50 clients send chunks of one byte without end',
    run: (target) =>
      flood(target, {
        head: `${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
        piece: repeat('1\r\nx\r\n'),
      }),
  },
  {
    name: 'odd chunks',
    what: '50 clients send such chunks with zeros before their sizes',
    run: (target) =>
      flood(target, {
        head: `${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
        piece: repeat('0001\r\nx\r\n'),
      }),
  },
  {
    name: 'bombs',
    what: `50 clients send ${BOMB_BYTES / 1024 ** 2} MiB in a few bytes, to be looked at`,
    run: explode,
  },
  {
    name: 'junk',
    what: '1 GiB of junk before a request, and again when it is refused',
    run: (target) =>
      flood(target, { clients: 1, head: '', piece: repeat('x'), maxBytes: JUNK_BYTES }),
  },
  {
    name: 'empty lines',
    what: '50 clients send empty lines without end',
    run: (target) => flood(target, { head: '', piece: repeat('\r\n') }),
  },
  {
    name: 'connections',
    what: `${CONNECTIONS_A_SECOND} new connections a second, a request each`,
    run: comeAndGo,
  },
];

/** Opens a connection, sends what is given, and counts how it ends. */
function open({ port, tally, until }: Target, first: string): Socket | undefined {
  if (until.aborted) return undefined;
  // Many source addresses: one has not enough ports.
  const localAddress = `127.0.${1 + (tally.opened % 200)}.1`;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  tally.opened++;
  let status = 0;
  let stopped = false;
  socket.once('data', (bytes) => (status = Number(bytes.toString('latin1', 9, 12)) || 0));
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    if (!stopped) tally.ended.set(status, (tally.ended.get(status) ?? 0) + 1);
  });
  until.addEventListener('abort', () => {
    stopped = true;
    socket.destroy();
  });
  if (first !== '') socket.write(first);
  return socket;
}

async function trickle(target: Target, count: number, head: string, byte: string): Promise<void> {
  const sockets = Array.from({ length: count }, () => open(target, head));
  while (!target.until.aborted) {
    await sleep(1000, undefined, { signal: target.until }).catch(() => undefined);
    for (const socket of sockets) if (socket?.writable === true) socket.write(byte);
  }
}

async function readNothing(target: Target): Promise<void> {
  const request = 'GET /large HTTP/1.1\r\nHost: bench\r\n\r\n';
  for (let count = 0; count < 200; count++) open(target, request)?.pause();
  await over(target);
}

async function sayNothing(target: Target): Promise<void> {
  for (let count = 0; count < IDLE_CONNECTIONS && !target.until.aborted; count++) {
    open(target, '');
    if (count % OPEN_AT_ONCE === 0) await sleep(50);
  }
  await over(target);
}

async function comeAndGo(target: Target): Promise<void> {
  const request = 'GET /small HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n';
  while (!target.until.aborted) {
    const start = performance.now();
    for (let count = 0; count < CONNECTIONS_A_SECOND / 100; count++) open(target, request);
    await sleep(Math.max(0, 10 - (performance.now() - start)));
  }
}

/** Bodies in gzip and brotli that become a thousand and a million times as long. */
async function explode(target: Target): Promise<void> {
  const zeros = Buffer.alloc(BOMB_BYTES);
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
  const bombs = { gzip: gzipSync(zeros), br: brotliCompressSync(zeros, options) };
  const floods = Object.entries(bombs).map(([coding, piece]) => {
    const head = `PUT /small HTTP/1.1\r\nHost: bench\r\nContent-Encoding: ${coding}\r\nContent-Length: ${piece.length}\r\n\r\n`;
    return flood(target, { clients: 25, head, piece, maxBytes: piece.length });
  });
  await Promise.all(floods);
}

/** Sends as fast as it is taken; a connection that was ended is opened anew. */
async function flood(target: Target, what: Flood): Promise<void> {
  const { clients = 50 } = what;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (!target.until.aborted) await floodOnce(target, what);
    }),
  );
}

function floodOnce(target: Target, { head, piece, maxBytes = Infinity }: Flood): Promise<void> {
  return new Promise((resolve) => {
    const socket = open(target, head);
    if (socket === undefined) {
      resolve();
      return;
    }
    let left = maxBytes;
    const go = (): void => {
      while (socket.writable && left > 0) {
        left -= piece.length;
        target.tally.sent += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('connect', go);
    socket.on('drain', go);
    socket.on('close', () => resolve());
  });
}

function over({ until }: Target): Promise<void> {
  if (until.aborted) return Promise.resolve();
  return new Promise((resolve) => until.addEventListener('abort', () => resolve()));
}

function repeat(text: string): Buffer {
  return Buffer.from(text.repeat(Math.ceil(PIECE_BYTES / text.length)));
}
