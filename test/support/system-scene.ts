// One example policy with real traffic: its clients, and what must be recorded and explained of each connection.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { ExplainedDecision } from '../../src/policy/explain.ts';
import type { CurlAnswer } from './system-curl.ts';
import { curl } from './system-curl.ts';
import type { Lab } from './system-lab.ts';
import type { Owner, SystemProcess } from './system-process.ts';
import type { PrintedConnection, PrintedTalk } from './system-tcp-main.ts';
import type { TalkOptions } from './system-tcp.ts';
import { until } from './system-wait.ts';
import { RunningZorp, zorpCommand } from './system-zorp.ts';

/** What a record must say of a connection; what is not named may be anything. */
export interface Expected {
  readonly verdict?: DecisionRecord['verdict'];
  readonly reason?: string;
  readonly service?: string | null;
  readonly clientZone?: string | null;
  readonly serverZone?: string | null;
  readonly server?: string | null;
}

/** What a client must see of an HTTP connection. */
export interface ExpectedAnswer {
  readonly status: number;
  readonly connectStatus?: number;
  readonly body?: RegExp;
  readonly exit?: number;
}

const TCP_MAIN = join(import.meta.dirname, 'system-tcp-main.ts');

/** A policy that runs in a lab. */
export class Scene {
  readonly lab: Lab;
  readonly policyFile: string;
  readonly zorp: RunningZorp;
  readonly #owner: Owner;
  readonly #records: DecisionRecord[] = [];

  constructor(lab: Lab, owner: Owner, policyFile: string, zorp: RunningZorp) {
    this.lab = lab;
    this.policyFile = policyFile;
    this.zorp = zorp;
    this.#owner = owner;
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
    assert.equal(seen.exit, answer.exit ?? 0, what);
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

  /** Takes the next record and checks it. */
  async expectRecord(expected: Expected, what: string): Promise<void> {
    const record = await this.zorp.record();
    this.#records.push(record);
    const { verdict, reason, service, client, server } = record;
    const told = {
      ...{ verdict, reason, service },
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
    const started = this.lab.start(command, this.#owner);
    await started.says(/ready/);
    return new EchoServer(started);
  }

  /** Whether `zorp explain` says of every connection what its record says. */
  async checkExplanations(): Promise<void> {
    const connections = Map.groupBy(this.#records, (record) => explainArgs(record).join(' '));
    assert.ok(connections.size > 0, 'no connection was made');
    const pending = [...connections.values()];
    const work = async (): Promise<void> => {
      for (let records = pending.pop(); records !== undefined; records = pending.pop())
        await this.#checkExplanation(records);
    };
    await Promise.all([work(), work()]);
  }

  async #checkExplanation(records: readonly DecisionRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const args = explainArgs(first);
    const command = zorpCommand('explain', this.policyFile, '--json', ...args);
    const { stdout, stderr } = await this.lab.run(command);
    const explained = JSON.parse(stdout === '' ? stderr : stdout) as ExplainedDecision;
    for (const record of records) agree(explained, record, `explain ${args.join(' ')}\n${stdout}`);
  }
}

/** A server in the lab, and the connections that it has had. */
export class EchoServer {
  readonly #process: SystemProcess;
  #taken = 1; // the first line says that it is ready

  constructor(process: SystemProcess) {
    this.#process = process;
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

/** The question that `zorp explain` must answer as the record does. */
function explainArgs(record: DecisionRecord): string[] {
  const target = textOf(record.server);
  const args = ['--client', record.client.address, '--listener', record.listener];
  args.push('--local', textOf(record.clientLocal) ?? '');
  return target === null ? args : [...args, '--target', target];
}

/** Refusals that the proxy makes of what it reads, long after the decision about the connection. */
const BY_PROTOCOL = /^(?:http|plug|connect|resolve)\./;

function agree(explained: ExplainedDecision, record: DecisionRecord, what: string): void {
  const zones = [record.client.zone ?? null, record.server?.zone ?? null];
  assert.equal(explained.service, record.service, what);
  assert.equal(explained.listener, record.listener, what);
  assert.deepEqual([explained.clientZone, explained.serverZone], zones, what);
  assert.equal(explained.server, textOf(record.server), what);
  if (explained.outcome === 'refused') {
    assert.equal(record.verdict, explained.verdict, what);
    assert.equal(record.reason, explained.reason, what);
  } else assert.match(record.reason, BY_PROTOCOL, what);
}
