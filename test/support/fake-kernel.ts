// A machine for tests of the packet filter: nft and ip answer from tables in memory, and every run can be made to fail.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../../src/packet-filter/machine.ts';
import type { Ruleset } from '../../src/packet-filter/prepare-commit.ts';
import { readProc } from '../../src/packet-filter/proc-files.ts';
import type { CommandEnd, CommandRun } from '../../src/packet-filter/run-command.ts';
import { StateFolder } from '../../src/packet-filter/state-folder.ts';
import { markerCommands } from '../../src/packet-filter/table-marker.ts';

interface FakeTable {
  readonly handle: number;
  readonly objects: readonly object[];
}

interface NftCommand {
  readonly add?: { readonly table?: { readonly name: string } } & Record<string, unknown>;
  readonly create?: { readonly table: { readonly name: string } };
  readonly delete?: { readonly table: { readonly handle: number } };
}

interface FakeRoute {
  readonly family: string;
  readonly what: string;
  readonly args: string;
}

const TABLE_LINE = /^table inet (\S+) (\[.*\])$/;

/** A small ruleset with a marker, as a policy could have it. */
export function sampleRuleset(
  revision: string,
  identity: Partial<Ruleset['identity']> = {},
): Ruleset {
  const table = identity.table ?? 'zorp';
  const place = { family: 'inet', table };
  const hook = { type: 'filter', hook: 'prerouting', prio: -150, policy: 'accept' };
  const expr = [{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } }];
  return {
    identity: {
      ...{ table, revision, mark: 0x4000_0000, routingTable: 50_080, policyFile: '/policy.ts' },
      ...identity,
    },
    forwards: false,
    commands: [
      { add: { table: { family: 'inet', name: table } } },
      { add: { counter: { ...place, name: `counter-${revision}` } } },
      { add: { set: { ...place, name: 'zone', type: 'ipv4_addr', elem: ['192.0.2.1'] } } },
      { add: { chain: { ...place, name: 'prerouting', ...hook } } },
      {
        add: {
          rule: {
            ...{ ...place, chain: 'prerouting' },
            expr: [...expr, { mangle: { key: { meta: { key: 'mark' } }, value: 0x4000_0000 } }],
          },
        },
      },
    ],
  };
}

/** A kernel with an nft and an ip. */
export class FakeKernel implements Machine {
  readonly folder: StateFolder;
  readonly #root = mkdtempSync(join(tmpdir(), 'zorp-kernel-'));
  /** Tables of family inet by name. */
  readonly tables = new Map<string, FakeTable>();
  routing: FakeRoute[] = [];
  links = ['lo', 'eth0'];
  version = '1.0.6';
  isAdministrator = true;
  /** Files of /proc that are other than this machine's. */
  readonly proc = new Map<string, string | undefined>([['/proc/net/if_inet6', '']]);
  /** Every command line. */
  readonly asked: string[] = [];
  /** Says how a run ends, instead of what it would do. */
  interfere: (line: string, run: CommandRun) => CommandEnd | undefined = () => undefined;
  timeMs = Date.parse('2026-01-01T00:00:00Z');
  /** The commits whose guards were started. */
  readonly guards: string[] = [];
  guardStarts: () => void = () => undefined;
  #handles = 0;

  constructor() {
    this.folder = new StateFolder(join(this.#root, 'run', 'net-1'));
  }

  /** Removes its folder. */
  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Whether there is nothing of the packet filter on the disk. */
  get hasNoState(): boolean {
    return !new StateFolder(join(this.#root, 'run')).exists();
  }

  readonly readProc = (path: string): string | undefined => {
    if (path === '/proc/self/status')
      return `CapEff:\t${this.isAdministrator ? '0000000000001000' : '0000000000000000'}\n`;
    return this.proc.has(path) ? this.proc.get(path) : readProc(path);
  };

  now(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return this.timeMs;
  }

  startGuard(commitId: string): Promise<{ pid: number; startTick: string }> {
    this.guardStarts();
    this.guards.push(commitId);
    return Promise.resolve({ pid: 4711, startTick: '0' });
  }

  readonly run = (run: CommandRun): Promise<CommandEnd> => {
    const line = [run.program, ...run.args].join(' ');
    this.asked.push(line);
    run.onStart?.(0);
    return Promise.resolve(this.interfere(line, run) ?? this.#answer(run));
  };

  /** Puts a table of somebody else there. */
  addForeignTable(name: string): void {
    this.#addTable(name, []);
  }

  /** The revision that a table is marked with. */
  revisionOf(name: string): string | undefined {
    return /revision (\w+)/.exec(JSON.stringify(this.tables.get(name)?.objects ?? []))?.[1];
  }

  /** All that has an effect on packets, to compare. */
  get effects(): unknown {
    const tables = [...this.tables].map(([name, { objects }]) => [name, objects] as const);
    return { tables: tables.sort(), routing: this.routing };
  }

  #answer(run: CommandRun): CommandEnd {
    const { program, args } = run;
    if (program === 'ip') return this.#ip(args);
    if (program === 'nft' && args[0] === '--version')
      return ended(`nftables v${this.version} (Fake)\n`);
    if (program === 'nft') return this.#list(args.at(-1) ?? '', args[0] === '-j');
    const isCheck = args.includes('cat | exec nft "$@" -f -');
    const input = isCheck ? (run.input ?? '') : readFileSync(args.at(-1) ?? '', 'utf8');
    return this.#transact(input, isCheck);
  }

  #list(name: string, isJson: boolean): CommandEnd {
    const table = this.tables.get(name);
    if (table === undefined) return failed(1, 'Error: No such file or directory\n');
    if (!isJson) return ended(`table inet ${name} ${JSON.stringify(table.objects)}\n`);
    const head = { table: { family: 'inet', name, handle: table.handle } };
    return ended(JSON.stringify({ nftables: [head, ...table.objects] }));
  }

  /** All or nothing, as the kernel does it. */
  #transact(input: string, isCheck: boolean): CommandEnd {
    const tables = new Map(this.tables);
    try {
      if (input.startsWith('{')) this.#json(input);
      else this.#text(input);
    } catch (error) {
      this.#reset(tables);
      return failed(1, `Error: ${error instanceof Error ? error.message : ''}\n`);
    }
    if (isCheck) this.#reset(tables);
    return ended('');
  }

  #reset(tables: ReadonlyMap<string, FakeTable>): void {
    this.tables.clear();
    for (const [name, table] of tables) this.tables.set(name, table);
  }

  #json(input: string): void {
    const { nftables } = JSON.parse(input) as { nftables: readonly NftCommand[] };
    let objects: object[] = [];
    for (const { add, create, delete: deletion } of nftables) {
      if (create !== undefined) objects = this.#addTable(create.table.name, []);
      else if (deletion !== undefined)
        this.#delete(({ handle }) => handle === deletion.table.handle);
      else if (add?.table === undefined)
        objects.push(withCounts(add as Readonly<Record<string, object>>));
      else if (!this.tables.has(add.table.name)) objects = this.#addTable(add.table.name, []);
    }
  }

