// The clients and servers of system-tcp.ts as programs, for the inside of a lab:
//   node system-tcp-main.ts serve ADDRESS PORT     greets, sends back what it gets, prints each connection at its end
//   node system-tcp-main.ts inetd ADDRESS PORT PROGRAM ARGS   runs a program for each connection, as inetd does
//   node system-tcp-main.ts talk '{"port":...}'    prints what the client saw
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Talk, TalkOptions } from './system-tcp.ts';
import { serve, talk } from './system-tcp.ts';

/** What `talk` prints. */
export interface PrintedTalk {
  readonly text: string;
  readonly ended: Talk['ended'];
}

/** What `serve` prints of each connection. */
export interface PrintedConnection {
  readonly text: string;
  readonly from: string;
}

/** What the server says first. */
export const GREETING = 'hello from the server\n';

const [command, ...args] = process.argv.slice(2);
if (command === 'talk') await printTalk(args[0] ?? '');
else if (command === 'inetd') runInetd(args);
else if (command === 'serve') await printServe(args[0] ?? '', Number(args[1]));

async function printTalk(options: string): Promise<void> {
  const { received, ended } = await talk(JSON.parse(options) as TalkOptions);
  print({ text: received.toString('latin1'), ended } satisfies PrintedTalk);
}

async function printServe(host: string, port: number): Promise<void> {
  const forEver = { after: () => undefined };
  await serve(
    forEver,
    (socket) => {
      let text = '';
      const from = String(socket.remoteAddress);
      socket.write(GREETING);
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        socket.write(bytes);
      });
      socket.on('end', () => socket.end());
      socket.on('close', () => print({ text, from } satisfies PrintedConnection));
    },
    { host, port },
  );
  print('ready');
}

function runInetd([host = '', port, program = '', ...rest]: readonly string[]): void {
  // Paused, so that the program reads all that has come; its standard input and output are the connection itself.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    spawn(program, rest, { stdio: [socket, socket, 'inherit'] });
    socket.destroy();
  });
  server.listen(Number(port), host, () => {
    print('ready');
  });
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
