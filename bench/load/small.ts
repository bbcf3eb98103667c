// Loads of small exchanges, each a fixed number of them.

import type { Socket } from 'node:net';
import { runDialogue } from './client.ts';
import type { Dialing } from './dial.ts';
import { requestText } from './request-text.ts';

const KEPT = requestText({ connection: 'keep-alive' });
const ONCE = requestText({ connection: 'close' });

/** How much is to be done, and to whom. */
export interface SmallLoad extends Dialing {
  readonly count: number;
  /** How many connections there are at the same time. */
  readonly connections: number;
  readonly hasAddedField: boolean;
  /** What is asked. Default: a plain request for /small. */
  readonly request?: string;
}

/** So many requests over connections that stay. */
export async function requestOnKeptConnections(load: SmallLoad): Promise<void> {
  let left = load.count;
  const mayAsk = (): boolean => left-- > 0;
  const dialogue = { ...load, request: load.request ?? KEPT, mayAsk };
  await Promise.all(
    Array.from({ length: load.connections }, () => runDialogue({ ...dialogue, atEnd: 'close' })),
  );
}

/** So many connections with one request each; `closer` ends them first. */
export async function connectAndRequest(
  load: SmallLoad,
  closer: 'client' | 'server',
): Promise<void> {
  let left = load.count;
  const { request = closer === 'server' ? ONCE : KEPT } = load;
  const atEnd = closer === 'server' ? 'wait-for-close' : 'close';
  const oneAfterTheOther = async (): Promise<void> => {
    while (left-- > 0) await runDialogue({ ...load, request, mayAsk: once(), atEnd });
  };
  await Promise.all(Array.from({ length: load.connections }, oneAfterTheOther));
}

/** So many connections that have made one request and now are idle, opened a few at a time. */
export async function openIdle(load: SmallLoad): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  let left = load.count;
  const oneAfterTheOther = async (): Promise<void> => {
    while (left-- > 0)
      sockets.push(await runDialogue({ ...load, request: KEPT, mayAsk: once(), atEnd: 'stay' }));
  };
  await Promise.all(Array.from({ length: load.connections }, oneAfterTheOther));
  return sockets;
}

function once(): () => boolean {
  let isFirst = true;
  return () => {
    const was = isFirst;
    isFirst = false;
    return was;
  };
}