  #text(input: string): void {
    for (const line of input.split('\n').filter((one) => one !== '')) {
      const [, name, objects] = TABLE_LINE.exec(line) ?? [];
      const deleted = /^delete table inet (\S+)$/.exec(line)?.[1];
      if (deleted !== undefined) this.#delete((table) => table === this.tables.get(deleted));
      else if (name !== undefined && objects !== undefined)
        this.#addTable(name, JSON.parse(objects) as object[]);
      else throw new Error('syntax error');
    }
  }

  #addTable(name: string, objects: object[]): object[] {
    if (this.tables.has(name)) throw new Error('Could not process rule: File exists');
    this.tables.set(name, { handle: ++this.#handles, objects });
    return objects;
  }

  #delete(isMeant: (table: FakeTable) => boolean): void {
    const found = [...this.tables].find(([, table]) => isMeant(table));
    if (found === undefined) throw new Error('Could not process rule: No such file or directory');
    this.tables.delete(found[0]);
  }

  #ip(args: readonly string[]): CommandEnd {
    if (args.includes('link'))
      return ended(JSON.stringify(this.links.map((ifname) => ({ ifname, flags: ['UP'] }))));
    const [family = '', ...rest] = args;
    if (rest.includes('show')) return ended(JSON.stringify(this.#routingOf(family, rest)));
    const [what = '', verb, ...words] = rest;
    const isIt = (one: FakeRoute): boolean =>
      one.family === family && one.what === what && one.args === words.join(' ');
    if (verb === 'add' && !this.routing.some(isIt))
      this.routing = [...this.routing, { family, what, args: words.join(' ') }];
    else if (verb === 'del' && this.routing.some(isIt))
      this.routing = this.routing.filter((one) => !isIt(one));
    else return failed(2, 'RTNETLINK answers: No such file or directory\n');
    return ended('');
  }

  #routingOf(family: string, asked: readonly string[]): readonly object[] {
    const all = this.routing.filter((one) => one.family === family);
    const number = (args: string, key: string): string | undefined =>
      new RegExp(`${key} (\\S+)`).exec(args)?.[1];
    if (asked.includes('rule'))
      return all
        .filter(({ what }) => what === 'rule')
        .map(({ args }) => ({
          ...{ priority: Number(number(args, 'priority')), src: 'all' },
          ...{ fwmark: number(args, 'fwmark')?.split('/')[0], table: number(args, 'lookup') },
          ...{ fwmask: number(args, 'fwmark')?.split('/')[1], protocol: number(args, 'protocol') },
        }));
    return all
      .filter(({ what, args }) => what === 'route' && number(args, 'table') === asked.at(-1))
      .map(({ args }) => {
        const [type, dst] = args.split(' ');
        return { type, dst, dev: number(args, 'dev'), protocol: number(args, 'protocol') };
      });
  }
}

/** The kernel counts from 0. */
function withCounts(added: Readonly<Record<string, object>>): object {
  const { counter } = added;
  return counter === undefined ? added : { counter: { packets: 0, bytes: 0, ...counter } };
}

/** A program that ended well. */
export function ended(stdout: string): CommandEnd {
  return { kind: 'ended', status: 0, stdout, stderr: '' };
}

/** A program that ended with a complaint. */
export function failed(status: number, stderr: string): CommandEnd {
  return { kind: 'ended', status, stdout: '', stderr };
}

/** The objects that mark a table, for a listing. */
export function markerObjects(table: string, revision: string): readonly object[] {
  return markerCommands(table, revision).map(
    (command) => Object.getOwnPropertyDescriptor(command, 'add')?.value as object,
  );
}
