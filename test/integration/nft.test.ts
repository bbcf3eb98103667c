// zorp nft with the real nft, ip and kernel, in a network namespace of its own: whatever happens to whoever commits, the
// machine has the old packet filter or the new one.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import type { Command, Owner, ProcessEnd, SystemProcess } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { zorpCommand } from '../support/system-zorp.ts';

const NEEDS = needs(...LAB_NEEDS, 'nft', 'env', 'setsid');

/** A policy with one proxy service and one rule; `comment` makes it another revision. */
function policyText(comment: string, more = ''): string {
  return `// ${comment}
import { definePolicy, plugProxy, rule, ruleListener, service, zone } from 'zorp';
const web = service('web', { proxy: plugProxy() });
const inside = zone('inside', { subnets: ['10.9.0.0/16', 'fd09::/16'], outboundServices: [web] });
const all = zone('all', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: [web] });
export default definePolicy({
  zones: [inside, all],
  rules: [rule({ from: inside, ports: [80], service: web })],
  listeners: [ruleListener()],${more}
});
`;
}

/** A network namespace in which packet filters are committed. */
class FilterLab {
  readonly lab: Lab;
  readonly first: string;
  readonly second: string;

  constructor(lab: Lab) {
    this.lab = lab;
    this.first = lab.write('first.ts', policyText('one'));
    this.second = lab.write('second.ts', policyText('two'));
  }

  static async open(owner: Owner): Promise<FilterLab> {
    const lab = await Lab.open(owner, { addresses: [] });
    const foreign = 'add table inet other; add counter inet other c { packets 7 bytes 70 }';
    await lab.run(['nft', foreign]);
    return new FilterLab(lab);
  }

  command(...args: readonly string[]): Command {
    return ['env', `ZORP_STATE=${this.lab.folder}/state`, ...zorpCommand('nft', ...args)];
  }

  nft(...args: readonly string[]): Promise<ProcessEnd> {
    return this.lab.run(this.command(...args));
  }

