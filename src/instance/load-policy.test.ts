import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { untilCollected } from '../../test/support/until-collected.ts';
import { PolicyLoadError } from './load-fault.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { loadPolicy } from './load-policy.ts';

const files = new PolicyFiles();
after(() => files.remove());

const IN_TWO_FILES = GOOD_POLICY.replace("{ subnets: ['127.0.0.0/8'],", '{ subnets,').replace(
  'import',
  "import { subnets } from './lists/subnets.ts';\nimport",
);
const SUBNETS = "export const subnets: readonly string[] = ['127.0.0.0/8'];\n";

/** The only fault of loading a file. */
async function fault(
  path: string,
  timeoutMs?: number,
): Promise<{ readonly code: string; readonly text: string }> {
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  const error: unknown = await loadPolicy(path, options).catch((reason: unknown) => reason);
  assert.ok(error instanceof PolicyLoadError, String(error));
  assert.equal(error.faults.length, 1);
  return {
    code: error.faults[0]?.code ?? '',
    text: error.message.replace(`${files.folder}/`, ''),
  };
}

describe('loadPolicy()', () => {
  it('gives the policy, its file, its inputs and its revision', async () => {
    const inner = files.write('lists/subnets.ts', SUBNETS);
    const path = files.write('policy.ts', IN_TWO_FILES);
    const loaded: LoadedPolicy = await loadPolicy(path);
    assert.deepEqual(
      loaded.policy.zones.map((zone) => zone.name),
      ['machine'],
    );
    assert.equal(loaded.file, path);
    assert.deepEqual(loaded.inputs, [path, inner]);
    assert.match(loaded.revision, /^[0-9a-f]{12}$/);
  });

  it('gives the revision to what the files say, wherever they lie', async () => {
    files.write('lists/subnets.ts', SUBNETS);
    const path = files.write('policy.ts', IN_TWO_FILES);
    const { revision } = await loadPolicy(path);
    assert.equal((await loadPolicy(path)).revision, revision);
    cpSync(files.path('policy.ts'), files.path('copy/policy.ts'));
    cpSync(files.path('lists'), files.path('copy/lists'), { recursive: true });
    assert.equal((await loadPolicy(files.path('copy/policy.ts'))).revision, revision);
    symlinkSync(path, files.path('link.ts'));
    const linked = await loadPolicy(files.path('link.ts'));
    assert.deepEqual([linked.revision, linked.file], [revision, path]);
    files.write('lists/subnets.ts', `${SUBNETS}// and a word more\n`);
    assert.notEqual((await loadPolicy(path)).revision, revision);
  });

  it('reads the lists of another policy file whose parts it is made of', async () => {
    files.write('hosts.txt', 'a.example\n');
    const zones = "const zones = [zone('machine', { subnets: ['127.0.0.0/8'] })];";
    const listeners = "[listener('127.0.0.1:80', denyService('refuse'))]";
    files.write(
      'base.ts',
      `import { definePolicy, denyService, domainMatcher, listener, zone } from 'zorp';
export const hosts = domainMatcher({ file: 'hosts.txt' });
${zones}
export default definePolicy({ zones, listeners: ${listeners} });`,
    );
    const path = files.write(
      'of-base.ts',
      `import { definePolicy, denyService, listener, zone } from 'zorp';
import { hosts } from './base.ts';
${zones}
export const isListed = (name: string): boolean => hosts.matches(name);
export default definePolicy({ zones, listeners: ${listeners} });`,
    );
    const { lists } = await loadPolicy(path);
    assert.deepEqual(
      lists.map((list) => list.path),
      [files.path('hosts.txt')],
    );
    assert.deepEqual((await loadPolicy(path)).lists.length, 1);
  });

  it('keeps nothing of a policy that nobody uses any more, though Node keeps its module', async () => {
    const path = files.write('policy.ts', GOOD_POLICY);
    await untilCollected(new WeakRef((await loadPolicy(path)).policy));
  });

  it('takes a path relative to the current folder', async () => {
    const loaded = await loadPolicy(relative('.', files.write('policy.ts', GOOD_POLICY)));
    assert.equal(loaded.file, files.path('policy.ts'));
  });

  it('says what is wrong with a path', async () => {
    mkdirSync(files.path('folder.ts'));
    symlinkSync('circle.ts', files.path('circle.ts'));
    const cases = [
      ['nowhere.ts', 'policy.missing', 'nowhere.ts: there is no such file: correct the path'],
      ['lists/subnets.ts/x.ts', 'policy.missing', /there is no such file/],
      ['folder.ts', 'policy.folder', /^folder\.ts: this is a folder: give the path of a policy/],
      ['circle.ts', 'policy.unreadable', /^circle\.ts: cannot be read \(ELOOP\): give this user/],
      ['policy.txt', 'policy.ending', /^policy\.txt: this is no policy file: its name ends with/],
    ] as const;
    files.write('policy.txt', '');
    for (const [name, code, text] of cases) {
      const told = await fault(files.path(name));
      assert.equal(told.code, code);
      if (typeof text === 'string') assert.equal(told.text, text);
      else assert.match(told.text, text);
    }
  });

  it('wants a default export that definePolicy made', async () => {
    const write = 'write "export default definePolicy({ ... })"';
    const named = GOOD_POLICY.replace('export default', 'export const policy =');
    const cases = [
      ['export const a = 1;', `policy.ts: it has no default export: ${write}`],
      [named, 'policy.ts: it has no default export: write "export default policy" at its end'],
      ['export default { zones: [] };', `policy.ts: its default export is not a policy: ${write}`],
    ] as const;
    for (const [text, told] of cases)
      assert.deepEqual(await fault(files.write('policy.ts', text)), {
        code: 'policy.no-policy',
        text: told,
      });
  });

  it('gives up a file that does not end', async () => {
    const path = files.write('hang.ts', 'await new Promise(() => undefined);\n');
    const told = await fault(path, 20);
    assert.equal(told.code, 'policy.timeout');
    assert.match(told.text, /^hang\.ts: loading it did not end within 0\.02 s: do not await/);
  });
});
