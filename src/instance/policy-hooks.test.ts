import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import * as zorp from '../index.ts';
import { beginLoad, ImportError } from './policy-hooks.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** Runs a file and gives what it exports by default. */
async function run(path: string): Promise<unknown> {
  const module = (await import(beginLoad(path).url)) as { default: unknown };
  return module.default;
}

describe('beginLoad()', () => {
  it('gives a module that runs anew each time, with the local files that it imports', async () => {
    const inner = files.write('inner.ts', 'export const state = { number: 1 };');
    const outer = files.write(
      'outer.ts',
      "import { state } from './inner.ts';\nexport default (state.number += 1);",
    );
    assert.equal(await run(outer), 2);
    assert.equal(await run(outer), 2);
    files.write('inner.ts', 'export const state = { number: 10 };');
    const load = beginLoad(outer);
    assert.equal(((await import(load.url)) as { default: unknown }).default, 11);
    assert.deepEqual([...load.inputs.keys()], [outer, inner]);
    assert.equal(load.inputs.get(inner)?.toString(), 'export const state = { number: 10 };');
  });

  it('gives a policy the running Zorp for "zorp", wherever the file is and whatever lies beside it', async () => {
    files.write('node_modules/zorp/index.js', 'export const zone = 1;');
    files.write('node_modules/zorp/package.json', '{"type":"module","exports":"./index.js"}');
    const path = files.write('zorp.ts', "export { zone as default } from 'zorp';");
    assert.equal(await run(path), zorp.zone);
  });

  it('leaves packages alone: they are not loaded anew, and no input', async () => {
    files.write('node_modules/counter/index.js', 'export default { count: 0 };');
    files.write('node_modules/counter/package.json', '{"type":"module","exports":"./index.js"}');
    const path = files.write('package.ts', "import c from 'counter';\nexport default ++c.count;");
    assert.equal(await run(path), 1);
    const load = beginLoad(path);
    assert.equal(((await import(load.url)) as { default: unknown }).default, 2);
    assert.deepEqual([...load.inputs.keys()], [path]);
  });

  it('takes every file of a policy for a module, and JSON too', async () => {
    files.write('data.json', '[1, 2]');
    files.write('plain.js', 'export const b = 3;');
    const path = files.write(
      'kinds.mjs',
      "import a from './data.json' with { type: 'json' };\nimport { b } from './plain.js';\n" +
        'export default [...a, await b];',
    );
    assert.deepEqual(await run(path), [1, 2, 3]);
  });

  it('keeps to the same loading for what the policy imports later', async () => {
    files.write('later.ts', 'export default {};');
    const path = files.write('lazy.ts', "export default () => import('./later.ts');");
    const first = (await run(path)) as () => Promise<object>;
    const second = (await run(path)) as () => Promise<object>;
    assert.equal(await first(), await first());
    assert.notEqual(await first(), await second());
  });

  it('names the import that fails and the file that it is in', async () => {
    for (const specifier of ['./nowhere.ts', 'no-such-package', 'node:nothing', './legacy.cjs']) {
      files.write('legacy.cjs', '');
      const path = files.write('importer.ts', `import '${specifier}';`);
      await assert.rejects(run(path), (error) => {
        assert.ok(error instanceof ImportError);
        assert.deepEqual([error.specifier, error.importer], [specifier, path]);
        return true;
      });
    }
  });
});
