import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import { PolicyLoadError } from './load-fault.ts';
import { explainLoadFailure } from './load-failure.ts';
import { loadPolicy } from './load-policy.ts';
import { beginLoad } from './policy-hooks.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** What loading a file with this text is told, its folder taken off. */
async function failure(text: string, name = 'policy.ts'): Promise<string> {
  const path = files.write(name, text);
  const error: unknown = await loadPolicy(path).catch((reason: unknown) => reason);
  assert.ok(error instanceof PolicyLoadError, 'it loads');
  return error.message.replaceAll(`${files.folder}/`, '');
}

describe('explainLoadFailure()', () => {
  it('shows the place of a syntax error', async () => {
    const text = 'const a = 1;\n  const b = = 2;\nexport default a;\n';
    const told = 'Expression expected: correct the syntax';
    assert.equal(await failure(text), `policy.ts:2:13: ${told}`);
    assert.equal(await failure(text, 'policy.mjs'), `policy.mjs:2:13: ${told}`);
    assert.equal(await failure("import './policy.ts';", 'outer.ts'), `policy.ts:2:13: ${told}`);
  });

  it('shows the place of a fault in JSON', async () => {
    files.write('list.json', '{\n  "a": }');
    const text = "import list from './list.json' with { type: 'json' };\nexport default list;";
    assert.match(await failure(text), /^list\.json:2:7: .*: correct the syntax$/);
  });

  it('explains syntax that needs more than the removal of types', async () => {
    const enumeration = await failure('\nenum A { B }\nexport default A;');
    assert.match(enumeration, /^policy\.ts:2:1: TypeScript enum is not supported: Zorp removes/);
    const namespace = await failure('namespace A { export const b = 1; }');
    assert.match(namespace, /^policy\.ts:1:1: TypeScript namespace declaration is not supported: /);
    const property = await failure('class A {\n  constructor(readonly a: number) {}\n}');
    assert.match(property, /^policy\.ts:2:24: TypeScript parameter property is not supported: /);
  });

  it('names the line of an import of something that is not there', async () => {
    assert.equal(
      await failure("\nimport './nowhere.ts';"),
      `policy.ts:2: Cannot import "./nowhere.ts": there is no such file: correct the path ` +
        '(nowhere.ts)',
    );
    assert.match(
      await failure("// 'left-pad' is needed\nimport pad from 'left-pad';"),
      /^policy\.ts:2: Cannot import "left-pad": there is no such package: .*npm install left-pad/,
    );
    assert.match(await failure("import 'node:x';"), /^policy\.ts:1: .* Node has no module of this/);
    assert.match(await failure("import 'zorp/x';"), /^policy\.ts:1: .* write "zorp"/);
    files.write('old.cjs', '');
    assert.match(await failure("import './old.cjs';"), /^policy\.ts:1: .* imports \.ts, \.mts/);
  });

  it('knows what an import without the ending means', async () => {
    files.write('zones.ts', '');
    assert.equal(
      await failure("import { a } from './zones';"),
      'policy.ts:1: Cannot import "./zones": write the whole file name, "./zones.ts"',
    );
  });

  it('names the place of an import of something that the module does not export', async () => {
    assert.equal(
      await failure("import { Policy } from 'zorp';\nexport default Policy;"),
      'policy.ts:1:10: "zorp" exports nothing named "Policy": correct the name; ' +
        'if it is a type, write "import type"',
    );
  });

  it("names the line of the policy's own code that threw, not one of Zorp", async () => {
    const text = "function f() {\n  throw new RangeError('no\\nmore');\n}\nf();";
    assert.equal(
      await failure(text),
      'policy.ts:2:9: policy.ts threw RangeError: no: correct the code; ' +
        'it ran while the policy was loaded',
    );
    assert.match(
      await failure("\nJSON.parse('{');"),
      /^policy\.ts:2:6: policy\.ts threw SyntaxErr/,
    );
    assert.match(await failure("import { zone } from 'zorp';\nzone();"), /^policy\.ts/);
    assert.match(await failure("throw 'up';"), /^policy\.ts: policy\.ts threw up: /);
    const odd = await failure('throw Object.create(null);');
    assert.match(odd, /^policy\.ts: policy\.ts threw something that cannot be shown: /);
  });

  it('knows what it means that a name is not there', async () => {
    assert.match(await failure('f(a);\nconst a = 1;'), /f is not defined: import f or define it/);
    assert.match(
      await failure('console.log(a);\nconst a = 1;'),
      /^policy\.ts:1:13: .*: move the line that makes a above this one$/,
    );
    assert.match(await failure("require('zorp');"), /: write import \{ \.\.\. \} from, and export/);
  });

  it('lists everything that definePolicy found', async () => {
    const told = await failure(
      "import { definePolicy, zone } from 'zorp';\n\n" +
        "const a = zone('a', { subnets: ['10.0.0.0/33'] });\n" +
        'export default definePolicy({ zones: [a], listeners: [] });',
    );
    const lines = told.split('\n');
    assert.match(lines.find((line) => line.includes('zone "a"')) ?? '', /^policy\.ts:3:\d+: /);
    assert.match(lines.find((line) => line.includes('listeners')) ?? '', /^policy\.ts:4:\d+: /);
  });

  it('falls back to the file where nothing tells the place', async () => {
    const path = files.path('policy.ts');
    const [fault] = await explainLoadFailure(new SyntaxError('Odd'), path, beginLoad(path));
    assert.deepEqual([fault?.code, fault?.file, fault?.message], ['policy.syntax', path, 'Odd']);
  });
});
