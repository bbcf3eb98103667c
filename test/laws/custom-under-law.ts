// Proxies of the policy's own under the laws: scripts that keep to the rules, and scripts that try everything else.

import fc from 'fast-check';
import { program } from '../../src/policy/program.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { abort, accept, reject } from '../../src/proxy/policy-action.ts';
import type {
  Conversation,
  CustomOptions,
  Script,
  ScriptResult,
} from '../../src/protocols/custom/index.ts';
import { customProxy } from '../../src/protocols/custom/index.ts';
import type { Waiting } from '../../src/protocols/custom/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';
import { failed, settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

function make(script: Script, options: CustomOptions = {}): ProxyFactory {
  return customProxy('law', script, { encoding: 'latin1', ...options });
}

/** A guard of lines: who asks for what is not permitted is told so. */
const lineScript: Script = function* ({ client, server, connect, log }) {
  client.sendLine('hello');
  yield* connect();
  for (;;) {
    const line = yield* client.readLine();
    if (line === undefined) return accept();
    if (line === 'quit') return reject('bye');
    log(`asked for ${line}`);
    server.sendLine(line);
    const answer = yield* server.readLine();
    if (answer === undefined) return reject('no answer');
    client.sendLine(answer);
  }
};

/** A length, then so many bytes, both ways by turns. */
const byteScript: Script = function* ({ client, server, tryConnect }) {
  if ((yield* tryConnect({ host: 'a.example', port: 7 })) !== undefined) yield* tryConnect();
  for (;;) {
    const length = yield* client.readBytes(1);
    if (length === undefined) return accept();
    const body = yield* client.readBytes((length[0] ?? 0) % 16);
    if (body === undefined) return reject('cut short');
    server.send(length);
    server.send(body);
    const answer = yield* server.readLineBytes();
    if (answer === undefined) return accept();
    client.send(answer);
  }
};

/** Whoever says something first is heard first. */
const chatScript: Script = function* ({ client, connect, nextLine }) {
  yield* connect();
  for (let ends = 0; ends < 2;) {
    const { from, to, line } = yield* nextLine();
    if (line === undefined) {
      ends++;
      to.end();
    } else to.sendLine(`${from.name}: ${line}`);
  }
  client.end();
  return accept();
};

/** A text that is read whole, and one that passes in pieces. */
const wholeScript: Script = function* ({ client, server, connect, relay }) {
  const all = yield* client.readToEnd(100);
  yield* connect();
  server.send(all);
  server.end();
  client.send(`${String(yield* server.relay(5))} bytes`);
  const rest = yield* server.readToEnd();
  client.send(rest);
  yield* relay(); // after server.end() this is against the rules
  return accept();
};

const relayScript: Script = function* ({ client, connect, relay }) {
  const line = yield* client.readLine();
  if (line === undefined) return reject();
  yield* connect();
  yield* client.relay(10);
  yield* relay();
  return accept();
};

const waitScript: Script = function* ({ client, server, connect, wait }) {
  for (;;) {
    const line = yield* client.readLine();
    if (line === undefined) return accept();
    if (!(yield* wait(settled(line !== 'no')))) return reject('The look-up says no');
    if (line === 'connect') yield* connect();
    else if (line === 'send') server.sendLine('sent');
    else if (line === 'fail') yield* wait(failed(new Error('no database')));
  }
};

const filter = program('filter', { command: ['/bin/cat'] });

/** Everything passes through a child after a first line. */
const throughScript: Script = function* ({ client, server, connect, relayThrough }) {
  const line = yield* client.readLine();
  yield* connect();
  server.sendLine(line ?? 'nothing');
  yield* relayThrough(filter);
  return accept();
};

/** Bodies through a child, counted, both ways; what came of each is said, and the next one follows. */
const bodiesScript: Script = function* ({ client, server, connect }) {
  yield* connect();
  for (;;) {
    const length = yield* client.readBytes(1);
    if (length === undefined) return accept();
    const up = yield* client.relayThrough(filter, {
      length: (length[0] ?? 0) % 16,
      preamble: 'up ',
    });
    if (up.outcome === 'aborted') return abort(up.description);
    client.sendLine(`${up.outcome} ${String(up.sentBytes)} ${up.verdict}`);
    const down = yield* server.relayThrough(filter, {
      length: 3,
      keepAlive: { everyMs: 1_000, data: '.' },
    });
    client.sendLine(`${down.outcome} ${String(down.sentBytes)} ${String(down.keptAlive)}`);
    yield* server.relay(2);
  }
};

/** A body that the server has to want, as the rest of what the client says. */
const announcedScript: Script = function* ({ client, server, connect }) {
  yield* connect();
  const { outcome, reason } = yield* client.relayThrough(filter, {
    completeCopy: true,
    format: 'email',
    *preamble(length) {
      server.sendLine(`DATA ${String(length)}`);
      return (yield* server.readLine()) === 'send';
    },
  });
  client.sendLine(`${outcome} ${reason}`);
  if (outcome === 'finished') client.send((yield* server.readBytes(2)) ?? 'nothing');
  return accept();
};

const THROWN = new Error('thrown');

/** What is against the rules, at once. */
const DEEDS: readonly ((conversation: Conversation) => unknown)[] = [
  () => {
    throw THROWN;
  },
  ({ client }) => {
    for (;;) client.send('round and round');
  },
  ({ server }) => {
    server.send('too early');
  },
  ({ server }) => {
    server.sendLine('two\nlines');
  },
  ({ client }) => {
    client.send(undefined as never);
  },
  ({ client }) => {
    client.end();
    client.send('too late');
  },
  ({ relay }) => relay(),
  ({ relayThrough }) => relayThrough(filter),
];

/** What is against the rules, and waited for. */
const LONG_DEEDS: readonly ((conversation: Conversation) => Waiting<unknown>)[] = [
  function* ({ client }) {
    for (;;) yield* client.relay(0);
  },
  function* ({ wait }) {
    for (;;) yield* wait(settled(1));
  },
  function* () {
    yield 'garbage' as never;
  },
  function* ({ connect }) {
    yield* connect();
    yield* connect();
  },
  function* ({ wait }) {
    yield* wait(accept as never);
  },
  function* ({ client }) {
    yield* client.readBytes(-1);
  },
  function* ({ client }) {
    yield* client.startTls();
  },
  function* ({ client, connect, relay }) {
    yield* connect();
    client.end();
    yield* relay();
  },
  function* ({ client, connect }) {
    yield* connect();
    for (;;) yield* client.relayThrough(filter, { length: 0 });
  },
  function* ({ server, connect, relay }) {
    yield* connect();
    yield* server.relayThrough(filter, {
      *preamble() {
        yield* relay();
        return true;
      },
    });
  },
  function* ({ client, connect, relayThrough }) {
    yield* connect();
    yield* client.relayThrough(filter, { length: 1 });
    yield* relayThrough(filter);
  },
];

/** Does what its client says, and goes on after each error but its own. */
const hostileScript: Script = function* (conversation) {
  for (;;) {
    try {
      const byte = yield* conversation.client.readBytes(1);
      if (byte === undefined) return byte as never;
      const choice = byte[0] ?? 0;
      if (choice % 2 === 0) DEEDS[choice % DEEDS.length]?.(conversation);
      else yield* LONG_DEEDS[choice % LONG_DEEDS.length]?.(conversation) ?? [];
    } catch (error) {
      // It does not give up what the engine refuses.
      if (error === THROWN) throw error;
    }
  }
};

/** It makes a text of what refuses. */
const tellRefusal: CustomOptions['tellRefusal'] = ({ reason, message }) => `${reason} ${message}\n`;

/** Asks about each line before it goes on. */
function* guarded(
  isAccepted: (line: string) => boolean,
  conversation: Conversation,
): Waiting<ScriptResult> {
  const { client, server, connect, wait } = conversation;
  let isConnected = false;
  for (;;) {
    const line = yield* client.readLine();
    if (line === undefined) return accept();
    if (!isAccepted(line)) return reject('No');
    if (!isConnected) yield* connect();
    isConnected = true;
    server.sendLine(line);
    yield* wait(settled(true)); // what is asked next is asked in another event: the law looks at whole events
  }
}

const line = fc.oneof(
  fc.constantFrom('quit', 'no', 'connect', 'send', 'fail', '', '\x05hello'),
  fc.string({ unit: anyByte, maxLength: 30 }),
);
const says = fc.tuple(line, fc.constantFrom('\r\n', '\n', '')).map(([text, end]) => text + end);

const happenings = [
  clientEnds(),
  serverEnds(),
  ...['idle', 'read.client', 'transfer.idle', 'transfer.progress'].map(elapses),
];

const dialogues: fc.Arbitrary<Dialogue> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: says.map(client) },
    { weight: 4, arbitrary: says.map((text) => server(text)) },
    { weight: 1, arbitrary: fc.constantFrom(...happenings) },
  ),
  { maxLength: 10 },
);

