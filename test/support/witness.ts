// socat as client and server: a server that answers with who it saw and what it got, over TCP or UDP, and its client.
import { IpAddress } from '../../src/address/ip-address.ts';
import type { LabFamily } from './network-lab.ts';
import { endpoint } from './network-lab.ts';
import type { Lab } from './system-lab.ts';
import type { Command, Owner, ProcessEnd, SystemProcess } from './system-process.ts';
import { until } from './system-wait.ts';

/** A protocol that a witness speaks. */
export type LabProtocol = 'tcp' | 'udp';

/** What a server saw, told by itself. */
export interface Sighting {
  /** Where the connection came from, in the shortest form of the address. */
  readonly address: string;
  readonly port: number;
  /** What the client had sent. */
  readonly text: string;
}

/** Where a witness serves, or a client goes. */
export interface WitnessAt {
  readonly protocol: LabProtocol;
  readonly address: string;
  readonly port: number;
}

/** Starts a server that answers each connection, or each datagram, with what it saw of it. */
export async function startWitness(
  lab: Lab,
  { protocol, address, port }: WitnessAt,
  owner?: Owner,
): Promise<SystemProcess> {
  const family = familyOf(address) === 'ipv4' ? '4' : '6';
  const host = endpoint(address, port).slice(0, -String(port).length - 1);
  const listen = protocol === 'tcp' ? `TCP${family}-LISTEN` : `UDP${family}-RECVFROM`;
  const options = protocol === 'tcp' ? 'fork,reuseaddr,backlog=1024' : 'fork';
  // socat(1), ENVIRONMENT VARIABLES: the child is told who its peer is.
  const answer = 'echo "$SOCAT_PEERADDR $SOCAT_PEERPORT"; cat';
  const at = `${listen}:${port},bind=${host},${options}`;
  const command: Command = ['socat', '-d', '-d', at, `SYSTEM:${answer.replaceAll('"', '\\"')}`];
  const server = lab.start(command, owner);
  await server.says(protocol === 'tcp' ? /listening on/ : /receiving on|starting accept loop/);
  return server;
}

/** How a client asks. */
export interface AskOptions {
  readonly text?: string;
  /** The port to come from. Default: any. */
  readonly fromPort?: number;
  /** How long socat waits for the answer after its last byte, and for the connection. Default: 2. */
  readonly seconds?: number;
}

/** Asks a server with socat, whatever comes of it. */
export async function ask(lab: Lab, at: WitnessAt, options: AskOptions = {}): Promise<ProcessEnd> {
  const { text = 'hello\n', fromPort, seconds = 2 } = options;
  const version = familyOf(at.address) === 'ipv4' ? '4' : '6';
  const from = fromPort === undefined ? '' : `,sourceport=${fromPort},reuseaddr`;
  const timeout = at.protocol === 'tcp' ? `,connect-timeout=${seconds}` : '';
  const to = `${at.protocol.toUpperCase()}${version}:${endpoint(at.address, at.port)}`;
  const client = lab.start(['socat', `-t${seconds}`, '-', `${to}${from}${timeout}`]);
  client.feed(text);
  if (at.protocol === 'tcp') return client.end();
  // No datagram says that it is the last one: socat would wait for more.
  await until('an answer or the end', () => client.stdout.endsWith(text) || !client.isRunning);
  await client.stop();
  return client.ended;
}

/** Asks a server and reads its answer. @throws an error with what socat said, if there was none. */
export async function sighting(lab: Lab, at: WitnessAt, options?: AskOptions): Promise<Sighting> {
  const { stdout, stderr, status } = await ask(lab, at, options);
  const [, address, port, text = ''] = /^(\S+) (\d+)\n(.*)$/s.exec(stdout) ?? [];
  if (address === undefined)
    throw new Error(`No answer from ${endpoint(at.address, at.port)}: ${status} ${stderr}`);
  const plain = IpAddress.parse(address.replace(/^\[(.*)\]$/, '$1'));
  return { address: String(plain), port: Number(port), text };
}

function familyOf(address: string): LabFamily {
  return IpAddress.parse(address).family;
}
