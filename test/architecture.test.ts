// The tree keeps the shape that its documentation promises, and the checker that says so can itself fail.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ARROWS, findViolations, formatViolation } from './support/architecture.ts';

const ROOT = `${import.meta.dirname}/..`;

describe('the tree', () => {
  it('breaks no rule of the architecture', () => {
    const violations = findViolations(readTree());
    assert.equal(violations.length, 0, `\n${violations.map(formatViolation).join('\n')}`);
  });

  it('is read whole', () => {
    assert.ok(readTree().has('test/architecture.test.ts'));
  });
});

function readTree(): Map<string, string> {
  const paths = globSync('{src,test,bench,policies,scripts}/**/*.ts', { cwd: ROOT });
  return new Map(
    paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(`${ROOT}/${path}`, 'utf8')]),
  );
}

/** The violations of a small tree, as lines. A bare path is a file without code. */
function check(files: Record<string, string>): string[] {
  return findViolations(new Map(Object.entries(files))).map(formatViolation);
}

describe('arrows', () => {
  it('forbids what the table does not allow, and names file, import and rule', () => {
    assert.deepEqual(check({ 'src/policy/zone.ts': "import type { X } from '../io/driver.ts';" }), [
      'src/policy/zone.ts imports "../io/driver.ts": src/policy may import only from policy, address, proxy',
    ]);
  });

  it('sees every way to import', () => {
    const ways = [
      "import '../io/a.ts';",
      "export * from '../io/a.ts';",
      "export type { A } from '../io/a.ts';",
      "type A = import('../io/a.ts').A;",
    ];
    for (const text of ways) assert.equal(check({ 'src/address/x.ts': text }).length, 1, text);
    const dynamic = {
      'src/address/x.ts': "await import('../io/a.ts');",
      'src/address/x.test.ts': '',
    };
    assert.equal(check(dynamic).length, 1);
  });

  it('allows the own folder, what the table allows, and modules at the edges', () => {
    const text = [
      "import type { A } from './a.ts';",
      "import type { B } from '../../address/b.ts';",
      "import type { C } from '../ftp/c.ts';",
    ].join('\n');
    assert.deepEqual(check({ 'src/protocols/http/x.ts': text }), []);
    assert.deepEqual(check({ 'src/io/x.ts': "import type { Socket } from 'node:net';" }), []);
  });

  it('holds for src/index.ts', () => {
    const files = {
      'src/index.ts': "export * from './policy/zone.ts';\nexport * from './io/driver.ts';",
    };
    assert.deepEqual(check(files), [
      'src/index.ts imports "./io/driver.ts": src/index.ts may import only from index.ts, address, proxy, protocols, policy',
    ]);
  });

  it('forbids a source file to import tests, what lies outside src, and the package itself', () => {
    const rules = ['./a.test.ts', '../../test/support/needs.ts', 'zorp'].map((imported) =>
      check({ 'src/io/x.ts': `import type { A } from '${imported}';` }).join(),
    );
    assert.match(rules[0] ?? '', /may not import a test/);
    assert.match(rules[1] ?? '', /may not import from outside src/);
    assert.match(rules[2] ?? '', /only policies import from "zorp"/);
  });

  it('leaves tests alone', () => {
    const text = "import net from 'node:net';\nimport '../io/driver.ts';";
    assert.deepEqual(check({ 'src/policy/zone.test.ts': text }), []);
  });

  it('refuses a folder that the table does not know', () => {
    assert.match(check({ 'src/misc/x.ts': '' }).join(), /src\/misc has no arrows/);
  });

  it('has no cycle in the table itself', () => {
    const reach = (folder: string, trail: readonly string[]): void => {
      assert.ok(!trail.includes(folder), [...trail, folder].join(' -> '));
      for (const next of ARROWS[folder] ?? []) reach(next, [...trail, folder]);
    };
    for (const folder of Object.keys(ARROWS)) reach(folder, []);
  });
});

describe('purity', () => {
  it('forbids modules of Node but node:buffer, and packages but zod and re2js', () => {
    for (const imported of ['node:net', 'net', 'pino', 'zodiac']) {
      const text = `import type { A } from '${imported}';`;
      assert.match(
        check({ 'src/proxy/x.ts': text }).join(),
        new RegExp(`src/proxy/x.ts imports "${imported}": src/proxy is pure`),
      );
    }
    for (const imported of ['node:buffer', 'zod', 'zod/mini', 're2js']) {
      assert.deepEqual(check({ 'src/proxy/x.ts': `import type { A } from '${imported}';` }), []);
    }
  });
});

describe('a test beside each file', () => {
  it('is asked of functions, classes, constants and statements', () => {
    const values = ['export function f() {}', 'class A {}', 'export const a = 1;', 'run();'];
    for (const text of values) {
      assert.deepEqual(check({ 'src/log/x.ts': text }), [
        'src/log/x.ts: a source file has its test beside it: write src/log/x.test.ts',
      ]);
      assert.deepEqual(check({ 'src/log/x.ts': text, 'src/log/x.test.ts': '' }), []);
    }
  });

  it('is not asked of types, re-exports, src/index.ts and files outside src', () => {
    const types =
      "export interface A { a: 1 }\ntype B = 2;\nexport * from './b.ts';\ndeclare const c: 3;";
    assert.deepEqual(check({ 'src/log/x.ts': types }), []);
    assert.deepEqual(check({ 'src/index.ts': 'export const a = 1;' }), []);
    assert.deepEqual(check({ 'bench/main.ts': 'export const a = 1;' }), []);
  });
});

describe('cycles', () => {
  it('are reported once, with the way round', () => {
    const files = {
      'src/log/a.ts': "export * from './b.ts';",
      'src/log/b.ts': "import type { C } from './c.ts';",
      'src/log/c.ts': "type A = import('./a.ts').A;",
      'src/log/d.ts': "export * from './a.ts';",
    };
    assert.deepEqual(check(files), [
      'src/log/a.ts imports "./b.ts": no import cycles, but src/log/a.ts -> src/log/b.ts -> src/log/c.ts -> src/log/a.ts',
    ]);
  });

  it('include a file that imports itself', () => {
    assert.match(check({ 'src/log/a.ts': "export * from './a.ts';" }).join(), /no import cycles/);
  });

  it('do not include two ways to the same file', () => {
    const files = {
      'src/log/a.ts': "export * from './b.ts';\nexport * from './c.ts';",
      'src/log/b.ts': "export * from './d.ts';",
      'src/log/c.ts': "export * from './d.ts';",
      'src/log/d.ts': '',
    };
    assert.deepEqual(check(files), []);
  });
});

describe('size and names', () => {
  it('permits 400 lines and no more', () => {
    assert.deepEqual(check({ 'src/log/x.ts': '\n'.repeat(399) + '//\n' }), []);
    assert.deepEqual(check({ 'src/log/x.ts': '\n'.repeat(400) + '//\n' }), [
      'src/log/x.ts: a file has at most 400 lines, this one has 401',
    ]);
  });

  it('refuses names that say nothing', () => {
    const names = ['utils.ts', 'http-manager.ts', 'helpers.test.ts', 'common/x.ts'];
    for (const name of names)
      assert.match(check({ [`src/log/${name}`]: '' }).join(), /says nothing/);
    assert.deepEqual(check({ 'src/log/commonwealth.ts': '' }), []);
  });
});
