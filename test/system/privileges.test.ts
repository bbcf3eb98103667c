// Zorp as another user than root: what its threads may do, what its programs may do, and that it serves all the same.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, NetworkLab, succeed } from '../support/network-lab.ts';
import type { Command } from '../support/system-process.ts';
import { SystemProcess, suiteOwner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp, zorpCommand } from '../support/system-zorp.ts';
import { ask, sighting, startWitness } from '../support/witness.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOBODY = '65534';
// CAP_NET_BIND_SERVICE is bit 10, CAP_NET_ADMIN bit 12.
const BOTH = '0000000000001400';
const NONE = '0000000000000000';
const SERVER = { protocol: 'tcp', address: ADDRESSES.server.ipv4, port: 7007 } as const;
const PROXY = { protocol: 'tcp', address: ADDRESSES.inside.ipv4, port: 80 } as const;

/** A plug on a port that only root may open, through a program that leaves its own rights in a file. */
function policyText(folder: string): string {
  return `import { definePolicy, directedRouter, listener, plugProxy, program, service, zone } from 'zorp';
const spy = program('spy', { command: ['/bin/sh', '-c', 'cat /proc/self/status >${folder}/seen; exec 4<&0; cat <&1 >&4 & cat; wait'] });
const plug = service('plug', { proxy: plugProxy({ stack: spy }), router: directedRouter({ destination: '${SERVER.address}:${SERVER.port}' }) });
const all = zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [plug], inboundServices: [plug] });
export default definePolicy({ zones: [all], listeners: [listener('${PROXY.address}:${PROXY.port}', plug)] });
`;
}

/** One service for what is meant for the server, from the address of the client. */
const TRANSPARENT = `import { definePolicy, plugProxy, rule, service, transparentRouter, zone } from 'zorp';
const plug = service('plug', { proxy: plugProxy(), router: transparentRouter({ forgeAddress: true }) });
const all = zone('all', { subnets: ['0.0.0.0/0'] });
export default definePolicy({ zones: [all], rules: [rule({ from: all, protocols: 'tcp', ports: 7007, service: plug })] });
`;

/** One thread, or one process, as proc(5) shows it. */
function statusOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split('\n').map((line) => line.split(':\t') as [string, string]));
}

function threadsOf(pid: number): Readonly<Record<string, string>>[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((id) => statusOf(readFileSync(`${folder}/${id}/status`, 'utf8')));
}

function rightsOf(status: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const { Uid = '', Gid = '', CapEff, CapPrm, CapBnd, NoNewPrivs } = status;
  const ids = [...new Set([...Uid.split('\t'), ...Gid.split('\t')])];
  return { ids, CapEff, CapPrm, CapBnd, NoNewPrivs };
}

