// One example policy with real traffic: its clients, and what must be recorded and explained of each connection.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { ExplainedDecision } from '../../src/policy/explain.ts';
import { runCommand } from './system-cli.ts';
import type { CurlAnswer } from './system-curl.ts';
import { curl } from './system-curl.ts';
import type { Lab } from './system-lab.ts';
import type { Owner, SystemProcess } from './system-process.ts';
import type { PrintedConnection, PrintedTalk } from './system-tcp-main.ts';
import type { TalkOptions } from './system-tcp.ts';
import { until } from './system-wait.ts';
import { RunningZorp } from './system-zorp.ts';

/** What a record must say of a connection; what is not named may be anything. */
export interface Expected {
  readonly verdict?: DecisionRecord['verdict'];
  readonly reason?: string;
  /** Default: anything. */
  readonly message?: RegExp;
  readonly service?: string | null;
  readonly rule?: number | null;
  readonly clientZone?: string | null;
  readonly serverZone?: string | null;
  readonly server?: string | null;
  /** Which server of the router it was, from 0; `zorp explain` speaks of the first. Default: 0. */
  readonly candidate?: number;
}

/** A record to be explained. */
interface Recorded {
  readonly record: DecisionRecord;
  readonly isFirst: boolean;
}

/** What a client must see of an HTTP connection. */
export interface ExpectedAnswer {
  readonly status: number;
  readonly connectStatus?: number;
  readonly body?: RegExp;
  /** One of these, where it depends on who is first. Default: 0. */
  readonly exit?: number | readonly number[];
}

const TCP_MAIN = join(import.meta.dirname, 'system-tcp-main.ts');

/** A policy that runs in a lab. */
export class Scene {
  readonly lab: Lab;
  readonly policyFile: string;
  readonly zorp: RunningZorp;
  /** Who ends what is started for the scene. */
  readonly owner: Owner;
  readonly #records: Recorded[] = [];

  constructor(lab: Lab, owner: Owner, policyFile: string, zorp: RunningZorp) {
    this.lab = lab;
    this.policyFile = policyFile;
    this.zorp = zorp;
    this.owner = owner;
  }

  /** Runs the policy until its owner ends. */
  static async open(lab: Lab, owner: Owner, policyFile: string): Promise<Scene> {
    const inside: Lab['inside'] = (command) => lab.inside(command);
    return new Scene(
      lab,
      owner,
      policyFile,
      await RunningZorp.start(owner, policyFile, { inside }),
    );
  }

  /** Lets curl make one connection, and checks what it sees and what is recorded. */
  async curl(
    args: readonly string[],
    answer: ExpectedAnswer,
    expected: Expected,
  ): Promise<CurlAnswer> {
    const seen = await curl(this.lab, ...args);
    const what = `curl ${args.join(' ')}: ${JSON.stringify(seen)}`;
    assert.ok([answer.exit ?? 0].flat().includes(seen.exit), what);
    assert.equal(seen.status, answer.status, what);
    assert.equal(seen.connectStatus, answer.connectStatus ?? 0, what);
    assert.match(seen.body, answer.body ?? /(?:)/, what);
    await this.expectRecord(expected, what);
    return seen;
  }

  /** Lets a small client make one connection, and checks what is recorded. */
  async talk(options: TalkOptions, expected: Expected): Promise<PrintedTalk> {
    const json = JSON.stringify({ timeoutMs: 4_000, ...options });
    const { stdout, stderr } = await this.lab.run([process.execPath, TCP_MAIN, 'talk', json]);
    assert.notEqual(stdout, '', stderr);
    await this.expectRecord(expected, json);
    return JSON.parse(stdout) as PrintedTalk;
  }

  /** Takes a record of the policy where it runs elsewhere, too: it must be as `zorp explain` says. */
  willExplain(record: DecisionRecord): void {
    this.#records.push({ record, isFirst: true });
  }

