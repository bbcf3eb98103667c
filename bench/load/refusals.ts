// Whether a proxy refuses what its policy must not let through: a figure of one that checks nothing would be worth nothing.

import { connect } from 'node:net';

/** Sends requests that must be refused; rejects for one that got another answer than 403 or 405. */
export async function checkRefusals(
  requests: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<void> {
  for (const request of requests) {
    const status = await statusOf(port, request, signal);
    if (!/^HTTP\/1\.[01] 40[35] /.test(status))
      throw new Error(`Not refused but answered ${status.slice(0, 40)}: ${request.slice(0, 60)}`);
  }
}

function statusOf(port: number, request: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', signal });
    socket.once('connect', () => socket.write(request, 'latin1'));
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1', 0, 40));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('Closed without an answer'));
    });
  });
}
