// What is sent on is read in the same way by nginx and by haproxy: both stand behind us as they do behind others, and pass
// requests to a back end that records. Behind each request comes another one on the same connection: if they saw the end
// of the first elsewhere, the second would be lost.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { forwardedRequest } from '../support/http-forwarded.ts';
import { readRequests } from '../support/http-messages.ts';
import { HttpMutants } from '../support/http-mutants.ts';
import { quote } from '../support/latin1.ts';
import type { ReadMessage } from '../support/llhttp.ts';
import { LLHTTP_METHODS } from '../support/llhttp.ts';
import { needs } from '../support/needs.ts';
import type { RecordingServer } from '../support/recording-server.ts';
import { startRecordingServer } from '../support/recording-server.ts';
import type { Command } from '../support/system-process.ts';
import { SystemProcess } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** How many requests each of them gets. */
const REQUESTS = Number(process.env['FUZZ_FORWARDED'] ?? '400');
const SEED = 7;
const TIMEOUT_MS = 30_000;

const NEXT = 'GET /next HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n';
const NEXT_LINE = 'GET /next';

/** What a hop writes anew, because it is about its own connection (RFC 9110, 7.6.1), or about the length of a body. */
const OF_ONE_HOP = ['connection', 'keep-alive', 'content-length', 'transfer-encoding', 'expect'];

/** A request that a reader does not pass on, and why that is no other reading of it. */
type Refusal = readonly [pattern: RegExp, why: string];

interface Reader {
  readonly name: string;
  readonly command: (folder: string, serverPort: number) => Command;
  readonly refuses: readonly Refusal[];
}

const NGINX: Reader = {
  name: 'nginx',
  command(folder, serverPort) {
    const file = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off; underscores_in_headers on; ignore_invalid_headers off; merge_slashes off;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen unix:${folder}/reader.sock;
    location / {
      proxy_pass http://127.0.0.1:${serverPort};
      proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection "";
    }
  }
}
`,
    );
    return ['nginx', '-e', 'stderr', '-c', file];
  },
  refuses: [[/^OPTIONS \* /, 'nginx knows no request for the whole server']],
};

const HAPROXY: Reader = {
  name: 'haproxy',
  command(folder, serverPort) {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(
      file,
      `global
  maxconn 256
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen reader
  bind unix@${folder}/reader.sock
  server back 127.0.0.1:${serverPort}
`,
    );
    return ['haproxy', '-db', '-f', file];
  },
  refuses: [],
};

/** The method, the path, the body, and the fields in an order that does not depend on their names. */
function essence({ line, fields, body }: ReadMessage): ReadMessage {
  const pairs = fields.map((field) => {
    const colon = field.indexOf(': ');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)] as const;
  });
  const kept = pairs.filter(([name]) => !OF_ONE_HOP.includes(name));
  const sorted = kept.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  return { line, fields: sorted.map((pair) => pair.join(': ')), body };
}

function isKnown({ line }: ReadMessage): boolean {
  return LLHTTP_METHODS.has(line.split(' ')[0] ?? '');
}

/** Sends bytes and waits for the end of the connection; gives the answers. */
function exchange(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answers = '';
    const socket = connect({ path, allowHalfOpen: true });
    const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS);
    socket.on('data', (bytes) => (answers += bytes.toString('latin1')));
    socket.on('error', (error) => (answers += error.message));
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answers);
    });
    socket.write(text, 'latin1');
  });
}

async function start(t: TestContext, reader: Reader, serverPort: number): Promise<string> {
  const folder = temporaryFolder(t, 'reader');
  const process = SystemProcess.start(
    { after: (end) => t.after(end) },
    reader.command(folder, serverPort),
  );
  const path = join(folder, 'reader.sock');
  const isThere = async (): Promise<true | undefined> =>
    (await exchange(path, NEXT)).startsWith('HTTP/1.1 200') || undefined;
  let isReady: true | undefined;
  await until(
    `${reader.name} to answer`,
    () => {
      if (isReady === undefined) void isThere().then((found) => (isReady = found));
      return isReady;
    },
    { seen: () => process.stderr },
  );
  return path;
}

describe('a request that is sent on', { timeout: 120_000 }, () => {
  for (const reader of [NGINX, HAPROXY])
    it(`is the same to ${reader.name}`, needs(reader.name, 'setpriv'), async (t) => {
      const server = await startRecordingServer(t);
      const path = await start(t, reader, server.port);
      server.take();
      const mutants = new HttpMutants(SEED);
      for (let index = 0; index < REQUESTS;) {
        const received = mutants.requests();
        const sent = forwardedRequest(received);
        const [message] = readRequests(sent ?? '').messages;
        // The back end knows no other methods: llhttp reads what has come.
        if (sent === undefined || message === undefined || !isKnown(message)) continue;
        index++;
        await compare({ reader, path, server }, sent, message);
      }
    });
});

async function compare(
  { reader, path, server }: { reader: Reader; path: string; server: RecordingServer },
  sent: string,
  message: ReadMessage,
): Promise<void> {
  const isLast = sent.includes('\r\nConnection: close\r\n');
  const answers = await exchange(path, isLast ? sent : sent + NEXT);
  const seen = server.take();
  const refusal = reader.refuses.find(([pattern]) => pattern.test(sent));
  if (refusal !== undefined) {
    assert.match(answers, /^HTTP\/1\.1 4\d\d /, `${quote(sent)}: ${refusal[1]}`);
    assert.deepEqual(seen, []);
    return;
  }
  const expected = [essence(message)];
  const found = seen.map(essence);
  if (!isLast) assert.equal(found.pop()?.line, NEXT_LINE, `${quote(sent)}: ${answers}`);
  assert.deepEqual(found, expected, `${quote(sent)}: ${answers}`);
}
