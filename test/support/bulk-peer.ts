// A peer that sends bulk both ways until it is killed, as a program:
//   node bulk-peer.ts serve PORT     listens, and prints `listening`
//   node bulk-peer.ts connect PORT   opens so many connections, and prints `connected` when bytes have come on each
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

const CONNECTIONS = 8;
const BULK = Buffer.alloc(1_048_576, 'bulk');

const [command, port] = process.argv.slice(2);
if (command === 'serve') serve(Number(port));
else if (command === 'connect') open(Number(port));

function serve(at: number): void {
  createServer(exchange).listen(at, '127.0.0.1', () => process.stdout.write('listening\n'));
}

function open(at: number): void {
  let waiting = CONNECTIONS;
  for (let count = 0; count < CONNECTIONS; count++) {
    const socket = connect({ port: at, host: '127.0.0.1' });
    exchange(socket);
    socket.once('data', () => {
      if (--waiting === 0) process.stdout.write('connected\n');
    });
  }
}

function exchange(socket: Socket): void {
  const go = (): void => {
    while (!socket.destroyed && socket.write(BULK));
  };
  socket.on('drain', go);
  socket.on('error', () => undefined);
  socket.resume();
  go();
}