describe('zorp run --user', needs(...NETWORK_NEEDS, 'root', 'socat'), () => {
  const owner = suiteOwner();

  /** A firewall on which an ordinary user reads Zorp, wherever this checkout lies. */
  async function open(): Promise<{ lab: NetworkLab; inside: (command: Command) => Command }> {
    const lab = await NetworkLab.open(owner);
    const { folder } = lab.firewall;
    mkdirSync(join(folder, 'zorp'));
    chmodSync(folder, 0o777);
    await succeed(lab.firewall, [`mount --bind ${ROOT} ${folder}/zorp`]);
    const inside = (command: Command): Command => {
      const [program, ...args] = command;
      const moved = args.map((word) => word.replace(ROOT, `${folder}/zorp`));
      return lab.firewall.inside([program, ...moved]);
    };
    return { lab, inside };
  }

  it('keeps two capabilities in every thread, and gives none to programs', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    await startWitness(lab.server, SERVER);
    const zorp = await RunningZorp.start(owner, policy, { inside, args: ['--user', 'nobody'] });
    const ended = await ask(lab.client, PROXY, { seconds: 1 });
    assert.match(ended.stdout, /^10\.92\.0\.1 \d+\nhello\n$/);

    const rights = { ids: [NOBODY], CapEff: BOTH, CapPrm: BOTH, CapBnd: BOTH, NoNewPrivs: '1' };
    const threads = threadsOf(zorp.pid);
    assert.ok(threads.length > 4, 'those of V8 and of libuv are there');
    for (const thread of threads) assert.deepEqual(rightsOf(thread), rights);
    const main = statusOf(readFileSync(`/proc/${zorp.pid}/status`, 'utf8'));
    assert.deepEqual([main['CapAmb'], main['CapInh']], [NONE, NONE]);
    assert.equal(main['Groups']?.trim(), NOBODY);

    const program = statusOf(readFileSync(join(lab.firewall.folder, 'seen'), 'utf8'));
    assert.deepEqual(rightsOf(program), { ...rights, CapEff: NONE, CapPrm: NONE });
    assert.deepEqual([program['CapAmb'], program['CapInh']], [NONE, NONE]);
  });

  it('writes its log, and reads the policy anew as that user', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    const args = ['--user', 'nobody', '--group', 'daemon'];
    const zorp = await RunningZorp.start(owner, policy, { inside, args });
    assert.equal(threadsOf(zorp.pid)[0]?.['Gid']?.split('\t')[0], '1');
    await ask(lab.client, PROXY);
    assert.equal((await zorp.record()).service, 'plug');

    chmodSync(policy, 0o600);
    zorp.process.signal('SIGHUP');
    const fault = await zorp.says('policy.fault');
    assert.equal(fault.fields?.['fault'], 'policy.unreadable');
    assert.match(fault.message, /policy\.ts: cannot be read \(EACCES\): give this user the right/);
    await zorp.says('policy.refused');
    chmodSync(policy, 0o644);
    zorp.process.signal('SIGHUP');
    await zorp.says('policy.reloaded');
  });

  it('says in one sentence why it cannot be', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    chmodSync(policy, 0o600);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--user', 'nobody'], /who cannot read \S+policy\.ts: let that user read it/],
      [['--user', 'no-such-user'], /as user "no-such-user": there is none.*useradd --system/],
      [['--user', 'root'], /as root: it keeps every right of root; name another user/],
      [['--user', 'nobody', '--group', 'no-such'], /as group "no-such": there is none/],
    ];
    for (const [args, message] of cases) {
      const command = inside(zorpCommand('run', policy, ...args));
      const { status, stdout, stderr } = await SystemProcess.start(owner, command).end();
      assert.deepEqual([status, stdout], [1, ''], stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });

  it('names the capability that a port needs, where it has none', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    const [node, ...args] = zorpCommand('run', policy);
    const daemon = ['setpriv', '--reuid=1', '--regid=1', '--clear-groups', node, ...args] as const;
    await succeed(lab.firewall, ['echo 1024 > /proc/sys/net/ipv4/ip_unprivileged_port_start']);
    const { status, stderr } = await SystemProcess.start(owner, inside(daemon)).end();
    assert.equal(status, 1);
    assert.match(stderr, /^zorp: Cannot listen on 10\.91\.0\.1:80: .*CAP_NET_BIND_SERVICE.*\n$/);
  });

  it('reaches a server from the address of the client', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', TRANSPARENT);
    await succeed(lab.firewall, [zorpCommand('nft', 'commit', policy).join(' ')]);
    await startWitness(lab.server, SERVER);
    await RunningZorp.start(owner, policy, { inside, args: ['--user', 'nobody'] });
    const seen = await sighting(lab.client, SERVER);
    assert.equal(seen.address, ADDRESSES.client.ipv4);
  });

  it('names the capability that a transparent listener needs, and the packet filter', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', TRANSPARENT);
    // Root without it, for the packet filter; for IP_TRANSPARENT the kernel takes CAP_NET_RAW as well, so nobody at all.
    const root = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'] as const;
    const daemon = ['setpriv', '--reuid=1', '--regid=1', '--clear-groups'] as const;
    for (const [as, ...words] of [
      [daemon, 'run'],
      [root, 'nft', 'commit'],
      [root, 'nft', 'test'],
    ] as const) {
      const [node, ...args] = zorpCommand(...words, policy);
      const command = inside([...as, node, ...args]);
      const { status, stderr } = await SystemProcess.start(owner, command).end();
      assert.equal(status, 1, words.join(' '));
      assert.match(stderr, /^zorp: [^\n]*CAP_NET_ADMIN[^\n]*\n$/, words.join(' '));
    }
  });

  it('says so to whoever is not root', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    const [node, ...args] = zorpCommand('run', policy, '--user', 'nobody');
    const daemon = ['setpriv', '--reuid=1', '--regid=1', '--clear-groups', node, ...args] as const;
    const { status, stderr } = await SystemProcess.start(owner, inside(daemon)).end();
    assert.equal(status, 1);
    assert.match(stderr, /^zorp: Cannot run as nobody: only root may become another user/);
  });

  it('ends with the process that started it', async () => {
    const { lab, inside } = await open();
    const policy = lab.firewall.write('policy.ts', policyText(lab.firewall.folder));
    const zorp = await RunningZorp.start(owner, policy, { inside, args: ['--user', 'nobody'] });
    zorp.process.signal('SIGTERM');
    assert.equal((await zorp.process.end()).status, 0);
    await until('its port to be free', async () => (await ask(lab.client, PROXY)).status === 1);
  });
});
