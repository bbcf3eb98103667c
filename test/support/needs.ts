// What a system test needs of the machine. Where it is missing the test is skipped, and the reason says how to get it.
import { spawnSync } from 'node:child_process';
import { installedProgram } from './installed-program.ts';

/** The Debian package of a program, where the two have different names. */
const PACKAGES: Readonly<Record<string, string>> = {
  certtool: 'gnutls-bin',
  certutil: 'libnss3-tools',
  dig: 'bind9-dnsutils',
  'gnutls-cli': 'gnutls-bin',
  go: 'golang-go',
  'in.fingerd': 'fingerd',
  ip: 'iproute2',
  nft: 'nftables',
  nginx: 'nginx-light',
  nsenter: 'util-linux',
  pgrep: 'procps',
  ps: 'procps',
  slapadd: 'slapd',
  ss: 'iproute2',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  taskset: 'util-linux',
  tc: 'iproute2',
  testssl: 'testssl.sh',
  unshare: 'util-linux',
};

/**
 * Options for a test of node:test that runs only where every named program is installed; the name 'netns' stands for
 * the right to make network namespaces, and 'root' for that to become another user. With ZORP_TEST_NO_SKIP=1 a missing one
 * is an error.
 *
 *     test('fetches a page through Zorp', needs('nginx', 'curl'), async () => ...)
 */
export function needs(...names: readonly string[]): { skip?: string } {
  const missing = names.map(whyMissing).filter((reason) => reason !== undefined);
  if (missing.length === 0) return {};
  const skip = missing.join('; ');
  if (process.env['ZORP_TEST_NO_SKIP'] === '1') throw new Error(`Cannot run a test: ${skip}`);
  return { skip };
}

function whyMissing(name: string): string | undefined {
  if (name === 'netns') {
    return canMakeNamespaces() ? undefined : 'network namespaces are not permitted: run as root';
  }
  if (name === 'root') return process.geteuid?.() === 0 ? undefined : 'this is for root';
  return installedProgram(name) !== undefined
    ? undefined
    : `${name} is not installed: apt install ${PACKAGES[name] ?? name}`;
}

let namespaces: boolean | undefined;

function canMakeNamespaces(): boolean {
  // -r maps an ordinary user to root in a user namespace of its own, where the machine permits that.
  namespaces ??= ['-n', '-rn'].some((flags) => spawnSync('unshare', [flags, 'true']).status === 0);
  return namespaces;
}
