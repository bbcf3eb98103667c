// Sessions with real programs over loopback, and what is left of them: nothing.
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { program } from '../../src/index.ts';
import type { Program, ProgramOptions, ProxyFactory } from '../../src/index.ts';
import { runInstance } from '../../src/instance/instance.ts';
import type { RunningInstance } from '../../src/instance/instance.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { MemoryLog } from './memory-log.ts';
import { children, descriptorsOf } from './own-process.ts';
import { loadedOf } from './system-instance.ts';
import { serve } from './system-tcp.ts';
import type { Talk } from './system-tcp.ts';
import { until } from './system-wait.ts';

/** The program of a session: a script of the shell, whose input is descriptor 0 and whose output is descriptor 1. */
export function script(text: string, options: Partial<ProgramOptions> = {}): Program {
  return program('script', { command: ['/bin/sh', '-c', text], ...options });
}

/** A running instance with one service, and the server behind it. */
export interface Lab {
  readonly instance: RunningInstance;
  readonly log: MemoryLog;
  readonly port: number;
  /** What the last connection of the server got. */
  readonly heard: () => string;
}

/** Runs a proxy before a server on loopback, and checks at the end that nothing is left of its programs. */
export async function lab(
  t: TestContext,
  proxy: ProxyFactory,
  handle: (socket: Socket) => void = (socket) => socket.on('end', () => socket.end()),
): Promise<Lab> {
  const before = { sockets: descriptorsOf('socket'), children: children().length };
  let heard = '';
  const server = await serve(t, (socket) => {
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    handle(socket);
  });
  const tested = service('tested', {
    proxy,
    router: directedRouter({ destination: `127.0.0.1:${server.port}` }),
  });
  const machine = zone('machine', {
    subnets: ['127.0.0.1'],
    outboundServices: [tested],
    inboundServices: [tested],
  });
  const policy = definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', tested)] });
  const log = new MemoryLog();
  const instance = await runInstance({ loaded: loadedOf(policy), instance: 'zorp', log });
  t.after(async () => {
    await instance.drain(1_000);
    await until(
      'nothing is left',
      () => children().length === before.children && descriptorsOf('socket') <= before.sockets + 1,
      {
        seen: () => `${descriptorsOf('socket')} sockets, ${children().join(' ')}`,
      },
    );
  });
  return {
    instance,
    log,
    port: Number(instance.listening[0]?.split(':').at(-1)),
    heard: () => heard,
  };
}

/** The verdict and the reason of the first session. */
export async function reasonOf({ log }: Lab): Promise<string> {
  const record = await until('there is a record', () => log.records[0]);
  return `${record.verdict} ${record.reason}`;
}

/** What a client got, one character a byte. */
export function textOf({ received }: Talk): string {
  return received.toString('latin1');
}

/** A verdict on descriptor 3, and its answer: then it has been heard. */
export function verdict(word: string, description = 'told so'): string {
  const message = `0 SETVERDICT\\n[${word.length}]Verdict\\n${word}\\n[]Description\\n${description}\\n\\n`;
  return `printf '${message}' >&3; read answer <&3; read answer <&3; read answer <&3`;
}
