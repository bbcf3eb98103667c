import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { check } from './check.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** Checks a file and gives what came of it. */
async function run(
  path: string,
  { json = false, world = new CliWorld() }: { json?: boolean; world?: CliWorld } = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const code = await check(path, { json }, world.output, world.tools);
  const strip = (text: string): string => text.replaceAll(`${files.folder}/`, '');
  return { code, out: strip(world.out), err: strip(world.err) };
}

/** A world whose compiler finds this at line 2 of policy.ts, and more before and after it. */
function withTypeFaults(lines: readonly number[]): CliWorld {
  const world = new CliWorld();
  const file = files.path('policy.ts');
  world.typeFaults = lines.map((line) => ({
    ...{ code: 'TS1', file, line, column: 1, message: 'Wrong type', cure: '' },
  }));
  return world;
}

describe('check()', () => {
  it('sums up a good policy', async () => {
    const { code, out, err } = await run(files.write('policy.ts', GOOD_POLICY));
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^policy\.ts: good, revision [0-9a-f]{12}\n1 zone, 1 subnet\n {2}machine /);
  });

  it('sums it up as JSON', async () => {
    const path = files.write('policy.ts', GOOD_POLICY);
    const { code, out } = await run(path, { json: true });
    const result = JSON.parse(out) as { ok: boolean; inputs: string[]; summary: object };
    assert.equal(code, 0);
    assert.equal(result.ok, true);
    assert.deepEqual(result.inputs, ['policy.ts']);
    assert.ok('zones' in result.summary);
  });

  it('tells which binds listen nowhere now, which is no fault', async () => {
    const bind = "interfaceBind('eth7', { port: 80 })";
    const text = GOOD_POLICY.replace("'127.0.0.1:0'", `zorp.${bind}`);
    const path = files.write('policy.ts', `import * as zorp from 'zorp';\n${text}`);
    const told = await run(path);
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(
      told.out,
      /\nListener eth7:80 listens nowhere by eth7:80 now, because there is no interface eth7: .*\n$/,
    );
    const { unmet } = JSON.parse((await run(path, { json: true })).out) as { unmet: unknown };
    const [{ message, ...rest } = { message: '' }] = unmet as readonly { message: string }[];
    assert.deepEqual(rest, { listener: 'eth7:80', bind: 'eth7:80' });
    assert.match(message, /^Listener eth7:80 listens nowhere/);
  });

  it('tells which host names have no address now, which is no fault', async () => {
    const path = files.write(
      'policy.ts',
      GOOD_POLICY.replace("subnets: ['127.0.0.0/8']", "$&, hostnames: ['a.example', 'b.example']"),
    );
    const world = new CliWorld();
    world.names.set('a.example', ['192.0.2.1']);
    const told = await run(path, { world });
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(
      told.out,
      /1 subnet, 2 host names[^]*\n1 host name of the policy has no address now: b\.example\n$/,
    );
    const json = await run(path, { json: true });
    const { unresolved } = JSON.parse(json.out) as { unresolved: string[] };
    assert.deepEqual(unresolved, ['a.example', 'b.example']);
  });

  it('lists faults of types in a policy that loads', async () => {
    const path = files.write('policy.ts', GOOD_POLICY);
    const { code, out, err } = await run(path, { world: withTypeFaults([2]) });
    assert.deepEqual([code, out], [1, '']);
    assert.equal(err, 'policy.ts:2:1: Wrong type\nzorp: The policy has 1 fault\n');
  });

  it('lists faults of the loader and the compiler in the order of lines', async () => {
    const path = files.write(
      'policy.ts',
      "import { definePolicy, zone } from 'zorp';\nconst a = zone('a', { subnets: ['x'] });\n" +
        'export default definePolicy({ zones: [a], listeners: [] });\n',
    );
    const { code, err } = await run(path, { world: withTypeFaults([1, 3]) });
    assert.equal(code, 1);
    const lines = err.split('\n').map((line) => /^policy\.ts:(\d+)/.exec(line)?.[1]);
    assert.deepEqual(lines, ['1', '2', '3', '3', undefined, undefined]);
  });

  it('says a fault of syntax once, though the compiler finds it too', async () => {
    const path = files.write('policy.ts', 'const a = 1;\nconst b = = 2;\n');
    const { err } = await run(path, { world: withTypeFaults([1, 2]) });
    assert.match(
      err,
      /^policy\.ts:1:1: Wrong type\npolicy\.ts:2:11: Expression expected: .*\nzorp/,
    );
    assert.equal(err.split('\n').length, 4);
  });

  it('checks no types of a file that is not there', async () => {
    const { code, out, err } = await run(files.path('nowhere.ts'), {
      json: true,
      world: withTypeFaults([1]),
    });
    assert.equal(code, 1);
    const told = 'nowhere.ts: there is no such file: correct the path';
    assert.equal(err, `${told}\nzorp: The policy has 1 fault\n`);
    const { faults } = JSON.parse(out) as { faults: readonly { code: string }[] };
    assert.deepEqual(
      faults.map((fault) => fault.code),
      ['policy.missing'],
    );
  });

  it('leaves what it does not know to its caller', async () => {
    const world = new CliWorld();
    world.tools.loadPolicy = () => Promise.reject(new Error('odd'));
    await assert.rejects(run('policy.ts', { world }), /odd/);
  });
});

/** A policy with as many services that nothing starts. */
function withUnused(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `denyService('no-${index}')`);
  return GOOD_POLICY.replace('import { ', 'import { denyService, ').replace(
    'outboundServices: [plug]',
    `outboundServices: [plug, ${names.join(', ')}]`,
  );
}

describe('check() of a policy that is good, and likely not what was meant', () => {
  it('ends with 0, counts the warnings, and says each with its place and cure', async () => {
    const { code, out, err } = await run(files.write('policy.ts', withUnused(1)));
    assert.equal(code, 0);
    assert.match(out, /^policy\.ts: good, revision [0-9a-f]{12}, 1 warning\n/);
    assert.match(
      err,
      /^warning: policy\.ts:9:\d+: deny-service "no-0" is started by nothing: [^\n]*: start it in [^\n]*\n$/,
    );
  });

  it('lists them as JSON', async () => {
    const path = files.write('policy.ts', withUnused(2));
    const { code, out } = await run(path, { json: true });
    const { ok, warnings } = JSON.parse(out) as { ok: boolean; warnings: readonly object[] };
    assert.deepEqual([code, ok, warnings.length], [0, true, 2]);
    const [first = {}] = warnings;
    assert.deepEqual(Object.keys(first), ['code', 'file', 'line', 'column', 'message', 'cure']);
    assert.ok('code' in first && first.code === 'service.unused');
  });

  it('lists a hundred as text', async () => {
    const { err } = await run(files.write('policy.ts', withUnused(103)));
    const lines = err.trimEnd().split('\n');
    assert.equal(lines.length, 101);
    assert.equal(lines.at(-1), 'warning: ... and 3 more, which --json lists');
  });

  it('has none for one that is faulty', async () => {
    const path = files.write('policy.ts', withUnused(1));
    const { code, err } = await run(path, { world: withTypeFaults([2]) });
    assert.equal(code, 1);
    assert.doesNotMatch(err, /^warning:/m);
  });
});
