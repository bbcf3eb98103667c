// npm run demo does what it shows, and leaves nothing behind: neither at its end nor when it is interrupted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EDGE_PROGRAMS } from '../support/edge-servers.ts';
import { isAnyUsed, namespacesOf } from '../support/namespaces.ts';
import { needs } from '../support/needs.ts';
import { NETWORK_NEEDS } from '../support/network-lab.ts';
import { SystemProcess } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts');
const DEADLINE_MS = 60_000;

/** What a reader must find, in this order. */
const SHOWN: readonly RegExp[] = [
  /client 10\.91\.0\.2 fd91::2 {2}- {2}firewall {2}- {2}server 10\.92\.0\.2/,
  /\$ zorp nft commit policies\/edge\.ts --confirm 30\n/,
  /\$ zorp nft confirm\n/,
  /Listening on 127\.0\.0\.1:50080/,
  /\$ curl .*http:\/\/10\.92\.0\.2\/\n {2}HTTP\/1\.1 200 OK\n(?: {2}.*\n)*? {2}from: 10\.91\.0\.2\n/,
  /from: fd91::2\n/,
  /-X DELETE http:\/\/10\.92\.0\.2\/\n {2}HTTP\/1\.1 403/,
  /\$ openssl s_client .*\n {2}HTTP\/1\.0 200 ok\n {2}s_server/,
  /\$ dig .*\n {2}www\.example\.org\.\s.*192\.0\.2\.80\n/,
  /TCP4:10\.92\.0\.2:22\n {2}10\.91\.0\.2 \d+\n {2}hello\n/,
  /UDP4:10\.92\.0\.2:123\n {2}10\.92\.0\.1 \d+\n {2}hello\n/,
  /telnet:\/\/10\.92\.0\.2:23\n {2}curl: \(7\)/,
  /http:\/\/10\.92\.0\.2:8080\/\n {2}curl: \(7\)/,
  /10\.91\.0\.2 to 10\.92\.0\.2 port 80, rule 1, web: accepted/,
  /rule 2, secure: accepted/,
  /rule 3, names: accepted/,
  /\$ zorp nft show policies\/edge\.ts\n/,
  /rule 4 'remote' \(.*\) +1 packets/,
  /\$ zorp nft remove\n/,
  /nothing is left\n$/,
];

describe('npm run demo', needs(...NETWORK_NEEDS, ...EDGE_PROGRAMS), () => {
  it('shows transparent HTTP, a plug, UDP and the packet filter, and cleans up', async (context) => {
    const demo = SystemProcess.start(context, [process.execPath, DEMO]);
    await demo.says(/zorp nft confirm/, DEADLINE_MS);
    const made = namespacesOf(demo.pid);
    assert.equal(made.size, 3);
    const { status, stdout, stderr } = await demo.end(DEADLINE_MS);
    assert.deepEqual([status, stderr], [0, ''], stdout);
    let rest = stdout;
    for (const shown of SHOWN) {
      const found = shown.exec(rest);
      assert.ok(found, `${shown} is not shown in\n${rest}\nof\n${stdout}`);
      rest = rest.slice(found.index);
    }
    assert.equal(isAnyUsed(made), false);
  });

  it('cleans up when it is interrupted', async (context) => {
    const demo = SystemProcess.start(context, [process.execPath, DEMO]);
    await demo.says(/zorp nft confirm/, DEADLINE_MS);
    const made = namespacesOf(demo.pid);
    assert.equal(made.size, 3);
    demo.signal('SIGINT');
    const { status, stdout } = await demo.end(DEADLINE_MS);
    assert.equal(status, 130);
    assert.match(stdout, /Interrupted: nothing is left\.\n$/);
    await until('the namespaces to be gone', () => !isAnyUsed(made));
  });
});
