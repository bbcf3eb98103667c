import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testSession } from '../../../../test/support/playbook.ts';
import { denyService, service } from '../../../policy/service.ts';
import { plugProxy } from '../../plug/index.ts';
import { sshDetector } from '../../ssh/index.ts';
import { certificateDetector, tlsDetector } from '../../tls/index.ts';
import type { ConnectOption } from './connect-option.ts';
import { ConnectPlan, connectSchema } from './connect-option.ts';

const web = service('web', { proxy: plugProxy() });
const tls = service('tls', { proxy: plugProxy() });
const ssh = service('ssh', { proxy: plugProxy() });
const nothing = denyService('nothing');
const detection = {
  detect: [
    { detector: tlsDetector(), service: tls },
    { detector: sshDetector(), service: ssh },
  ],
};

function faults(given: unknown): readonly string[] {
  const { error } = connectSchema.safeParse(given, { reportInput: true });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function chosen(option: ConnectOption, port: number): unknown {
  return new ConnectPlan(option).choose({ host: 'a.example', port }, testSession());
}

describe('connectSchema', () => {
  it('takes each way to name a service', () => {
    const table = { 443: tls, '8000-8999': detection, '*': web };
    const refusing = { detect: [{ detector: tlsDetector(), service: nothing }], service: nothing };
    for (const option of [
      ...[web, detection, { ...detection, service: web }],
      ...[refusing, { 443: refusing }, table, () => web],
    ])
      assert.deepEqual(faults(option), []);
    assert.notDeepEqual(faults(nothing), []); // a tunnel that nobody is to have is not listed
  });

  it('lets no port go by the order of equally narrow ranges', () => {
    for (const [table, where] of [
      [{ '80-90': web, '85-95': tls }, '85-95'],
      [{ '80-80': web, 80: tls }, '80-80'],
      [{ '8080,80': web, '443,80': tls }, '443,80'],
      [{ '1-65535': web, '*': tls }, '*'],
    ] as const)
      assert.match(
        faults(table).join(),
        new RegExp(`^${where.replace('*', '\\*')}: write another range: `),
      );
    for (const table of [
      { '80-90': web, '85-95': web },
      { '80-90': web, '85-95': tls, '85-90': ssh },
      { '80-90': web, '91-101': tls },
      { '80-90': web, '85-96': tls, '*': ssh },
    ])
      assert.deepEqual(faults(table), []);
  });

  it('says how to write what is wrong, in the way that was meant', () => {
    assert.deepEqual(faults('web'), [
      ': give a service made by service(), a program, { detect: [...] }, a table by port such as { 443: tls }, or a function',
    ]);
    assert.deepEqual(faults(plugProxy()), [
      ": give a service that has this proxy, such as service('tunnel', { proxy: plugProxy() })",
    ]);
    assert.deepEqual(faults({ detect: [] }), [
      'detect: give at least one detector, or the service alone',
    ]);
    assert.deepEqual(faults({ detect: [{ detector: 'tls', service: tls }] }), [
      'detect.0.detector: give a detector, such as tlsDetector()',
    ]);
    const detector = certificateDetector({ hostName: () => true });
    assert.match(faults({ detect: [{ detector, service: tls }] }).join(), /sniDetector\(\), or/);
    assert.deepEqual(faults({ https: tls }), ["https: write a port, '8000-8999', or '*'"]);
    assert.match(
      faults({ 443: 'tls' })[0] ?? '',
      /^443: give a service or a program, or \{ detect/,
    );
  });
});

describe('ConnectPlan', () => {
  it('chooses by the narrowest range of ports', () => {
    const table = { '*': web, '400-500': ssh, 443: tls, '1,2': detection };
    assert.equal(chosen(table, 443), tls);
    assert.equal(chosen(table, 444), ssh);
    assert.equal(chosen(table, 2), detection);
    assert.equal(chosen(table, 65_535), web);
    assert.equal(chosen({ 443: tls }, 80), undefined);
    assert.equal(chosen(web, 80), web);
    assert.equal(chosen(detection, 80), detection);
    assert.equal(
      chosen(({ port }) => (port === 80 ? web : tls), 80),
      web,
    );
  });

  it('knows what it may stack', () => {
    const names = (option: ConnectOption): readonly string[] =>
      new ConnectPlan(option).stacks.map(({ name }) => name);
    assert.deepEqual(names(web), ['web']);
    assert.deepEqual(names({ ...detection, service: web }), ['tls', 'ssh', 'web']);
    assert.deepEqual(names({ 443: tls, 80: detection }), ['tls', 'ssh']);
    assert.deepEqual(names({ ...detection, service: nothing }), ['tls', 'ssh', 'nothing']);
    assert.deepEqual(
      names(() => web),
      [],
    );
  });

  it('lets no function change where the tunnel goes', () => {
    const target = { host: 'a.example', port: 443 };
    const plan = new ConnectPlan((asked) => {
      assert.deepEqual(asked, target);
      assert.ok(!Reflect.set(asked, 'port', 22));
      return web;
    });
    assert.equal(plan.choose(target, testSession()), web);
    assert.deepEqual(target, { host: 'a.example', port: 443 });
  });

  it('explains itself', () => {
    const explain = (option: ConnectOption): string => new ConnectPlan(option).explain();
    assert.equal(explain(web), 'to web');
    assert.equal(
      explain(() => web),
      'to what a function says',
    );
    assert.equal(explain(detection), 'to tls if it is tls, else ssh if it is ssh, else nowhere');
    assert.equal(
      explain({ 443: tls, '*': { ...detection, service: web } }),
      'of port 443 to tls, other ports to tls if it is tls, else ssh if it is ssh, else web',
    );
  });
});