  /** Runs a command that must succeed. */
  async good(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.nft(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  async show(): Promise<Shown> {
    return JSON.parse(await this.good('show', '--json')) as Shown;
  }

  /** All that could have an effect on packets. */
  async snapshot(): Promise<string> {
    const commands: readonly Command[] = [
      ...[['nft', 'list', 'ruleset'] as const, ['ip', 'rule'] as const],
      ...[['ip', '-6', 'rule'] as const, ['ip', 'route', 'show', 'table', 'all'] as const],
      ['ip', '-6', 'route', 'show', 'table', 'all'],
    ];
    const ends: string[] = [];
    for (const command of commands) ends.push((await this.lab.run(command)).stdout);
    // nft shows these by number or by name, as whoever loaded them had it; the kernel has the same.
    return ends.join('\n').replaceAll(/icmpv6 type \{[^}]*\}/g, 'icmpv6 type {}');
  }

  /** A command of a terminal: a process group of its own, as job control makes it. */
  startGroup(...args: readonly string[]): SystemProcess {
    return this.lab.start(['setsid', ...this.command(...args)]);
  }

  get hasState(): boolean {
    return existsSync(`${this.lab.folder}/state`);
  }
}

interface Shown {
  readonly ok: boolean;
  readonly revision?: string;
  readonly waiting?: { readonly isGuarded: boolean };
  readonly rolledBack?: { readonly why: string };
  readonly counters?: readonly { readonly name: string; readonly packets: number }[];
  readonly sets?: readonly { readonly name: string; readonly elements: readonly unknown[] }[];
}

describe('zorp nft', NEEDS, () => {
  it('tests, commits, shows and removes, and leaves nothing behind', async (context) => {
    const lab = await FilterLab.open(context);
    const before = await lab.snapshot();
    const generated = await lab.good('generate', lab.first);
    const file = lab.lab.write('generated.json', generated);
    assert.equal((await lab.lab.run(['nft', '-j', '-c', '-f', file])).status, 0);
    assert.match(await lab.good('test', lab.first), /^table inet zorp: good, the kernel takes /);
    assert.deepEqual([await lab.snapshot(), lab.hasState], [before, false]);
    assert.match(
      await lab.good('commit', lab.first),
      /committed revision [0-9a-f]{12}\nIt stays\./,
    );
    const shown = await lab.show();
    assert.deepEqual([shown.ok, shown.waiting], [true, undefined]);
    assert.ok(shown.counters?.some(({ name }) => name === 'rule_1'));
    assert.ok(JSON.stringify(shown.sets).includes('10.9.0.0'));
    const text = await lab.good('show', lab.first);
    assert.match(text, /it is in the kernel\n/);
    assert.match(text, /\npackets by rule:\n {2}rule 1 \(.*first\.ts:8\) +0 packets +0 bytes\n/);
    assert.match(text, /\n +10\.9\.0\.0\/16\n/);
    assert.match(await lab.good('show', lab.second), /it is not in the kernel\n/);
    assert.match(await lab.good('remove'), /^table inet zorp: removed, nothing is left\n$/);
    assert.deepEqual([await lab.snapshot(), lab.hasState], [before, false]);
    assert.match(await lab.good('remove'), /^There is no packet filter of Zorp\n$/);
  });

  it('goes back to exactly what was there', async (context) => {
    const lab = await FilterLab.open(context);
    await lab.good('commit', lab.first);
    const before = await lab.snapshot();
    const more = `\n  packetFilter: { table: 'fence', mark: 0x8000, routingTable: 99 },`;
    const moved = lab.lab.write('moved.ts', policyText('three', more));
    for (const policy of [lab.second, moved]) {
      await lab.good('commit', policy);
      assert.notEqual(await lab.snapshot(), before);
      assert.match(await lab.good('rollback'), /table inet zorp has revision \w+ again\n/);
      assert.equal(await lab.snapshot(), before);
    }
    const { status, stderr } = await lab.nft('rollback');
    assert.deepEqual([status, stderr.split('\n').length], [1, 2]);
  });

  it('takes back what nobody confirms, also when the terminal is gone', async (context) => {
    const lab = await FilterLab.open(context);
    await lab.good('commit', lab.first);
    const before = await lab.snapshot();
    const commit = lab.startGroup('commit', lab.second, '--confirm', '2');
    await commit.ended; // its outputs are closed: whoever waits for them, as sshd does, goes on
    assert.match(commit.stdout, /It is taken back in 2 s unless you confirm it: /);
    for (const signal of ['SIGHUP', 'SIGKILL'] as const) killGroup(commit.pid, signal);
    await until('the rollback', async () => (await lab.show()).rolledBack?.why === 'not-confirmed');
    assert.equal(await lab.snapshot(), before);
    const late = await lab.nft('confirm');
    assert.match(late.stderr, /was not confirmed in time and rolled back at /);
  });

  it('takes nothing else while a commit waits, and keeps what is confirmed', async (context) => {
    const lab = await FilterLab.open(context);
    // As long as no machine needs for a few commands: nothing here waits for its end.
    await lab.good('commit', lab.first, '--confirm', '600');
    const committed = await lab.snapshot();
    const refused = await lab.nft('commit', lab.second);
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      /^zorp: The last commit waits for its confirmation \(\d+ s are left\)/,
    );
    assert.equal((await lab.show()).waiting?.isGuarded, true);
    assert.equal(await lab.good('confirm'), 'table inet zorp: confirmed, it stays\n');
    // Who would take it back has ended: it stays for good.
    await until('the end of the guard', () => guardsOf(lab.lab.folder).length === 0);
    assert.equal((await lab.show()).waiting, undefined);
    assert.equal(await lab.snapshot(), committed);
  });

  it('leaves the old packet filter or the new one, wherever it is killed', async (context) => {
    const lab = await FilterLab.open(context);
    await lab.good('commit', lab.first);
    const [old, routing] = [(await lab.show()).revision, await routingOf(lab)];
    const begin = performance.now();
    await lab.good('commit', lab.second);
    const wholeMs = performance.now() - begin;
    const fresh = (await lab.show()).revision;
    await lab.good('rollback');
    for (const part of [0.5, 0.6, 0.7, 0.8, 0.9]) {
      const commit = lab.startGroup('commit', lab.second);
      await pause(wholeMs * part);
      commit.signal('SIGKILL');
      await commit.ended;
      const end = await lab.nft('rollback'); // waits for an nft that is left alone
      const { revision } = await lab.show();
      assert.ok(end.status === 0 || end.stderr.includes('no commit to roll back'), end.stderr);
      assert.equal(revision, old, `killed after ${part} of its time`);
      assert.equal(await routingOf(lab), routing);
    }
    assert.notEqual(fresh, old);
    await lab.good('commit', lab.second);
    assert.equal((await lab.show()).revision, fresh);
  });
});

