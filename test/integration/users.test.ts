// Users of a whole Zorp, as browsers meet it: a login form with a cookie jar, a secret that two processes share, and the
// end of guessing. The other side is curl.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { closeServer, listenOnFreePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { PolicyFiles } from '../support/policy-files.ts';
import type { Owner } from '../support/system-process.ts';
import { SystemProcess } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';

/** A web server that says which path and which cookies it was asked with. */
async function startServer(owner: Owner): Promise<number> {
  const server = createServer((request, response) => {
    response.end(`${request.url ?? ''} cookies=${request.headers.cookie ?? 'none'}`);
  });
  const port = await listenOnFreePort(server);
  owner.after(async () => {
    server.closeAllConnections();
    await closeServer(server);
  });
  return port;
}

function policyText(serverPort: number, form: string): string {
  return `import { definePolicy, directedRouter, htpasswdProvider, httpProxy, inbandAuthentication, listener, permitGroup, service, zone } from 'zorp';
const web = service('web', {
  proxy: httpProxy({ targetPorts: '1-65535', authentication: { form: ${form} } }),
  router: directedRouter({ destination: '127.0.0.1:${serverPort}' }),
  authentication: inbandAuthentication({
    provider: htpasswdProvider({ file: 'users', groupFile: 'groups' }),
    keyFile: 'key',
    limits: { maxFailures: 3 },
  }),
  authorization: permitGroup('staff'),
});
const machine = zone('machine', { subnets: ['127.0.0.0/8'], outboundServices: [web], inboundServices: [web] });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', web)] });
`;
}

const OWN_PAGE = `<!DOCTYPE html><h1>The office</h1><p>@MESSAGE@</p><form method="post" action="@ACTION@">
<input name="user"><input name="password" type="password"><input type="hidden" name="ticket" value="@TICKET@">
</form>`;

interface World {
  readonly files: PolicyFiles;
  readonly policyFile: string;
}

async function worldOf(owner: Owner, form = 'true'): Promise<World> {
  const files = new PolicyFiles();
  owner.after(() => {
    files.remove();
    return Promise.resolve();
  });
  files.write('users', ['alice:wonderland', 'bob:builder'].map(hashed).join('\n'));
  files.write('groups', 'staff: alice\n');
  files.write('key', 'a secret of at least thirty-two characters\n');
  files.write('pages/en/login.html', OWN_PAGE);
  const text = policyText(await startServer(owner), form);
  return { files, policyFile: files.write('policy.ts', text) };
}

function hashed(line: string): string {
  const [user = '', password = ''] = line.split(':');
  return `${user}:${hashSync(password, 4)}`;
}

/** What curl prints with \`-i\`. */
async function curl(owner: Owner, ...args: readonly string[]): Promise<string> {
  const command = ['curl', '-q', '-s', '-i', '--max-time', '30', ...args] as const;
  return (await SystemProcess.start(owner, command).ended).stdout;
}

/** A browser: it fetches a page, fills its form in, and goes where it is sent. */
async function logIn(
  owner: Owner,
  url: string,
  fields: { readonly user: string; readonly password: string; readonly jar: string },
): Promise<string> {
  const page = await curl(owner, url);
  assert.match(page, /^HTTP\/1\.1 511 /);
  const ticket = /name="ticket" value="([^"]*)"/.exec(page)?.[1] ?? '';
  const action = /action="([^"]*)"/.exec(page)?.[1] ?? '';
  const jar = ['-b', fields.jar, '-c', fields.jar] as const;
  const data = Object.entries({ user: fields.user, password: fields.password, ticket }).flatMap(
    ([name, value]) => ['--data-urlencode', `${name}=${value}`],
  );
  return curl(owner, ...jar, ...data, new URL(action, url).href);
}