  /** Takes the next record and checks it. */
  async expectRecord(
    { candidate = 0, message = /^/, ...expected }: Expected,
    what: string,
  ): Promise<void> {
    const record = await this.zorp.record();
    assert.match(record.message, message, what);
    this.#records.push({ record, isFirst: candidate === 0 });
    const { verdict, reason, service, rule, client, server } = record;
    const told = {
      ...{ verdict, reason, service, rule },
      clientZone: client.zone,
      serverZone: server?.zone,
      server: textOf(server),
    };
    const wanted = { ...told, ...expected };
    assert.deepEqual(told, wanted, what);
  }

  /** Starts a server that greets and sends back what it gets. */
  async serve(host: string, port: number): Promise<EchoServer> {
    const command = [process.execPath, TCP_MAIN, 'serve', host, String(port)] as const;
    const started = this.lab.start(command, this.owner);
    await started.says(/ready/);
    return new EchoServer(started);
  }

  /** Whether `zorp explain` says of every connection what its record says. */
  async checkExplanations(): Promise<void> {
    assert.notEqual(this.#records.length, 0, 'no connection was made');
    for (const { record, isFirst } of this.#records) {
      const { explained, what } = await this.#explain(record, []);
      const isOpen = explained.outcome === 'detecting';
      // While it is open, the service is that of the rule, for what no detector recognises.
      const isRest = record.service === explained.service || record.service === null;
      const detected = ['--detected', isRest ? 'none' : record.service];
      const answer = isOpen ? await this.#explain(record, detected) : { explained, what };
      agree(answer.explained, isFirst ? record : { ...record, server: null }, answer.what);
    }
  }

  async #explain(
    record: DecisionRecord,
    known: readonly string[],
  ): Promise<{ readonly explained: ExplainedDecision; readonly what: string }> {
    const args = ['explain', this.policyFile, '--json', ...questionOf(record), ...known];
    const { out, err } = await runCommand(args);
    const what = `${args.join(' ')}\n${err}${out}\n${JSON.stringify(record)}`;
    return { explained: (JSON.parse(out) as { decision: ExplainedDecision }).decision, what };
  }
}

/** A server in the lab, and the connections that it has had. */
export class EchoServer {
  readonly #process: SystemProcess;
  #taken = 1; // the first line says that it is ready

  constructor(process: SystemProcess) {
    this.#process = process;
  }

  /** Ends it at once. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** The next connection that has ended. */
  async connection(): Promise<PrintedConnection> {
    const line = await until('a connection at the server', () => {
      const lines = this.#process.stdout.split('\n');
      return this.#taken < lines.length - 1 ? lines[this.#taken] : undefined;
    });
    this.#taken++;
    return JSON.parse(line) as PrintedConnection;
  }
}

type Address = DecisionRecord['server'];

function textOf(address: Address): string | null {
  if (address === null) return null;
  const host = address.address.includes(':') ? `[${address.address}]` : address.address;
  return `${host}:${address.port}`;
}

/** The question to `zorp explain` that its record answers. */
function questionOf(record: DecisionRecord): string[] {
  const { client, clientLocal, listener, server, connects } = record;
  // A server that the protocol named is asked for; otherwise only the address counts that the client connected to.
  const isNamed = typeof connects.at(-1)?.host === 'string' && server !== null;
  const to = textOf(isNamed ? server : clientLocal) ?? '';
  return ['--client', client.address, '--listener', listener, '--to', to];
}

/** Refusals and ends that come of what the proxy reads and reaches, after the decision about the connection. */
const BY_PROTOCOL =
  /^(?:tls|content|http|socks|authentication|authorization|websocket|plug|finger|whois|custom|program|connect|resolve)\./;

function agree(explained: ExplainedDecision, record: DecisionRecord, what: string): void {
  const { service, rule, listener, client, server, verdict, reason } = record;
  const clientSide = { service, rule, listener, clientZone: client.zone };
  assert.deepEqual({ ...explained, ...clientSide }, { ...explained }, what);
  if (server !== null) {
    const serverSide = { server: textOf(server), serverZone: server.zone };
    assert.deepEqual({ ...explained, ...serverSide }, { ...explained }, what);
  }
  if (!BY_PROTOCOL.test(reason)) {
    assert.deepEqual([explained.outcome, explained.reason], ['refused', reason], what);
    assert.equal(explained.verdict, verdict, what);
  } else if (server !== null) assert.equal(explained.outcome, 'permitted', what);
}