// A machine with one of the programs only: the folders for administrators, in which zorp looks by itself, are empty.
const ONLY_ONE = `
mkdir -p $1/empty && cp "$(command -v $2)" $1
for program in sh cat env; do ln -sf "$(command -v $program)" $1; done
mount --bind $1/empty /usr/sbin && mount --bind $1/empty /sbin
export PATH=$1 && shift 2 && exec "$@"`;

describe('what is in the way of a packet filter', NEEDS, () => {
  it('is told in one sentence, and nothing is changed', async (context) => {
    const lab = await FilterLab.open(context);
    const refuses = async (pattern: RegExp, ...prefix: readonly string[]): Promise<void> => {
      const before = await lab.snapshot();
      for (const word of ['test', 'commit']) {
        const command = [...prefix, ...lab.command(word, lab.first)] as unknown as Command;
        const { status, stdout, stderr } = await lab.lab.run(command);
        assert.deepEqual([status, stdout], [1, ''], stderr);
        assert.match(stderr, pattern);
        assert.match(stderr, /^zorp: [^\n]+: [^\n]+\n$/);
      }
      assert.deepEqual([await lab.snapshot(), lab.hasState], [before, false]);
    };
    for (const [missing, other] of [
      ['nft', 'ip'],
      ['ip', 'nft'],
    ] as const) {
      const pattern = new RegExp(`The program ${missing} is not installed: install the package`);
      const folder = `${lab.lab.folder}/without-${missing}`;
      await refuses(pattern, 'unshare', '-m', 'sh', '-ec', ONLY_ONE, 'sh', folder, other);
    }
    await refuses(/needs the capability CAP_NET_ADMIN/, 'setpriv', '--bounding-set', '-net_admin');
    await lab.lab.run(['ip', 'link', 'set', 'lo', 'down']);
    await refuses(/The interface lo is down/);
    await lab.lab.run(['ip', 'link', 'set', 'lo', 'up']);
    await lab.lab.run(['nft', 'add table inet zorp']);
    await refuses(/There is a table "inet zorp" that Zorp did not make/);
    await lab.lab.run(['nft', 'delete table inet zorp']);
    await lab.lab.run(['ip', 'rule', 'add', 'lookup', '50080']);
    await refuses(/Somebody else uses the IPv4 routing table 50080/);
    await lab.lab.run(['ip', 'rule', 'del', 'lookup', '50080']);
    await lab.lab.run(['ip', '-6', 'rule', 'add', 'fwmark', '0x40000001', 'lookup', '7']);
    await refuses(/The IPv6 routing rule \d+ of somebody else looks at the mark 0x40000000/);
  });
});

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of the group have ended.
  }
}

/** The command lines of guards for a state in this folder. */
function guardsOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes('guard-main.ts') && line.includes(folder));
}

async function routingOf({ lab }: FilterLab): Promise<string> {
  const commands: readonly Command[] = [
    ['ip', 'rule'],
    ['ip', '-6', 'rule'],
    ['ip', 'route', 'show', 'table', '50080'],
    ['ip', '-6', 'route', 'show', 'table', '50080'],
  ];
  const texts: string[] = [];
  for (const command of commands) texts.push((await lab.run(command)).stdout);
  return texts.join('\n');
}
