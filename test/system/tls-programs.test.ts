// Programs of every day through TLS that is intercepted: git, npm, apt, and one of Go, each told of the authority in its own way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import {
  cloneAndPush,
  installedFile,
  publishAndInstall,
  updateAndDownload,
} from '../support/client-programs.ts';
import { digestOf, PROXIES, publishDebianPackage } from '../support/client-scene.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { buildGoClient, GO_NEEDS } from '../support/go-client.ts';
import { needs } from '../support/needs.ts';
import type { SecureWay } from '../support/secure-scene.ts';
import { ORGANIZATION, SECURE_NEEDS, SecureScene } from '../support/secure-scene.ts';
import { debianFolder, SECURE_SITES } from '../support/secure-servers.ts';
import { suiteOwner } from '../support/system-process.ts';

const { nginx, apache, node, registry, bank, games, expired, unknown } = SECURE_SITES;
const PROGRAMS = ['npm', 'apt-get', 'dpkg-deb', ...GO_NEEDS] as const;

describe(
  'programs of every day',
  { ...needs(...SECURE_NEEDS, 'root', ...PROGRAMS), ...needsDriver(), timeout: 300_000 },
  () => {
    const owner = suiteOwner();
    let scene: SecureScene;
    let goClient: string;
    before(async () => {
      scene = await SecureScene.open(owner);
      goClient = await buildGoClient(scene.client);
    });

    for (const way of ['explicit', 'transparent'] as const) describe(way, () => programsOf(way));

    function programsOf(way: SecureWay): void {
      it('git clones and pushes, told by GIT_SSL_CAINFO', async () => {
        const folder = scene.client.makeFolder(`git-${way}`);
        const url = `https://${apache.name}/git/project.git`;
        const untold = await scene.run(way, ['git', 'ls-remote', url]);
        assert.match(untold.stderr, /server certificate verification failed/);
        const work = cloneAndPush(folder, url, way);
        await scene.succeed(way, ['env', `GIT_SSL_CAINFO=${scene.trusted}`, ...work]);
      });

      it('npm publishes and installs, told by NODE_EXTRA_CA_CERTS or by its setting cafile', async () => {
        const environment = `NODE_EXTRA_CA_CERTS=${scene.trusted}`;
        for (const [how, told, settings] of [
          ['environment', ['env', environment], []],
          ['setting', ['env'], [`cafile=${scene.trusted}`]],
        ] as const) {
          const folder = scene.client.makeFolder(`npm-${way}-${how}`);
          const name = `zorp-${way}-${how}`;
          const made = { name, text: how, registry: `https://${registry.name}`, settings };
          await scene.succeed(way, [...told, ...publishAndInstall(folder, made)]);
          assert.match(readFileSync(installedFile(folder, name), 'utf8'), new RegExp(how));
        }
      });

      it('apt updates and downloads, told by Acquire::https::CAInfo', async () => {
        const folder = scene.client.makeFolder(`apt-${way}`);
        const files = debianFolder(scene.edge.network.server);
        const name = await publishDebianPackage(scene.client, files);
        const proxy = PROXIES[way];
        const options = [
          `Acquire::https::CAInfo=${scene.trusted}`,
          ...(proxy === undefined ? [] : [`Acquire::https::Proxy=${proxy}`]),
        ];
        const source = { url: `https://${nginx.name}/debian/`, name, options };
        await scene.succeed('transparent', updateAndDownload(folder, source));
        const file = `${name}_1.0_all.deb`;
        assert.equal(digestOf(join(folder, file)), digestOf(join(files, file)));
      });

      it('a program of Go reads, posts, and trusts nobody else', async () => {
        const urls = (...paths: readonly string[]): string[] =>
          paths.map((path) => `https://${path}`);
        const good = urls(`${nginx.name}/`, `${nginx.name}/missing`, `${nginx.name}/refused`);
        const read = await scene.succeed(way, [goClient, scene.trusted, '', ...good]);
        const seen = (status: number): string =>
          `${status} CN=${ORGANIZATION} CA \\[${nginx.name}\\]\n`;
        assert.match(
          read,
          new RegExp(`^${seen(200)}server: ${nginx.name}\n[^]*${seen(404)}none\n`),
        );
        assert.match(read, new RegExp(`${seen(403)}[^]*This page is not for you`));

        const upload = urls(`${node.name}/upload`);
        const posted = await scene.succeed(way, [goClient, scene.trusted, 'a=b', ...upload]);
        assert.match(posted, /^200 .*\nPOST 42144f3939c3ffbb[0-9a-f]{48}\n/);

        const others = [unknown, expired, bank].map(({ name }) => `${name}/`);
        const untrusted = await scene.succeed(way, [
          goClient,
          scene.trusted,
          '',
          ...urls(...others),
        ]);
        const lines = untrusted.trimEnd().split('\n');
        assert.equal(lines.length, others.length, untrusted);
        for (const line of lines)
          assert.match(line, /x509: certificate signed by unknown authority$/);
        const cut = await scene.succeed(way, [
          goClient,
          scene.trusted,
          '',
          ...urls(`${games.name}/`),
        ]);
        assert.match(cut, /EOF|connection reset by peer/);
      });
    }
  },
);
