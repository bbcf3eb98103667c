import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { readFileSync } from 'node:fs';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { showLoadFault } from './load-fault.ts';
import { findSyntaxFault, STRICT_OPTIONS, typeCheck } from './type-check.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** What the compiler says of a file, its folder taken off. */
async function check(path: string): Promise<readonly string[]> {
  const faults = await typeCheck(path);
  return faults.map((one) => `${one.code} ${showLoadFault(one).replace(`${files.folder}/`, '')}`);
}

describe('typeCheck()', () => {
  it('finds nothing in a good policy outside the checkout, which uses Node too', async () => {
    const text = `import { readFileSync } from 'node:fs';\n${GOOD_POLICY}`;
    const path = files.write(
      'policy.ts',
      text.replace("'127.0.0.0/8'", "readFileSync('/list', 'utf8')"),
    );
    assert.deepEqual(await check(path), []);
  });

  it("names file, line and column, in the policy's own files only", async () => {
    files.write('lists/subnets.ts', 'export const subnets: string[] = [1];\n');
    const path = files.write(
      'policy.ts',
      "import { zone } from 'zorp';\nimport { subnets } from './lists/subnets.ts';\n" +
        "export default zone('a', { subnets, bogus: true });\n",
    );
    const found = await check(path);
    assert.equal(found.length, 2);
    assert.match(
      found[0] ?? '',
      /^TS2322 lists\/subnets\.ts:1:35: Type 'number' is not assignable/,
    );
    assert.match(found[1] ?? '', /^TS2353 policy\.ts:3:37: .* 'bogus' does not exist in type/);
  });

  it('takes a policy for a module without a package.json, and asks for endings as Node does', async () => {
    files.write('zones.ts', 'export const a = await Promise.resolve(1);\n');
    const path = files.write('policy.ts', "import { a } from './zones';\nexport default a;\n");
    const found = await check(path);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^TS2835 policy\.ts:1:19: Relative import paths need explicit/);
  });

  it('has the options of tsconfig.json', () => {
    const text = readFileSync(`${import.meta.dirname}/../../tsconfig.json`, 'utf8');
    const { target, lib, types, module, ...others } = (
      JSON.parse(text) as { compilerOptions: Record<string, unknown> }
    ).compilerOptions;
    assert.deepEqual(others, STRICT_OPTIONS);
    assert.deepEqual([target, lib, types, module], ['es2024', ['ES2024'], ['node'], 'nodenext']);
  });
});

describe('findSyntaxFault()', () => {
  it('finds the first, and nothing where there is none', async () => {
    const good = files.write('good.mjs', 'export default 1;\n');
    const bad = files.write('bad.mjs', '\nexport default );\n');
    assert.equal(await findSyntaxFault([good]), undefined);
    const found = await findSyntaxFault([good, bad]);
    assert.deepEqual([found?.code, found?.file, found?.line], ['policy.syntax', bad, 2]);
  });
});
