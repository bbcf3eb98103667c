// A client connection of the load: asks for /small, checks each answer, asks again.
//
// Own clients and not wrk: they send exactly as many requests as are to be counted, check every answer, and are there on
// any machine. They cost more than wrk, but what they cost is not counted.

import type { Socket } from 'node:net';
import { checkAnswer } from './answer.ts';
import type { Dialing } from './dial.ts';
import { dial } from './dial.ts';
import { HOST } from './request-text.ts';

/** What a client connection does. */
export interface Dialogue extends Dialing {
  /** By TLS it is asked of the server whose name was given there. */
  readonly request: string;
  readonly hasAddedField: boolean;
  /** Called before each request: whether to send it. */
  readonly mayAsk: () => boolean;
  /** What the client does when it may not ask any more. */
  readonly atEnd: 'close' | 'wait-for-close' | 'stay';
}

/** Runs a dialogue to its end and gives the socket; rejects if anything was not as it must be. */
export async function runDialogue(dialogue: Dialogue): Promise<Socket> {
  const { socket, host } = await dial(dialogue);
  const request =
    host === undefined ? dialogue.request : dialogue.request.replace(HOST, `Host: ${host}`);
  return converse(socket, { ...dialogue, request });
}

function converse(socket: Socket, dialogue: Dialogue): Promise<Socket> {
  const { atEnd, signal } = dialogue;
  return new Promise((resolve, reject) => {
    let held: Buffer | undefined;
    let isDone = false;
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const giveUp = (): void => {
      fail(new Error('Out of time'));
    };
    const ask = (): void => {
      if (dialogue.mayAsk()) {
        socket.write(dialogue.request, 'latin1');
        return;
      }
      isDone = true;
      if (atEnd === 'close') socket.end();
      if (atEnd === 'stay') finish();
    };
    const finish = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(socket);
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
        const isWhole = checkAnswer(bytes, dialogue) === 'whole';
        held = isWhole ? undefined : bytes;
        if (isWhole) ask();
      } catch (error) {
        fail(error);
      }
    });
    socket.once('error', fail);
    socket.once('close', () => {
      if (isDone) finish();
      else fail(new Error('Closed before the answer was whole'));
    });
    signal.addEventListener('abort', giveUp);
    if (socket.destroyed) fail(new Error('Closed before the request'));
    else ask();
  });
}
