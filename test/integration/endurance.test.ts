// What is taken is given back: after many connections, after policy functions that throw, after peers that reset at any
// byte, and after the descriptors ran out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { accept } from '../../src/proxy/policy-action.ts';
import { httpProxy, replace } from '../../src/protocols/http/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { needs } from '../support/needs.ts';
import { assertNoBug, leavesNothing, startInstance } from '../support/system-instance.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { plugPolicy, policyPath } from '../support/system-policy.ts';
import type { Owner } from '../support/system-process.ts';
import { answerWith, echo, serve, talk } from '../support/system-tcp.ts';
import type { Talk, TalkOptions } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: www.example\r\nConnection: close\r\n\r\n';
const PAGE = 'a page of the server';

/** Ways to talk through a proxy, each to the end. */
const DIALOGUES: Readonly<Record<string, Dialogue>> = {
  plug: {
    proxy: () => plugProxy({ shutdownSoft: true }),
    handle: echo,
    talk: { send: 'ping', then: 'end' },
    answer: /^ping$/,
  },
  http: {
    proxy: () => httpProxy(),
    handle: answerWith(PAGE),
    talk: { send: REQUEST },
    answer: /^HTTP\/1\.1 200 [^]*a page of the server$/,
  },
};

interface Dialogue {
  readonly proxy: () => ReturnType<typeof plugProxy>;
  readonly handle: (socket: Socket) => void;
  readonly talk: Omit<TalkOptions, 'port'>;
  readonly answer: RegExp;
}

async function startDialogue(
  owner: Owner,
  name: string,
): Promise<TestInstance & { one: () => Promise<void> }> {
  const { proxy, handle, talk: options, answer } = DIALOGUES[name] as Dialogue;
  const server = await serve(owner, handle);
  const started = await startInstance(owner, server.port, { it: proxy() });
  const port = started.ports['it'] ?? 0;
  const one = async (): Promise<void> => {
    const { received, ended } = await talk({ ...options, port });
    assert.match(received.toString('latin1'), answer, `it ended with ${ended}`);
  };
  return { ...started, one };
}

/** Does a thing so often, a few at a time, or all at once. */
async function repeat(
  count: number,
  atATime: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, count) }, worker));
}

const SEQUENTIAL = 10_000;
const PARALLEL = 1_000;

describe('many connections', () => {
  for (const name of Object.keys(DIALOGUES)) {
    it(
      `${name}: ${SEQUENTIAL} one after the other leave nothing`,
      { timeout: 120_000 },
      async (t) => {
        const dialogue = await startDialogue(t, name);
        await dialogue.one(); // what is made once and kept
        await leavesNothing(dialogue, () => repeat(SEQUENTIAL, 1, dialogue.one));
        assert.equal(dialogue.log.records.length, SEQUENTIAL + 1);
      },
    );

    it(`${name}: ${PARALLEL} at once leave nothing`, { timeout: 60_000 }, async (t) => {
      const dialogue = await startDialogue(t, name);
      await dialogue.one();
      await leavesNothing(dialogue, () => repeat(PARALLEL, PARALLEL, dialogue.one));
      assert.equal(dialogue.log.records.length, PARALLEL + 1);
    });
  }
});

/** A function of the policy that fails, in every place that a policy has for one. */
const FAILING: Readonly<
  Record<string, { proxy: () => ReturnType<typeof plugProxy>; verdict: string }>
> = {
  'a request function': {
    proxy: () => httpProxy({ request: { GET: fail } }),
    verdict: 'aborted-by-policy-action',
  },
  'an async request function': {
    proxy: () => httpProxy({ request: { GET: failLater } }),
    verdict: 'aborted-by-policy-action',
  },
  'a request function with a senseless answer': {
    proxy: () => httpProxy({ request: { GET: answerNonsense } }),
    verdict: 'invalid-policy-call',
  },
  'a response function': {
    proxy: () => httpProxy({ response: { GET: { '*': fail } } }),
    verdict: 'aborted-by-policy-action',
  },
  'an async response function': {
    proxy: () => httpProxy({ response: { GET: { '*': failLater } } }),
    verdict: 'aborted-by-policy-action',
  },
  'a header function': {
    proxy: () => httpProxy({ requestHeader: { 'X-One': fail, Host: accept() } }),
    verdict: 'aborted-by-policy-action',
  },
  'a header value': {
    proxy: () => httpProxy({ requestHeader: { 'X-Two': replace(fail) } }),
    verdict: 'aborted-by-policy-action',
  },
};

function fail(): never {
  throw new Error('the policy has a bug');
}

function failLater(): Promise<never> {
  return Promise.reject(new Error('the policy has a bug'));
}

function answerNonsense(): never {
  return 'yes' as never;
}

