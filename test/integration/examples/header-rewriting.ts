// header-rewriting.ts: paths and headers change on their way, some requests are answered by the firewall itself.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scene } from '../../support/system-scene.ts';

const CLIENT = ['--interface', '192.0.2.9'];
const URL = 'http://192.0.2.1';

export async function drive(scene: Scene): Promise<void> {
  await changes(scene);
  await answers(scene);
  await ownPages(scene);
}

/** What arrives at the server, and what comes back. */
async function changes(scene: Scene): Promise<void> {
  const permitted = {
    verdict: 'accepted',
    service: 'site',
    clientZone: 'internet',
    serverZone: 'dmz',
    server: '10.99.0.80:80',
  } as const;
  const lies = ['-H', 'X-Forwarded-For: 10.9.9.9', '-H', 'X-Real-IP: 10.9.9.9'];
  const seen = await scene.curl(
    [...CLIENT, ...lies, '-A', 'Agent/1.2 (X/3)', `${URL}/catalogue/%7Ea/../b?old=1`],
    { status: 200, body: /^request: GET \/shop\/b\?from=catalogue HTTP\/1\.1$/m },
    permitted,
  );
  assert.match(seen.body, /^x-real-ip: 192\.0\.2\.9$/m);
  assert.match(seen.body, /^x-forwarded-for: 192\.0\.2\.9$/m);
  assert.match(seen.body, /^user-agent: Agent \(X\)$/m);
  assert.deepEqual(seen.headers['server'], ['web']);
  assert.deepEqual(seen.headers['cache-control'], ['no-cache']);

  const post = ['-d', 'a=1', `${URL}/catalogue/x`];
  const posted = { status: 200, body: /^request: POST \/shop\/x\?from=catalogue HTTP\/1\.1$/m };
  await scene.curl([...CLIENT, ...post], posted, permitted);
}

/** What the firewall answers, on a connection that stays: two requests, one session. */
async function answers(scene: Scene): Promise<void> {
  const answered = { verdict: 'accepted', reason: 'http.finished', server: null } as const;
  const twice = [...CLIENT, `${URL}/robots.txt`, '--next', '-s', ...CLIENT, `${URL}/robots.txt`];
  const robots = await scene.curl(
    twice,
    { status: 200, body: /^User-agent: \*\nDisallow: \/\n/ },
    answered,
  );
  assert.deepEqual(robots.headers['content-type'], ['text/plain; charset=utf-8']);
  assert.equal(robots.headers['connection'], undefined);

  const head = await scene.curl(['-I', ...CLIENT, `${URL}/robots.txt`], { status: 200 }, answered);
  assert.deepEqual(head.headers['content-length'], ['26']);

  const old = ['-H', 'Host: old.example', `${URL}/a%20b`];
  const moved = await scene.curl([...CLIENT, ...old], { status: 308 }, answered);
  assert.deepEqual(moved.headers['location'], ['http://www.example/a%20b']);
}

/** Pages of the company, read again when they change. */
async function ownPages(scene: Scene): Promise<void> {
  const refused = {
    verdict: 'denied-by-policy',
    reason: 'http.request-refused',
    server: null,
  } as const;
  const admin = [...CLIENT, `${URL}/admin/%3Cscript%3E`];
  const page = await scene.curl(
    admin,
    {
      status: 403,
      body: /<title>403 - Example Ltd<\/title>[^]*Only the administrators may go there/,
    },
    refused,
  );
  assert.match(page.body, /<code>http:\/\/192\.0\.2\.1\/admin\/%3Cscript%3E<\/code>/);
  for (const path of [
    '//admin/x',
    '/%2fadmin/x',
    '/Admin',
    '/x/..//admin/',
    '/;x=%41/admin',
    '/%5Cadmin',
  ])
    await scene.curl([...CLIENT, '--path-as-is', URL + path], { status: 403 }, refused);
  const aborted = { ...refused, verdict: 'aborted-by-policy-action' } as const;
  const body = /Nothing is deleted here/;
  await scene.curl(['-X', 'DELETE', ...CLIENT, `${URL}/`], { status: 403, body }, aborted);

  const pages = join(dirname(scene.policyFile), 'pages/en');
  writeFileSync(join(pages, 'policy.html'), '<p>Special: @INFO@</p>');
  await scene.zorp.says('policy.list-read');
  const special = { status: 403, body: /^<p>Special: Only the administrators may go there<\/p>$/ };
  await scene.curl(admin, special, refused);
}
