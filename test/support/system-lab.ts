// A network of its own for a test: a network namespace in which policies run with their real addresses and ports, and a
// hosts file of its own. What runs in it dies with the test, and the namespace with what runs in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Owner, ProcessEnd } from './system-process.ts';
import { SystemProcess, run } from './system-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What `needs` must be told for a lab. */
export const LAB_NEEDS = ['netns', 'ip', 'unshare', 'nsenter', 'setpriv', 'mount'] as const;

/** What a lab has. */
export interface LabOptions {
  /** Addresses of every machine of the scenario: all are on the loopback interface. */
  readonly addresses: readonly string[];
  /** Names and their addresses; nothing else resolves. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** A lab whose user may command this one too, as the machines of one network. Default: the machine of the test. */
  readonly beside?: Lab;
}

/** A network in which a test runs its processes. */
export class Lab {
  /** A folder for files of the test, removed with the lab. */
  readonly folder: string;
  /** A process in the lab that lives as long as it. */
  readonly pid: number;
  readonly #owner: Owner;
  readonly #enter: readonly string[];

  constructor(owner: Owner, folder: string, holder: { pid: number; enter: readonly string[] }) {
    this.#owner = owner;
    this.folder = folder;
    this.pid = holder.pid;
    this.#enter = holder.enter;
  }

  /** Makes a lab that ends with its owner. */
  static async open(owner: Owner, options: LabOptions): Promise<Lab> {
    const folder = temporaryFolder(owner, 'lab');
    writeFileSync(join(folder, 'hosts'), hostsFile(options.hosts ?? {}));
    writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files\n');
    const isRoot = spawnSync('unshare', ['-nm', 'true']).status === 0;
    const { beside } = options;
    // Its last command reads standard input: it ends at the latest when the test process does.
    const script = [...setUp(options.addresses, folder), 'echo ready', 'exec cat'].join('\n');
    const flags = isRoot || beside !== undefined ? '-nm' : '-rnm';
    const command = ['unshare', flags, 'sh', '-ec', script] as const;
    const holder = SystemProcess.start(owner, beside?.inside(command) ?? command);
    await holder.says(/ready/);
    const user = isRoot ? [] : ['-U', '--preserve-credentials'];
    const target = ['-t', String(holder.pid), '-n', '-m', ...user, `--wd=${process.cwd()}`];
    return new Lab(owner, folder, { pid: holder.pid, enter: ['nsenter', ...target, '--'] });
  }

  /** A command as it must be run to be in the lab. */
  inside(command: Command): Command {
    // nsenter replaces itself by setpriv, and that by the command; entering a namespace had cleared the death signal.
    return [...this.#enter, 'setpriv', '--pdeathsig', 'KILL', ...command] as unknown as Command;
  }

  /** Starts a process in the lab, ended with the owner or with the lab. */
  start(command: Command, owner: Owner = this.#owner): SystemProcess {
    return SystemProcess.start(owner, this.inside(command));
  }

  /** Runs a command in the lab to its end. */
  run(command: Command, input?: string): Promise<ProcessEnd> {
    return run(this.#owner, this.inside(command), input);
  }

  /** Writes a file for a process of the lab. @returns its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Makes a folder for processes of the lab. @returns its path. */
  makeFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }
}

function setUp(addresses: readonly string[], folder: string): string[] {
  return [
    'ip link set lo up',
    ...addresses.map((one) =>
      one.includes(':') ? `ip addr add ${one}/128 dev lo nodad` : `ip addr add ${one}/32 dev lo`,
    ),
    'mount -t tmpfs -o mode=755 tmpfs /run', // what is kept there is of this machine alone
    'mkdir /run/sshd', // without it sshd does not start
    `mount --bind ${folder}/hosts /etc/hosts`,
    `mount --bind ${folder}/nsswitch.conf /etc/nsswitch.conf`,
  ];
}

function hostsFile(hosts: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries({ localhost: ['127.0.0.1'], ...hosts }).flatMap(
    ([name, addresses]) => addresses.map((address) => `${address} ${name}\n`),
  );
  return lines.join('');
}
