// A back end that answers each request, and tells what llhttp reads in the bytes that have come.

import type { Socket } from 'node:net';
import type { ReadMessage } from './llhttp.ts';
import { Llhttp } from './llhttp.ts';
import type { Owner } from './system-process.ts';
import { serve } from './system-tcp.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** A server that records. */
export interface RecordingServer {
  readonly port: number;
  /** The requests that have come since this was asked for the last time. */
  readonly take: () => readonly ReadMessage[];
}

/** Starts a server that is closed with its owner. */
export async function startRecordingServer(owner: Owner): Promise<RecordingServer> {
  const requests: ReadMessage[] = [];
  const { port } = await serve(owner, (socket) => record(socket, requests));
  return { port, take: () => requests.splice(0) };
}

/** Reads one connection. What is no request to llhttp is told as a message of its own. */
function record(socket: Socket, requests: ReadMessage[]): void {
  const llhttp = new Llhttp('requests');
  let bytes = Buffer.alloc(0);
  let answered = 0;
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    const { messages, error } = llhttp.read(bytes);
    for (const message of messages.slice(answered)) {
      requests.push(message);
      socket.write(ANSWER);
    }
    answered = messages.length;
    if (error === undefined) return;
    requests.push({ line: error, fields: [], body: bytes.toString('latin1') });
    socket.destroy();
  });
  socket.on('end', () => socket.end());
}
