// Functions over header fields and over who looks at a body that take their time, with curl and a real server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { program } from '../../src/policy/program.ts';
import { changeValue, insert } from '../../src/protocols/http/rules/header-action.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { drop } from '../../src/proxy/policy-action.ts';
import { needs } from '../support/needs.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import { run } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';

const LOOK_UP_MS = 30;

/** What a look-up in a database comes to. */
async function lookedUp<Value>(value: Value): Promise<Value> {
  await pause(LOOK_UP_MS);
  return value;
}

describe('functions of a policy that take their time', needs('curl', 'tr'), () => {
  it('decide about fields and bodies before anything goes on', async (t) => {
    const web = createServer((request, response) => {
      let body = '';
      request.on('data', (bytes: Buffer) => (body += bytes.toString()));
      request.on('end', () => {
        response.setHeader('X-Secret', 'the server');
        const { 'x-zone': zone, 'x-user': user } = request.headers;
        response.end([zone, user, body].join(' '));
      });
    });
    const { port } = await serve(t, (socket) => web.emit('connection', socket));
    const loud = program('loud', { command: ['/usr/bin/tr', 'a-z', 'A-Z'] });
    const proxy = httpProxy({
      requestHeader: {
        'X-User': () => lookedUp(changeValue(() => lookedUp('alice'))),
        'X-Zone': insert(() => lookedUp('office')),
      },
      responseHeader: { 'X-Secret': () => lookedUp(drop()) },
      requestStack: { POST: () => lookedUp({ data: loud }) },
      stacks: [loud],
    });
    const test = await startInstance(t, port, { proxy });
    await leavesNothing(test, async () => {
      const url = `http://127.0.0.1:${test.ports['proxy'] ?? 0}/`;
      const by = ['curl', '-q', '-sS', '-i', '-m', '20', '-H', 'X-User: anybody'] as const;
      const { stdout } = await run(t, [...by, '-d', 'body', url, url]);
      const answers = stdout.split(/(?=HTTP\/1\.1 200 OK)/);
      assert.equal(answers.length, 2);
      for (const one of answers) {
        assert.doesNotMatch(one, /secret/i);
        assert.match(one, /\r\n\r\noffice alice BODY$/);
      }
    });
  });
});
