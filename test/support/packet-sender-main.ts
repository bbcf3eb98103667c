// Sends Ethernet frames as they are: each line of standard input is the index of an interface and a frame in hexadecimal
// digits, a line `done N` is answered with the same when all before it are sent.
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

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [first = '', frame = ''] = line.split(' ');
  if (first === 'done') {
    process.stdout.write(`${line}\n`);
    continue;
  }
  const bytes = Buffer.from(frame, 'hex');
  const socket = socketAt(Number(first));
  memory.bytes.set(bytes);
  check(libc.send(socket, memory.address, bytes.length, 0), 'send');
}
