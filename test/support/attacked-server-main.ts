// The server behind an attacked proxy, as a process: it answers GET, reads all else and says nothing to it, and does not look
// at what it reads, so that it is not what an attack wears out. Arguments: the port. It says "ready" when it listens.
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

const SMALL = answer(1024);
const LARGE = answer(20 * 1024 * 1024);
const [port = 0] = process.argv.slice(2).map(Number);

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', (bytes) => begin(socket, bytes));
}).listen({ port, host: '127.0.0.1', backlog: 4096 }, () => process.stdout.write('ready\n'));

/** One request a connection, whose head comes in one piece. */
function begin(socket: Socket, bytes: Buffer): void {
  if (!bytes.toString('latin1', 0, 4).startsWith('GET ')) socket.resume();
  else socket.end(bytes.includes(' /large ') ? LARGE : SMALL);
}

function answer(length: number): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
  return Buffer.from(head + 'x'.repeat(length), 'latin1');
}
