// Servers that are killed and started again under load: clients do not notice, but for those whose connection was on the
// server that died; and a server that is known to be down gets no connection.
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { policyPath } from '../support/system-policy.ts';
import { SystemProcess } from '../support/system-process.ts';
import { GREETING } from '../support/system-tcp-main.ts';
import { talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const TCP_MAIN = join(import.meta.dirname, '../support/system-tcp-main.ts');
const CLIENTS = 4;
const MANY = 20; // connections that are proof enough
const HOSTS = ['127.0.0.11', '127.0.0.12'] as const;
type Host = (typeof HOSTS)[number];

/** Two servers on the same port of two addresses, before them a plug, and clients that connect to it all the time. */
class Site {
  readonly #owner: TestContext;
  readonly #port: number;
  readonly #servers = new Map<Host, SystemProcess>();
  readonly #failures: string[] = [];
  /** How many connections each client has had. */
  readonly #talks: number[] = Array<number>(CLIENTS).fill(0);
  #zorp: RunningZorp | undefined;
  #clients: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(owner: TestContext, port: number) {
    this.#owner = owner;
    this.#port = port;
  }

  /** Starts all but the clients. `chainer` is the text of a chainer. */
  static async open(t: TestContext, chainer: string, head = ''): Promise<Site> {
    const port = await freePort(HOSTS[0]);
    const file = policyPath(t);
    writeFileSync(file, policyText(port, chainer, head));
    const site = new Site(t, port);
    for (const host of HOSTS) await site.startServer(host);
    site.#zorp = await RunningZorp.start(t, file);
    t.after(() => site.stopClients());
    return site;
  }

  get zorp(): RunningZorp {
    if (this.#zorp === undefined) throw new Error('Zorp is not started');
    return this.#zorp;
  }

  async startServer(host: Host): Promise<void> {
    const command = [process.execPath, TCP_MAIN, 'serve', host, String(this.#port)] as const;
    const server = SystemProcess.start(this.#owner, command);
    await server.says(/ready/);
    this.#servers.set(host, server);
  }

  async killServer(host: Host): Promise<void> {
    await this.#servers.get(host)?.stop();
  }

  /** Connections that have ended at a server since it was started. */
  accepted(host: Host): number {
    return (this.#servers.get(host)?.stdout.split('\n').length ?? 0) - 2; // "ready", and the empty rest
  }

  startClients(): void {
    const client = async (_: unknown, index: number): Promise<void> => {
      while (!this.#isOver) {
        const { received, ended } = await talk({ port: this.zorp.port, send: 'x', then: 'end' });
        const seen = `${received.toString()} ${ended}`;
        this.#talks[index] = (this.#talks[index] ?? 0) + 1;
        if (seen !== `${GREETING}x end`) this.#failures.push(seen);
      }
    };
    this.#clients = Promise.all(Array.from({ length: CLIENTS }, client));
  }

  /** Lets the last connections end. @returns what clients saw instead of an answer. */
  async stopClients(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#clients;
    return this.#failures;
  }

  /** Waits for so many more records that satisfy a condition. @returns all that came meanwhile. */
  async records(
    what: string,
    count: number,
    wanted: (record: DecisionRecord) => boolean,
  ): Promise<readonly DecisionRecord[]> {
    const before = this.zorp.records.length;
    await until(what, () => {
      const found = this.zorp.records.slice(before).filter(wanted).length;
      return found >= count || undefined;
    });
    return this.zorp.records.slice(before);
  }

  /** Waits until a server has served many. @returns all records that came meanwhile. */
  served(host: Host): Promise<readonly DecisionRecord[]> {
    return this.records(`${host} to serve`, MANY, (one) => isServedBy(one, host));
  }

  /** Waits until all connections have ended that may have begun before now. */
  async untilNewOnes(): Promise<void> {
    const before = [...this.#talks];
    const isNew = (count: number, index: number): boolean => count > (before[index] ?? 0) + 1;
    await until('new connections only', () => this.#talks.every(isNew) || undefined);
  }

  /** Waits for the log to tell of a server. */
  async says(code: string, host: Host): Promise<void> {
    const line = await this.zorp.says(code);
    assert.equal(line.fields?.['server'], `${host}:${String(this.#port)}`);
  }
}

function isServedBy({ verdict, server }: DecisionRecord, host: Host): boolean {
  return verdict === 'accepted' && server?.address === host;
}

function attemptsAt(records: readonly DecisionRecord[], host: Host): number {
  return records
    .flatMap(({ connects }) => connects)
    .filter(({ server }) => server?.address === host).length;
}

/** Whether connections failed because no server could be reached. */
function unreached(records: readonly DecisionRecord[]): readonly DecisionRecord[] {
  return records.filter(({ verdict }) => verdict === 'denied-by-connection-fail');
}

function policyText(port: number, chainer: string, head: string): string {
  const destination = JSON.stringify(HOSTS.map((host) => `${host}:${String(port)}`));
  return `import * as zorp from 'zorp';
${head}
const plug = zorp.service('plug', {
  proxy: zorp.plugProxy(),
  router: zorp.directedRouter({ destination: ${destination} }),
  chainer: zorp.${chainer},
});
const machine = zorp.zone('machine', { subnets: ['127.0.0.0/8'], outboundServices: [plug], inboundServices: [plug] });
export default zorp.definePolicy({ zones: [machine], listeners: [zorp.listener('127.0.0.1:0', plug, { name: 'plug' })] });
`;
}

describe('failover under load', { ...needs('setpriv'), timeout: 90_000 }, () => {
  it('by failures: no client fails while one server is up', async (t) => {
    const [one, two] = HOSTS;
    const site = await Site.open(t, 'failoverChainer({ timeoutStateMs: 500 })');
    site.startClients();
    await site.served(one);
    await site.killServer(one);
    const overTo = await site.served(two);
    await site.startServer(one);
    await site.served(one); // the memory of its failure has ended
    await site.killServer(one);
    await site.served(two);
    await site.startServer(one);
    await site.killServer(two);
    await site.served(one);
    const failures = await site.stopClients();
    // Each client has one connection at a time. Of a server that is killed the kernel closes port and connections one by one,
    // in no order that anybody promises: who was reset may be back before the port is gone, once.
    assert.ok(failures.length <= 3 * CLIENTS * 2, failures.join('\n'));
    assert.deepEqual(unreached(site.zorp.records), []);
    const moved = overTo.find(({ connects }) => connects.length > 1);
    assert.deepEqual(
      moved?.connects.map(({ server }) => server?.address),
      [one, two],
    );
    // Its port may answer for a moment and reset what it has taken: that is no refusal, and a failure all the same.
    const [first, second] = moved.connects.map(({ outcome }) => outcome);
    assert.match(first ?? '', /^connect\.(refused|failed)$/);
    assert.equal(second, 'connected');
  });

  it('by TCP checks: a server that was killed is left alone, and comes back', async (t) => {
    const [one, two] = HOSTS;
    const site = await Site.open(t, 'availabilityChainer({ intervalMs: 50, rise: 2, fall: 2 })');
    site.startClients();
    await site.served(one);
    await site.killServer(one);
    await site.says('chainer.server-down', one);
    await site.untilNewOnes();
    const meanwhile = await site.served(two);
    assert.equal(attemptsAt(meanwhile, one), 0);
    await site.startServer(one);
    await site.says('chainer.server-up', one);
    await site.served(one);
    const failures = await site.stopClients();
    assert.ok(failures.length <= CLIENTS * 2, failures.join('\n'));
    assert.deepEqual(unreached(site.zorp.records), []);
  });

  it('by checks of the policy: a server that says it is down gets nothing at all', async (t) => {
    const [one, two] = HOSTS;
    const flag = `${policyPath(t)}.down`;
    const head = `import { existsSync } from 'node:fs';
const check = (server: zorp.SocketAddress): boolean =>
  !existsSync('${flag}.' + String(server.address));`;
    const options = "check, intervalMs: 50, rise: 1, fall: 1, order: 'round-robin'";
    const site = await Site.open(t, `availabilityChainer({ ${options} })`, head);
    site.startClients();
    await site.served(one);
    await site.served(two);

    writeFileSync(`${flag}.${one}`, '');
    await site.says('chainer.server-down', one);
    await site.untilNewOnes();
    const accepted = site.accepted(one);
    await site.served(two);
    assert.equal(site.accepted(one), accepted, 'the server that is down was connected to');

    writeFileSync(`${flag}.${two}`, '');
    await site.says('chainer.server-down', two);
    const isAllDown = ({ reason }: DecisionRecord): boolean => reason === 'chainer.all-down';
    await site.records('nobody to be served', MANY, isAllDown);
    assert.equal(site.accepted(one), accepted);

    rmSync(`${flag}.${one}`);
    await site.says('chainer.server-up', one);
    await site.served(one);
    await site.stopClients();
    assert.ok(existsSync(`${flag}.${two}`));
  });
});
