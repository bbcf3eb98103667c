// npm run demo: three machines in network namespaces, policies/edge.ts on the one in the middle, and what real clients and
// servers see of each other. Everything ends with it, also at Ctrl-C.
import { join, relative } from 'node:path';
import type { DecisionRecord } from '../src/log/decision-record.ts';
import { EdgeScene } from '../test/support/edge-scene.ts';
import { EDGE_PROGRAMS, startEdgeServers } from '../test/support/edge-servers.ts';
import { needs } from '../test/support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS } from '../test/support/network-lab.ts';
import type { Lab } from '../test/support/system-lab.ts';
import type { Command } from '../test/support/system-process.ts';

const POLICY = join(import.meta.dirname, '../policies/edge.ts');
const SHOWN_POLICY = relative(process.cwd(), POLICY);
const { client: CLIENT, outside: OUTSIDE, server: SERVER } = ADDRESSES;

/** Ends what was started, the last first. */
class Ending {
  readonly #ends: (() => Promise<void>)[] = [];

  after(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async run(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
  }
}

/** One thing that the client does, and who says what of it. */
interface Step {
  readonly title: string;
  readonly command: Command;
  readonly input?: string;
  /** The lines of the answer that are worth reading. */
  readonly shows: RegExp;
}

const STEPS: readonly Step[] = [
  {
    title: `Web, read by the HTTP proxy: the server sees the client's own address (${CLIENT.ipv4})`,
    command: ['curl', '-si', '--max-time', '5', `http://${SERVER.ipv4}/`],
    shows: /^(HTTP|Server:|from:|via:)/,
  },
  {
    title: `The same over IPv6 (${CLIENT.ipv6})`,
    command: ['curl', '-si', '--max-time', '5', `http://[${SERVER.ipv6}]/`],
    shows: /^(HTTP|Server:|from:)/,
  },
  {
    title: 'A method that the policy does not permit',
    command: ['curl', '-si', '--max-time', '5', '-X', 'DELETE', `http://${SERVER.ipv4}/`],
    shows: /^HTTP/,
  },
  {
    title: 'TLS through a plug, which moves the bytes and does not read them',
    command: ['openssl', 's_client', '-quiet', '-ign_eof', '-connect', `${SERVER.ipv4}:443`],
    input: 'GET / HTTP/1.0\r\n\r\n',
    shows: /^(HTTP|s_server|New, TLS|.*Protocol *:)/,
  },
  {
    title: `Names over UDP: the server sees the firewall (${OUTSIDE.ipv4})`,
    command: ['dig', '+noall', '+answer', '+tries=1', `@${SERVER.ipv4}`, 'www.example.org'],
    shows: /./,
  },
  {
    title:
      'A pfService, forwarded by the kernel with the address of the client: Zorp does not see it',
    command: ['socat', '-t2', '-', `TCP4:${SERVER.ipv4}:22`],
    input: 'hello\n',
    shows: /./,
  },
  {
    title: 'A pfService, forwarded by the kernel with the address of the firewall',
    command: ['socat', '-t1', '-', `UDP4:${SERVER.ipv4}:123`],
    input: 'hello\n',
    shows: /./,
  },
  {
    title: 'A service that is turned away with a reset',
    command: ['curl', '-sS', '--max-time', '5', `telnet://${SERVER.ipv4}:23`],
    shows: /./,
  },
  {
    title: 'All else is turned away with an ICMP message',
    command: ['curl', '-sS', '--max-time', '5', `http://${SERVER.ipv4}:8080/`],
    shows: /./,
  },
];

const ending = new Ending();
let committed: EdgeScene | undefined;
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interruption.abort();
    void finish('\nInterrupted: nothing is left.', 130);
  });

try {
  refuseIfMissing();
  await demonstrate();
  await finish('\n== The namespaces are gone, and everything that ran in them: nothing is left', 0);
} catch (error) {
  // What fails because its machine is gone by then is none of the reader's.
  if (!interruption.signal.aborted) {
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
    await finish('', 1);
  }
}

async function finish(text: string, exitCode: number): Promise<void> {
  await end();
  say(text);
  process.exit(exitCode);
}

/** What waits for the confirmation of a commit outlives everything else: it must be told that there is none any more. */
async function end(): Promise<void> {
  const scene = committed;
  committed = undefined;
  await scene?.command('nft', 'remove').catch(() => undefined);
  await ending.run();
}

function refuseIfMissing(): void {
  const { skip } = needs(...NETWORK_NEEDS, ...EDGE_PROGRAMS);
  if (skip !== undefined) throw new Error(skip);
}

async function demonstrate(): Promise<void> {
  heading('Three machines, each a network namespace');
  say(
    `  client ${CLIENT.ipv4} ${CLIENT.ipv6}  -  firewall  -  server ${SERVER.ipv4} ${SERVER.ipv6}`,
  );
  const scene = await EdgeScene.prepare(ending, { policy: { file: POLICY } });
  await startEdgeServers(scene.network.server);
  await commit(scene);
  say(`\n$ zorp run ${SHOWN_POLICY}`);
  await scene.run();
  for (const address of scene.zorp.lines.filter(({ code }) => code === 'instance.listening'))
    say(`  ${address.message}`);
  for (const step of STEPS) await show(scene.network.client, step);
  await showRecords(scene);
  heading('What the kernel has counted');
  await zorpNft(scene, 'show', SHOWN_POLICY);
  heading('And everything is taken away again');
  await zorpNft(scene, 'remove');
}

async function commit(scene: EdgeScene): Promise<void> {
  heading('The packet filter is made from the policy, and confirmed');
  committed = scene;
  await zorpNft(scene, 'commit', SHOWN_POLICY, '--confirm', '30');
  await zorpNft(scene, 'confirm');
}

async function zorpNft(scene: EdgeScene, ...words: readonly string[]): Promise<void> {
  say(`$ zorp nft ${words.join(' ')}`);
  indent(await scene.nft(...words));
}

async function show(client: Lab, { title, command, input = '', shows }: Step): Promise<void> {
  heading(title);
  say(`$ ${command.join(' ')}`);
  const { stdout, stderr } = await client.run(command, input);
  const lines = `${stdout}${stderr}`.split(/\r?\n/).filter((line) => shows.test(line));
  indent(lines.join('\n'));
}

async function showRecords(scene: EdgeScene): Promise<void> {
  heading('The decision records of the connections that Zorp has seen');
  await scene.record('the names', ({ service }) => service === 'names');
  for (const record of scene.zorp.records) say(`  ${lineOf(record)}`);
}

function lineOf(record: DecisionRecord): string {
  const { client, server, service, rule, verdict, reason, bytes } = record;
  const to = server === null ? 'nowhere' : `${server.address} port ${server.port}`;
  const sizes = `${bytes.fromClient} B out, ${bytes.toClient} B back`;
  return `${client.address} to ${to}, rule ${rule ?? '-'}, ${service ?? '-'}: ${verdict} (${reason}), ${sizes}`;
}

function heading(text: string): void {
  say(`\n== ${text}`);
}

function indent(text: string): void {
  for (const line of text.trimEnd().split('\n')) say(`  ${line}`);
}

function say(text: string): void {
  console.log(text);
}
