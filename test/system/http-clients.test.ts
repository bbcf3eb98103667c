// Clients that nobody here wrote, through the HTTP proxy: configured to use it, and unawares.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import {
  cloneAndPush,
  installedFile,
  publishAndInstall,
  updateAndDownload,
} from '../support/client-programs.ts';
import type { Way } from '../support/client-scene.ts';
import {
  bigFile,
  CLIENT_NEEDS,
  ClientScene,
  digestOf,
  KNOWN_PROXY,
  PROXIES,
  publishDebianPackage,
  SITES,
} from '../support/client-scene.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import { suiteOwner } from '../support/system-process.ts';

const { nginx, apache, node, registry } = SITES;

describe(
  'real clients of the web',
  {
    ...needs(...CLIENT_NEEDS, 'root', 'wget', 'npm', 'apt-get', 'dpkg-deb'),
    ...needsDriver(),
    timeout: 180_000,
  },
  () => {
    const owner = suiteOwner();
    let scene: ClientScene;
    before(async () => {
      scene = await ClientScene.open(owner);
    });

    for (const way of ['explicit', 'known', 'transparent'] as const)
      describe(way, () => clientsOf(way));

    it('curl goes through CONNECT to a server of plain HTTP', async () => {
      const command = ['curl', '-q', '-s', '-p', '-w', '%{http_connect} %{http_code}'] as const;
      const url = `http://${nginx.name}`;
      assert.equal(await scene.succeed('explicit', ...command, `${url}/missing`), 'none\n200 404');
      const refused = await scene.run('explicit', [...command, `${url}/refused`]);
      assert.match(refused.stdout, /This page is not for you[^]*200 403$/);
    });

    it('curl is asked who it is', async () => {
      const url = `http://${nginx.name}/missing`;
      const status = ['-o', '/dev/null', '-w', '%{http_code}'] as const;
      const curl = ['curl', '-q', '-s', ...status, '-x', `http://${KNOWN_PROXY}`] as const;
      assert.equal(await scene.succeed('transparent', ...curl, url), '407');
      const wrong = ['-U', 'alice:looking-glass'] as const;
      assert.equal(await scene.succeed('transparent', ...curl, ...wrong, url), '407');
    });

    function clientsOf(way: Way): void {
      it('curl fetches, asks for a part, posts and uploads', async () => {
        const folder = scene.client.makeFolder(`curl-${way}`);
        const big = join(folder, 'big.bin');
        const curl = ['curl', '-q', '-sS', '--fail-with-body', '--max-time', '30'] as const;
        await scene.succeed(way, ...curl, '-o', big, `http://${nginx.name}/big.bin`);
        assert.ok(readFileSync(big).equals(bigFile()));
        const part = await scene.succeed(
          ...[
            way,
            ...curl,
            '-r',
            '0-3',
            '-o',
            `${folder}/part`,
            '-w',
            '%{http_code} %{size_download}',
          ],
          `http://${nginx.name}/big.bin`,
        );
        assert.equal(part, '206 4');
        // Several requests of one connection, and a body for which curl first waits for a 100.
        const answers = await scene.succeed(
          ...[way, ...curl, '-T', big, `http://${node.name}/upload`],
          ...['--next', '-sS', '-F', `file=@${big}`, `http://${node.name}/upload`],
          ...[
            '--next',
            '-sS',
            '-I',
            '-o',
            '/dev/null',
            '-w',
            '%{http_code}\n',
            `http://${node.name}/`,
          ],
        );
        assert.match(answers, new RegExp(`^PUT ${digestOf(big)}\nPOST [0-9a-f]{64}\n200\n$`));
      });

      it('curl shows the page of a refusal, and what a server refused', async () => {
        const refused = await scene.run(way, ['curl', '-q', '-s', `http://${nginx.name}/refused`]);
        assert.match(refused.stdout, /This page is not for you/);
        const missing = ['curl', '-q', '-s', '-w', '%{http_code}', `http://${nginx.name}/missing`];
        assert.equal(await scene.succeed(way, 'curl', ...missing.slice(1)), 'none\n404');
      });

      it('wget fetches, and goes on where it was interrupted', async () => {
        const folder = scene.client.makeFolder(`wget-${way}`);
        const path = join(folder, 'big.bin');
        writeFileSync(path, bigFile().subarray(0, 1_000_000));
        await scene.succeed(way, 'wget', '-q', '-c', '-O', path, `http://${nginx.name}/big.bin`);
        assert.ok(readFileSync(path).equals(bigFile()));
      });

      it('git clones and pushes', async () => {
        const folder = scene.client.makeFolder(`git-${way}`);
        const url = `http://${apache.name}/git/project.git`;
        await scene.succeed(way, ...cloneAndPush(folder, url, way));
      });

      it('npm publishes and installs', async () => {
        const folder = scene.client.makeFolder(`npm-${way}`);
        const name = `zorp-${way}`;
        const made = { name, text: way, registry: `http://${registry.name}` };
        await scene.succeed(way, ...publishAndInstall(folder, made));
        assert.match(readFileSync(installedFile(folder, name), 'utf8'), new RegExp(way));
      });

      it('apt updates and downloads', async () => {
        const folder = scene.client.makeFolder(`apt-${way}`);
        const name = await publishDebianPackage(scene.client, scene.files);
        const proxy = PROXIES[way];
        const options = proxy === undefined ? [] : [`Acquire::http::Proxy=${proxy}`];
        const source = { url: `http://${nginx.name}/`, name, options };
        await scene.succeed('transparent', ...updateAndDownload(folder, source));
        const file = `${name}_1.0_all.deb`;
        assert.equal(digestOf(join(folder, file)), digestOf(join(scene.files, file)));
      });
    }
  },
);
