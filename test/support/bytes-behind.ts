// Servers that send bytes behind a response in the same write, and clients that pipeline: what they get must be the answers
// to their requests.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { talk } from './system-tcp.ts';

const STRAY = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray';

/** Answers `GET /WORD/LENGTH` with so many bytes in all, the word in them, and another response behind them. */
export function sayMore(socket: Socket): void {
  socket.on('error', () => undefined).on('end', () => socket.end());
  socket.on('data', (bytes: Buffer) => {
    for (const [, word = '', length = ''] of bytes.toString('latin1').matchAll(REQUESTS))
      socket.write(response(word, Number(length)) + STRAY);
  });
}

const REQUESTS = /GET \/(\w+)\/(\d+)/g;

function response(word: string, length: number): string {
  const head = (body: number): string =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${String(body).padStart(9, '0')}\r\n\r\n`;
  const body = length - head(0).length;
  return head(body) + word.padEnd(body, '.');
}

/** Asks for a response of such a length, and for another one at once. */
export async function assertAnswers(port: number, length: number): Promise<void> {
  const host = 'Host: web.example\r\n';
  const first = `GET /first/${length} HTTP/1.1\r\n${host}\r\n`;
  const second = `GET /second/100 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
  const { received } = await talk({ port, send: first + second });
  const answers = received.toString('latin1').match(/first|second|stray/g);
  assert.deepEqual(answers, ['first', 'second'], `${length} bytes`);
}