/** Proxies of the policy's own. */
export const CUSTOM: ProxyUnderLaw = {
  name: 'custom',
  variants: {
    lines: make(lineScript, { tellRefusal }),
    'short lines': make(lineScript, { clientMaxLineLength: 9, serverMaxLineLength: 5 }),
    'strict lines in UTF-8': make(lineScript, { encoding: 'utf-8', lineEnd: 'crlf', tellRefusal }),
    'connected first': make(lineScript, { connect: 'first', lineEnd: 'lf' }),
    bytes: make(byteScript),
    // Held sides only here, where the script says whose turn it is: otherwise a hold decides a race of the peers.
    'bytes that are held': make(byteScript, { maxBufferedBytes: 20 }),
    chat: make(chatScript),
    whole: make(wholeScript),
    relay: make(relayScript),
    promises: make(waitScript, { tellRefusal }),
    hostile: make(hostileScript, { tellRefusal, stacks: [filter] }),
    'through a child': make(throughScript, { tellRefusal, stacks: [filter] }),
    bodies: make(bodiesScript, { tellRefusal, stacks: [filter] }),
    'a body that is announced': make(announcedScript, { stacks: [filter], lineEnd: 'lf' }),
    'words that fail': make(lineScript, {
      tellRefusal: () => {
        throw new Error('no words');
      },
    }),
  },
  refusing: {
    'reject at once': make(function* ({ client }) {
      return (yield* client.readLine()) === undefined ? accept() : reject('No');
    }),
    'no yes': make(function* (conversation) {
      return yield* guarded(() => false, conversation);
    }),
    'reject later': make(function* ({ client, connect, wait }) {
      yield* client.readLine();
      if (!(yield* wait(settled(false)))) return reject('No');
      yield* connect();
      return accept();
    }),
    'fail later': make(function* ({ client, connect, wait }) {
      yield* client.readLine();
      yield* wait(failed(new Error('No')));
      yield* connect();
      return accept();
    }),
    'forgets to wait': make(function* ({ client, connect }) {
      connect();
      yield* client.readLine();
      return accept();
    }),
    'sends without a server': make(function* ({ client, server }) {
      yield* client.readLine();
      server.send('hello');
      return accept();
    }),
  },
  asking: (isAccepted) =>
    make(function* (conversation) {
      return yield* guarded(isAccepted, conversation);
    }),
  dialogues,
  timers: ['idle', 'read.client', 'read.server', 'transfer.idle', 'transfer.progress'],
  beginnings: [
    [],
    [client('hello\r\n')],
    [client('hello\r\n'), server('welcome\r\n')],
    [clientEnds()],
  ],
  pieces: ['quit\r\n', 'a\n', '\n', '\r'],
  // Both sides: what waits until a side is held, and one read more, in a buffer that has grown by half.
  maxHeldBytes: 2 * 1.5 * 2 * 65_536,
};
