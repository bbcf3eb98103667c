// Services that are chosen by the certificate of the server, at a running instance before `openssl s_server`: clients lie about
// whom they ask for.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { ruleListener } from '../../src/policy/rule-listener.ts';
import { rule } from '../../src/policy/rule.ts';
import type { Service } from '../../src/policy/service.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { certificateDetector } from '../../src/protocols/tls/index.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import type { RunningPolicy } from '../support/system-instance.ts';
import { recordOf, startPolicy } from '../support/system-instance.ts';
import { run, suiteOwner, SystemProcess } from '../support/system-process.ts';
import { TestAuthority } from '../support/test-authority.ts';

type Version = '-tls1_2' | '-tls1_3';

/** A server with its certificate, and the doors that lead to it. */
interface Door {
  readonly name: 'a' | 'b';
  readonly port: number;
  readonly process: SystemProcess;
}

describe('the certificate of a server', needs('openssl', 'curl'), () => {
  const owner = suiteOwner();
  const ports = new Map<string, number>();
  let authority: TestAuthority;
  let running: RunningPolicy;

  async function startServer(name: 'a' | 'b'): Promise<Door> {
    const { certificate, privateKey } = authority.issue(`${name}.example`);
    const port = await freePort();
    const listening = ['-www', '-accept', `127.0.0.1:${port}`];
    const files = ['-cert', certificate, '-key', privateKey];
    const process = SystemProcess.start(owner, ['openssl', 's_server', ...listening, ...files]);
    await process.says(/ACCEPT/);
    return { name, port, process };
  }

  before(async () => {
    authority = TestAuthority.make(owner);
    const doors = [await startServer('a'), await startServer('b')];
    const isA = (name: string): boolean => name === 'a.example';
    const services: Service[] = [];
    const made = (name: string, port: number): Service => {
      const router = directedRouter({ destination: `127.0.0.1:${port}` });
      const one = service(name, { proxy: plugProxy(), router });
      services.push(one);
      return one;
    };
    const ruleFor = (door: string, port: number, trusted: boolean): ReturnType<typeof rule> =>
      rule({
        interfaces: door,
        detect: [
          {
            detector: certificateDetector({ hostName: isA, trusted }),
            service: made(`${door}-is-a`, port),
          },
        ],
        service: made(`${door}-other`, port),
      });
    const rules = doors.flatMap(({ name, port }) => [
      ruleFor(name, port, false),
      ruleFor(`${name}-trusted`, port, true),
    ]);
    const names = doors.flatMap(({ name }) => [name, `${name}-trusted`]);
    const machine = zone('machine', {
      ...{ subnets: ['127.0.0.1'], outboundServices: services, inboundServices: services },
    });
    const listeners = names.map((name) =>
      ruleListener('127.0.0.1:0', { name, interface: { name } }),
    );
    running = await startPolicy(owner, definePolicy({ zones: [machine], rules, listeners }));
    for (const [index, port] of running.ports.entries()) ports.set(names[index] ?? '', port);
  });

  /** Asks at a door for a name. */
  async function ask(door: string, name: string, version: Version): Promise<DecisionRecord> {
    const to = ['-connect', `127.0.0.1:${ports.get(door) ?? 0}`];
    const command = ['openssl', 's_client', ...to, '-servername', name, version] as const;
    return recordOf(running, async () => {
      const { stdout } = await run(owner, command);
      // The client sees the server itself, whatever Zorp has looked at before.
      assert.match(stdout, new RegExp(`subject=.*CN ?= ?${door[0] ?? ''}\\.example`));
    });
  }

  it('chooses the service, whomever the client says that it asks for', async () => {
    for (const version of ['-tls1_2', '-tls1_3'] as const)
      for (const name of ['a.example', 'b.example']) {
        assert.equal((await ask('a', name, version)).service, 'a-is-a');
        assert.equal((await ask('b', name, version)).service, 'b-other');
      }
  });

  it('is asked for once in a while, and the visit stands in the record', async () => {
    const outcomes = ({ connects }: DecisionRecord): readonly string[] =>
      connects.map(({ outcome }) => outcome);
    const first = await ask('a', 'first.example', '-tls1_3');
    assert.deepEqual(outcomes(first), ['connected', 'connected']);
    const second = await ask('a', 'first.example', '-tls1_3');
    assert.deepEqual([outcomes(second), second.service], [['connected'], 'a-is-a']);
  });

  it('says nothing where an authority of the system must vouch for it, and none does', async () => {
    assert.equal((await ask('a-trusted', 'a.example', '-tls1_3')).service, 'a-trusted-other');
  });

  it('lets what is inside pass as it is', async () => {
    const { certificate } = authority;
    const to = ['--connect-to', `a.example:443:127.0.0.1:${ports.get('a') ?? 0}`];
    const args = ['-q', '-sS', '-m', '30', ...to, '--cacert', certificate, 'https://a.example/'];
    const { status, stdout, stderr } = await run(owner, ['curl', ...args]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /s_server/);
  });
});
