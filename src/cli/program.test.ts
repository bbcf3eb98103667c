import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { RULE_POLICY } from '../../test/support/rule-policy-file.ts';
import { runProgram } from './program.ts';

const files = new PolicyFiles();
const policy = files.write('policy.ts', GOOD_POLICY);
after(() => files.remove());

/** Runs a command line. */
async function zorp(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const world = new CliWorld();
  const code = await runProgram(args, world);
  return { code, out: world.out, err: world.err };
}

describe('runProgram()', () => {
  it('prints the version', async () => {
    const text = readFileSync(`${import.meta.dirname}/../../package.json`, 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    assert.deepEqual(await zorp('--version'), { code: 0, out: `${version}\n`, err: '' });
  });

  it('prints help with an example for each command', async () => {
    const { code, out, err } = await zorp('--help');
    assert.deepEqual([code, err], [0, '']);
    for (const command of ['run', 'check', 'explain']) {
      assert.match(out, new RegExp(`zorp ${command} policies/first\\.ts`));
      const help = await zorp(command, '--help');
      assert.equal(help.code, 0);
      assert.match(help.out, new RegExp(`Examples?:\n {2}zorp ${command} `));
      assert.match(help.out, /--json/);
      assert.deepEqual(await zorp('help', command), help);
    }
    assert.deepEqual(await zorp('help'), { code, out, err });
  });

  it('says in one sentence that a policy threw where nobody catches it', async () => {
    const hanging = files.write('hanging.ts', 'await new Promise(() => undefined);');
    for (const command of [['check'], ['explain', '--client', '127.0.0.1', '--to', '127.0.0.1']]) {
      const world = new CliWorld();
      const ended = runProgram([...command, hanging], world);
      await new Promise((resolve) => setImmediate(resolve));
      world.throwUncaught(new TypeError('x'));
      assert.equal(await ended, 1);
      const told = 'an exception was not caught: TypeError: x\n';
      assert.equal(world.err, `zorp: Cannot ${command[0] ?? ''} ${hanging}: ${told}`);
    }
  });

  it('says what is wrong with a command line, and how to find out what is right', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^zorp: no command given\nUsage: zorp /],
      [['sing'], /unknown command 'sing'/],
      [['help', 'sing'], /unknown command 'sing' after help: "zorp --help"/],
      [['nft'], /no command given after nft; there are generate, test, .*: "zorp nft --help"/],
      [['ca'], /no command given after ca; there are init, show, export: "zorp ca --help"/],
      [
        ['nft', 'confrim'],
        /unknown command 'confrim' \(Did you mean confirm\?\): "zorp nft --help"/,
      ],
      [['nft', 'commit'], /missing required argument 'policy': "zorp nft commit --help"/],
      [['check'], /missing required argument 'policy'/],
      [['check', policy, 'more'], /too many arguments [^:]*: [^:]*[^.]: "zorp check --help"/],
      [['check', policy, '--jsno'], /unknown option '--jsno' \(Did you mean --json\?\)/],
      [['run', policy, '--instance'], /option '--instance <name>' argument missing/],
      [['explain', policy, '--to', '192.0.2.1'], /required option '--client <address>'/],
      [['explain', policy, '--client', '192.0.2.1'], /required option '--to <address>'/],
      [['explain', policy, '--clinet', '192.0.2.1'], /'--clinet' \(Did you mean --client\?\)/],
    ];
    for (const [args, told] of cases) {
      const { code, out, err } = await zorp(...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, told);
      if (args.length > 0)
        assert.match(err, /^zorp: [^\n]*: "zorp [^"]*--help" shows how to use it\n$/);
    }
  });

  it('with --json says it as an object too', async () => {
    const { code, out } = await zorp('explain', policy, '--json');
    assert.equal(code, 2);
    const { ok, error } = JSON.parse(out) as { ok: boolean; error: { code: string } };
    assert.deepEqual([ok, error.code], [false, 'usage']);
  });

  it('starts each command with its options', async () => {
    assert.match((await zorp('check', policy)).out, /: good, revision /);
    const asked = await zorp(
      'explain',
      policy,
      '--client',
      '127.0.0.1',
      '--to',
      '127.0.0.1',
      '--json',
    );
    assert.deepEqual([asked.code, (JSON.parse(asked.out) as { ok: boolean }).ok], [0, true]);
    const rules = files.write('rules.ts', RULE_POLICY);
    const told = await zorp(
      ...['explain', rules, '--client', '192.0.2.50', '--to', '192.0.2.7:98', '--listener', 'door'],
      ...[
        '--protocol',
        'tcp',
        '--source-port',
        '7',
        '--interface',
        'eth7',
        '--interface-group',
        '1',
      ],
      ...['--interface-address', '192.0.2.9', '--interface-address', '192.0.2.7'],
      ...['--request-id', '5', '--json'],
    );
    const { question, decision } = JSON.parse(told.out) as Record<string, Record<string, unknown>>;
    assert.deepEqual([decision?.['rule'], question?.['client']], [9, '192.0.2.50:7']);
    const run = await zorp('run', policy, '--instance', 'other');
    assert.deepEqual([run.code, run.out], [2, '']);
    assert.match(run.err, /no instance "other"/);
  });
});