describe('a policy function that fails ends its session and nothing else', () => {
  for (const [name, { proxy, verdict }] of Object.entries(FAILING))
    it(name, { timeout: 20_000 }, async (t) => {
      const server = await serve(t, answerWith(PAGE));
      const started = await startInstance(t, server.port, { failing: proxy(), sound: httpProxy() });
      const { failing = 0, sound = 0 } = started.ports;
      const send = REQUEST.replace('\r\n', '\r\nX-One: 1\r\n');
      await leavesNothing(started, async () => {
        const { received } = await talk({ port: failing, send });
        assert.match(received.toString(), /^HTTP\/1\.1 500 /);
        assert.doesNotMatch(received.toString(), /has a bug/, 'the page tells what failed inside');
      });
      assert.equal(started.log.records[0]?.verdict, verdict);
      assert.ok(started.log.lines.some((line) => /has a bug|yes/.test(JSON.stringify(line))));
      const { received } = await talk({ port: sound, send });
      assert.match(received.toString(), /^HTTP\/1\.1 200 /);
    });

  for (const check of [fail, failLater])
    it(`the statistics check of a plug: ${check.name}`, { timeout: 20_000 }, async (t) => {
      const server = await serve(t, echo);
      let isFailing = false; // not before the answer has come, however long that takes
      const statistics = { everyMs: 20, check: () => (isFailing ? check() : accept()) };
      const started = await startInstance(t, server.port, { proxy: plugProxy({ statistics }) });
      await leavesNothing(started, async () => {
        const socket = connect({ port: started.ports['proxy'] ?? 0, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        assert.equal(await echoed(socket, 'ping'), 'ping');
        isFailing = true;
        await until('the end of its session', () => socket.destroyed);
      });
      assert.equal(started.log.records[0]?.verdict, 'aborted-by-policy-action');
    });
});

describe('a Zorp that has no more descriptors', needs('setpriv', 'prlimit'), () => {
  it('says so, stays idle, serves whom it has, and recovers', { timeout: 60_000 }, async (t) => {
    const server = await serve(t, echo);
    const file = policyPath(t);
    writeFileSync(file, plugPolicy(server.port));
    const zorp = await RunningZorp.start(t, file, {
      inside: (command) => ['prlimit', '--nofile=256:256', ...command],
    });
    const { port } = zorp;
    const ping = { port, send: 'ping', enoughBytes: 4 };
    assert.equal((await talk(ping)).ended, 'enough');
    await until('the first session to end', () => zorp.records.length === 1 || undefined);
    const before = zorp.descriptors;

    const sockets: Socket[] = [];
    const open = (): Socket => {
      const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
      sockets.push(socket);
      return socket;
    };
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const served = open();
    assert.equal(await echoed(served, 'early'), 'early');
    for (let number = 0; number < PARALLEL; number++) open();
    await zorp.says('listener.exhausted');

    // A window of time, since that nothing happens cannot be waited for.
    const busy = zorp.cpuMs;
    await pause(IDLE_MS);
    assert.ok(zorp.cpuMs - busy < IDLE_MS / 4, `${zorp.cpuMs - busy} ms of CPU in ${IDLE_MS} ms`);
    assert.equal(await echoed(served, 'late'), 'late');

    for (const socket of sockets) socket.destroy();
    await zorp.says('listener.recovered');
    for (let number = 0; number < 20; number++) assert.equal((await talk(ping)).ended, 'enough');
    // Fewer will do: there may have been a spare socket.
    await until('its descriptors to be given back', () => zorp.descriptors <= before, {
      seen: () => `${zorp.descriptors}, before ${before}`,
    });
  });
});

const IDLE_MS = 500;

/** Sends a word and waits until it has come back. */
async function echoed(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  const [bytes] = (await once(socket, 'data', { signal: AbortSignal.timeout(30_000) })) as [Buffer];
  return bytes.toString();
}

/** A cut at every position of a text, in both ways that a peer can leave. */
function cutsOf(text: string): readonly { readonly at: number; readonly how: 'end' | 'reset' }[] {
  const places = Array.from({ length: text.length + 1 }, (_, at) => at);
  return places.flatMap((at) => [{ at, how: 'end' } as const, { at, how: 'reset' } as const]);
}

const CUT_REQUESTS = [
  'POST /a HTTP/1.1\r\nHost: www.example\r\nContent-Length: 5\r\n\r\nhello',
  'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n',
];
const CUT_RESPONSES = [
  'HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello',
];
const AT_ONCE = 32;

describe('a peer that leaves at any byte', () => {
  for (const [index, request] of CUT_REQUESTS.entries())
    it(`a client, request ${index}`, { timeout: 30_000 }, async (t) => {
      const requests: string[] = [];
      const web = createServer((incoming, response) => {
        let body = '';
        incoming.on('data', (bytes: Buffer) => (body += bytes.toString()));
        incoming.on('end', () => {
          if (incoming.method === 'POST') requests.push(body);
          response.end(PAGE);
        });
      });
      const server = await serve(t, (socket) => web.emit('connection', socket));
      const started = await startInstance(t, server.port, { http: httpProxy() });
      const cuts = cutsOf(request);
      await leavesNothing(started, () =>
        repeat(cuts.length, AT_ONCE, async (number) => {
          const { at, how } = cuts[number] as (typeof cuts)[number];
          // The first request makes sure that the connection is not gone before it was accepted.
          const first = 'GET / HTTP/1.1\r\nHost: www.example\r\n\r\n';
          const send = first + request.slice(0, at);
          const seen = await talk({
            port: started.ports['http'] ?? 0,
            send,
            then: how,
            afterBytes: 20,
          });
          assert.match(seen.received.toString(), /^HTTP\/1\.1 200 /);
          assert.notEqual(seen.ended, 'timeout', `cut at ${at} by ${how}`);
        }),
      );
      assert.equal(started.log.records.length, cuts.length);
      assert.deepEqual(new Set(requests), new Set(['hello']), 'a part was taken for the whole');
      assertNoBug(started);
    });

  for (const [index, response] of CUT_RESPONSES.entries())
    it(`a server, response ${index}`, { timeout: 30_000 }, async (t) => {
      const cuts = cutsOf(response);
      const server = await serve(t, (socket) => {
        socket.once('data', (bytes) => {
          const { at, how } = cuts[
            Number(/\d+/.exec(bytes.toString())?.[0])
          ] as (typeof cuts)[number];
          socket.write(response.slice(0, at), () =>
            how === 'end' ? socket.end() : socket.resetAndDestroy(),
          );
        });
        socket.on('end', () => socket.end());
      });
      const started = await startInstance(t, server.port, { http: httpProxy() });
      await leavesNothing(started, () =>
        repeat(cuts.length, AT_ONCE, async (number) => {
          const send = `GET /${number} HTTP/1.1\r\nHost: www.example\r\nConnection: close\r\n\r\n`;
          const seen = await talk({ port: started.ports['http'] ?? 0, send });
          checkCutAnswer(seen, response, cuts[number] as (typeof cuts)[number]);
        }),
      );
      assert.equal(started.log.records.length, cuts.length);
      assertNoBug(started);
    });

  it('a client or a server of a plug', { timeout: 30_000 }, async (t) => {
    const text = 'any bytes';
    const cuts = cutsOf(text);
    const server = await serve(t, (socket) => {
      socket.write('hello');
      socket.on('data', (bytes) => {
        if (bytes.toString().startsWith('leave')) socket.resetAndDestroy();
      });
      socket.on('end', () => socket.end());
    });
    const started = await startInstance(t, server.port, { plug: plugProxy() });
    const port = started.ports['plug'] ?? 0;
    await leavesNothing(started, () =>
      repeat(cuts.length * 2, AT_ONCE, async (number) => {
        const { at, how } = cuts[number % cuts.length] as (typeof cuts)[number];
        const isServer = number >= cuts.length;
        const send = (isServer ? 'leave' : '') + text.slice(0, at);
        const seen = await talk({ port, send, then: isServer ? 'wait' : how, afterBytes: 5 });
        assert.notEqual(seen.ended, 'timeout');
        if (isServer) assert.equal(seen.ended, 'ECONNRESET', 'a cut looks like an end');
      }),
    );
    assert.equal(started.log.records.length, cuts.length * 2);
    assertNoBug(started);
  });
});

/** A response that was cut must not look whole to the client. */
function checkCutAnswer(
  { received, ended }: Talk,
  response: string,
  { at, how }: { readonly at: number; readonly how: 'end' | 'reset' },
): void {
  const text = received.toString('latin1');
  const what = `${response}\ncut at ${at} by ${how}, ended with ${ended}:\n${text}`;
  assert.match(text, /^HTTP\/1\.1 (?:200|502) /, what);
  if (!text.startsWith('HTTP/1.1 200')) return;
  const endsByClose = response.includes('close\r\n\r\n');
  // What ends by a close comes in chunks, whose last one says that it was a proper one.
  const isWhole = (
    endsByClose ? /\r\n0\r\n\r\n$/ : /\r\n\r\n(?:hello|5\r\nhello\r\n0\r\n\r\n)$/
  ).test(text);
  const wasWhole = at === response.length || (how === 'end' && endsByClose);
  if (!wasWhole) assert.ok(!isWhole, `a part looks whole: ${what}`);
  if (how === 'end' && wasWhole) assert.ok(isWhole, `the whole is not: ${what}`);
}