describe('users of a login form', needs('curl', 'setpriv'), () => {
  it('log in once, and go on with a cookie that no server sees', { timeout: 60_000 }, async (t) => {
    const { files, policyFile } = await worldOf(t);
    const zorp = await RunningZorp.start(t, policyFile);
    const site = `http://127.0.0.1:${zorp.port}`;
    const jar = files.path('jar');

    const answer = await logIn(t, `${site}/deep?a=b`, {
      user: 'alice',
      password: 'wonderland',
      jar,
    });
    assert.match(answer, /^HTTP\/1\.1 303 /);
    assert.match(answer, new RegExp(`\r\nLocation: ${site}/deep\\?a=b\r\n`));
    assert.match(answer, /\r\nSet-Cookie: zorp-login=[^\r]*; HttpOnly; SameSite=Lax\r\n/);
    assert.match(await curl(t, '-b', jar, `${site}/deep?a=b`), /\/deep\?a=b cookies=none$/);
    assert.match(
      await curl(t, '-b', jar, '-H', 'Cookie: theirs=1', `${site}/`),
      /cookies=theirs=1$/,
    );

    // The record and the log have the user; nothing has the password.
    await zorp.says('authentication.accepted');
    const records = [await zorp.record(), await zorp.record(), await zorp.record()];
    assert.deepEqual(
      records.map(({ user, groups }) => [user, groups]),
      [
        [null, []],
        ['alice', ['staff']],
        ['alice', ['staff']],
      ],
    );
    assert.doesNotMatch(zorp.process.stdout + zorp.process.stderr, /wonderland/);
  });

  it('are asked with a page of the policy', { timeout: 60_000 }, async (t) => {
    const { files, policyFile } = await worldOf(t, "{ directory: 'pages' }");
    const zorp = await RunningZorp.start(t, policyFile);
    const site = `http://127.0.0.1:${zorp.port}`;
    assert.match(await curl(t, site), /\r\n\r\n<!DOCTYPE html><h1>The office<\/h1><p>To go on, /);
    const jar = files.path('jar');
    const wrong = await logIn(t, site, { user: 'alice', password: 'no', jar });
    assert.match(wrong, /The office<\/h1><p>Name and password do not fit\./);
    const right = await logIn(t, site, { user: 'alice', password: 'wonderland', jar });
    assert.match(right, /^HTTP\/1\.1 303 /);
    assert.match(await curl(t, '-b', jar, `${site}/`), /\/ cookies=none$/);
  });

  it(
    'count in another process that has the secret, and in none that has not',
    { timeout: 60_000 },
    async (t) => {
      const { files, policyFile } = await worldOf(t);
      const first = await RunningZorp.start(t, policyFile);
      const jar = files.path('jar');
      const site = `http://127.0.0.1:${first.port}`;
      const answer = await logIn(t, `${site}/`, { user: 'alice', password: 'wonderland', jar });
      const cookie = /\r\nSet-Cookie: ([^;]*);/.exec(answer)?.[1] ?? '';
      // As by a balancer: the same site, whichever process serves it.
      const asSite = ['-H', `Host: 127.0.0.1:${first.port}`, '-H', `Cookie: ${cookie}`] as const;

      const second = await RunningZorp.start(t, policyFile);
      assert.match(
        await curl(t, ...asSite, `http://127.0.0.1:${second.port}/`),
        /^HTTP\/1\.1 200 /,
      );
      files.write('key', 'another secret, which is long enough as well\n');
      const third = await RunningZorp.start(t, policyFile);
      assert.match(await curl(t, ...asSite, `http://127.0.0.1:${third.port}/`), /^HTTP\/1\.1 511 /);
    },
  );

  it(
    'are refused where they may not, and after too many guesses',
    { timeout: 60_000 },
    async (t) => {
      const { files, policyFile } = await worldOf(t);
      const zorp = await RunningZorp.start(t, policyFile);
      const url = `http://127.0.0.1:${zorp.port}/`;
      const jar = files.path('jar');
      const bob = await logIn(t, url, { user: 'bob', password: 'builder', jar });
      assert.match(bob, /^HTTP\/1\.1 403 [^]*authorization\.refused/);
      for (let guess = 0; guess < 3; guess++) {
        const answer = await logIn(t, url, { user: 'alice', password: `guess ${guess}`, jar });
        assert.match(answer, /^HTTP\/1\.1 511 [^]*do not fit/);
      }
      const answer = await logIn(t, url, { user: 'alice', password: 'wonderland', jar });
      assert.match(answer, /^HTTP\/1\.1 429 [^]*\r\nRetry-After: [0-9]+\r\n/);
      await zorp.says('authentication.too-many-failures');
    },
  );
});
