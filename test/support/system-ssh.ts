// OpenSSH as server and client of a test: keys of its own, one user, no other way in.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './system-lab.ts';
import type { Owner, ProcessEnd } from './system-process.ts';

/** Where the server listens. */
export interface SshAddress {
  readonly host: string;
  readonly port: number;
}

/** How its client gets there. */
export interface Way {
  readonly from: string;
  /** What connects instead of the client, as in ssh_config(5). */
  readonly proxyCommand?: string;
}

/** A server in a lab. */
export interface SshServer {
  /** Runs a command on it, by way of another address. */
  run(command: string, by: SshAddress & Way): Promise<ProcessEnd>;
}

/** Starts sshd with a key that only its own client has; it ends with the owner, by default with the lab. */
export async function startSshServer(
  lab: Lab,
  { host, port }: SshAddress,
  owner?: Owner,
): Promise<SshServer> {
  const folder = mkdtempSync(join(lab.folder, 'ssh-')); // for this user alone
  for (const name of ['host', 'client'])
    await lab.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }); // sshd gives up its rights there, and insists on it
  const options = {
    ListenAddress: `${host}:${port}`,
    HostKey: join(folder, 'host'),
    AuthorizedKeysFile: join(folder, 'client.pub'),
    PidFile: 'none',
    StrictModes: 'no', // the folder of a test is below one that everybody may write to
    PermitRootLogin: 'prohibit-password',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
  };
  const sshd = lab.start(
    ['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', ...flags(options)],
    owner,
  );
  await sshd.says(/Server listening/);
  return {
    run: (command, by) => {
      const client = {
        BindAddress: by.from,
        IdentityFile: join(folder, 'client'),
        IdentitiesOnly: 'yes',
        StrictHostKeyChecking: 'no',
        UserKnownHostsFile: '/dev/null',
        BatchMode: 'yes',
        ConnectTimeout: '10',
        ...(by.proxyCommand === undefined ? {} : { ProxyCommand: by.proxyCommand }),
      };
      const destination = ['-p', String(by.port), `root@${by.host}`, command];
      return lab.run(['ssh', '-q', '-F', 'none', ...flags(client), ...destination]);
    },
  };
}

function flags(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
