// Sends Ethernet frames as they are: each line of standard input is the index of an interface and a frame in hexadecimal
// digits, a line `done N` is answered with the same when all before it are sent. With `keep` before it a frame is kept, and
// `run N` sends the kept ones in turn, N together, and is answered with how many microseconds that took.
import { createInterface } from 'node:readline';
import { allocateGuarded } from '../../src/io/guarded-memory.ts';
import { errorName } from '../../src/io/libc.ts';
import { SOCK_RAW } from '../../src/io/linux-constants.ts';
import { testLibc } from './driver-needs.ts';

const AF_PACKET = 17;
const LINK_ADDRESS_BYTES = 20; // struct sockaddr_ll of packet(7)

const libc = testLibc();
const memory = allocateGuarded(libc, 65_536);
const sockets = new Map<number, number>();

function check(result: number, what: string): number {
  if (result === -1) throw new Error(`${what}: ${errorName(libc.errno())}`);
  return result;
}

function socketAt(index: number): number {
  const known = sockets.get(index);
  if (known !== undefined) return known;
  const made = check(libc.socket(AF_PACKET, SOCK_RAW, 0), 'socket'); // protocol 0: it receives nothing
  memory.bytes.fill(0, 0, LINK_ADDRESS_BYTES);
  memory.view.setUint16(0, AF_PACKET, true);
  memory.view.setInt32(4, index, true);
  check(libc.bind(made, memory.address, LINK_ADDRESS_BYTES), `bind to interface ${index}`);
  sockets.set(index, made);
  return made;
}

function send(index: string, frame: Buffer): void {
  const socket = socketAt(Number(index));
  memory.bytes.set(frame);
  check(libc.send(socket, memory.address, frame.length, 0), 'send');
}

const kept: (readonly [index: string, frame: Buffer])[] = [];

function sendKept(count: number): number {
  const start = performance.now();
  for (let sent = 0; sent < count; sent++) {
    const [index, frame] = kept[sent % kept.length] ?? [];
    if (index !== undefined && frame !== undefined) send(index, frame);
  }
  return (performance.now() - start) * 1000;
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [first = '', second = '', third = ''] = line.split(' ');
  if (first === 'done') process.stdout.write(`${line}\n`);
  else if (first === 'run') process.stdout.write(`${line} ${sendKept(Number(second))}\n`);
  else if (first === 'keep') kept.push([second, Buffer.from(third, 'hex')]);
  else send(first, Buffer.from(second, 'hex'));
}
