import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  checkSettings,
  declare,
  faultsOf,
  isDeclared,
  redeclare,
  showValue,
} from './policy-fault.ts';
import { sourceOf } from './source-location.ts';

const schema = z.strictObject({
  port: z.int({ error: 'give a port' }).default(80),
  hosts: z.array(z.string({ error: 'give a host name' })).default([]),
  nested: z.strictObject({ deep: z.boolean({ error: 'give true or false' }) }).optional(),
});

function faultsFor(given: unknown): string[] {
  return checkSettings(schema, given, {}).faults.map(
    ({ path, value, cure }) => `${path} = ${value}: ${cure}`,
  );
}

describe('checkSettings()', () => {
  it('tells the option that does not fit the others, and not all of them', () => {
    const fitting = schema.refine(({ port, hosts }) => port === 80 || hosts.length > 0, {
      path: ['port'],
      error: 'name hosts, too',
    });
    const { faults } = checkSettings(fitting, { port: 81, nested: { deep: true } }, {});
    assert.deepEqual(faults, [{ path: 'port', value: '81', cure: 'name hosts, too' }]);
  });

  it('fills in the defaults', () => {
    assert.deepEqual(checkSettings(schema, {}, {}), {
      settings: { port: 80, hosts: [] },
      faults: [],
    });
  });

  it('tells every fault with path, value and cure', () => {
    assert.deepEqual(faultsFor({ port: 'http', hosts: ['a', 7], nested: { deep: 1 } }), [
      'port = "http": give a port',
      'hosts[1] = 7: give a host name',
      'nested.deep = 1: give true or false',
    ]);
  });

  it('tells which options there are instead of those that there are not', () => {
    assert.deepEqual(faultsFor({ gate: 80, hots: [], nested: { deep: true, deeper: 1 } }).sort(), [
      'gate = "gate": remove it: there is no such option; there are port, hosts, nested',
      'hots = "hots": write "hosts": there is no such option',
      'nested.deeper = "deeper": remove it: there is no such option; there are deep',
    ]);
  });

  it('tells once which options there are', () => {
    assert.deepEqual(faultsFor({ gate: 80, door: 80, hots: [] }).sort(), [
      'door = "door": remove it: there is no such option',
      'gate = "gate": remove it: there is no such option; there are port, hosts, nested',
      'hots = "hots": write "hosts": there is no such option',
    ]);
  });

  it('tells where an option belongs that is in the wrong place', () => {
    assert.deepEqual(faultsFor({ deep: true, nested: { deep: true, hosts: [] } }).sort(), [
      'deep = "deep": move it into nested: { deep: ... }',
      'nested.hosts = "hosts": move it out of nested: it is an option beside that',
    ]);
  });

  it('tells what was meant by a misspelt option within another', () => {
    assert.deepEqual(faultsFor({ nested: { deep: true, deeep: 1 } }), [
      'nested.deeep = "deeep": write "deep": there is no such option',
    ]);
    const form = z.union([z.boolean(), z.strictObject({ lifetimeMs: z.int().default(1) })]);
    const asking = z.strictObject({ form }).refine(() => true);
    const { faults } = checkSettings(asking, { form: { lifetimMs: 1 } }, { form: true });
    const cure = 'write "lifetimeMs": there is no such option';
    assert.deepEqual(faults, [{ path: 'form.lifetimMs', value: '"lifetimMs"', cure }]);
  });

  it("tells the schema's own cure for a key of a table", () => {
    const table = z.strictObject({
      port: z.record(z.string().regex(/^[a-z]+$/, { error: 'give a name' }), z.unknown()),
    });
    const { faults } = checkSettings(table, { port: { 'a ': 1 } }, { port: {} });
    assert.deepEqual(faults, [{ path: 'port.a ', value: '"a "', cure: 'give a name' }]);
  });

  it('tells once what breaks several checks', () => {
    const error = 'give a port';
    const table = z.strictObject({ port: z.int({ error }).max(65_535, { error }) });
    const { faults } = checkSettings(table, { port: 2 ** 53 }, { port: 80 });
    assert.deepEqual(faults, [{ path: 'port', value: '9007199254740992', cure: 'give a port' }]);
  });

  it('wants plain objects', () => {
    assert.match(
      faultsFor(null).join(),
      /^ = null: give the options as an object: port, hosts, nested$/,
    );
    assert.match(
      faultsFor('7').join(),
      /^ = "7": give the options as an object: port, hosts, nested$/,
    );
    class Options {
      port = 80;
    }
    assert.match(faultsFor(new Options()).join(), /plain object/);
    assert.deepEqual(faultsFor(Object.assign(Object.create(null), { port: 81 })), []);
  });

  it('tells which options an object within has, where there is none', () => {
    assert.deepEqual(faultsFor({ nested: 'deep' }), ['nested = "deep": give an object: deep']);
  });

  it('tells once what a function of the vocabulary made for another place', () => {
    const thing = declare({ kind: 'program', name: 'av', deep: 7, port: 'x' }, declare);
    assert.deepEqual(faultsFor({ nested: thing }), ['nested = "av": give an object: deep']);
    assert.deepEqual(faultsFor({ nested: { action: 'accept' }, port: 'x' }).sort(), [
      'nested = {"action":"accept"}: give an object: deep',
      'port = "x": give a port',
    ]);
    const table = z.strictObject({
      rules: z.record(z.string(), z.boolean({ error: 'give true or false' }), {
        error: 'give a table: { a: true }',
      }),
      either: z.union([z.literal('off'), z.strictObject({ deep: z.boolean() })], {
        error: 'give { deep } or "off"',
      }),
    });
    const { faults } = checkSettings(
      table,
      { rules: thing, either: thing },
      { rules: {}, either: 'off' },
    );
    assert.deepEqual(faults, [
      { path: 'rules', value: '"av"', cure: 'give a table: { a: true }' },
      { path: 'either', value: '"av"', cure: 'give { deep } or "off"' },
    ]);
  });

  it('tells the option whose value stands in the place of all', () => {
    assert.deepEqual(faultsFor(7), [' = 7: give the options as an object: { port: ... }']);
    assert.deepEqual(faultsFor(['a']), [' = ["a"]: give the options as an object: { hosts: ... }']);
    const thing = declare({ kind: 'program', name: 'av' }, declare);
    assert.match(faultsFor(thing).join(), /^ = "av": give the options as an object: port, hosts/);
    const scanned = z.strictObject({
      scanner: z.custom((value) => value === thing),
      port: z.int().optional(),
    });
    const { faults } = checkSettings(scanned, thing, { scanner: thing });
    const cure = 'give the options as an object: { scanner: ... }';
    assert.deepEqual(faults, [{ path: '', value: '"av"', cure }]);
  });

  it('shows that an option is missing, and not all others', () => {
    const both = schema.refine(({ nested }) => nested !== undefined, {
      path: ['nested'],
      error: 'say how deep',
    });
    assert.deepEqual(checkSettings(both, { port: 81 }, { nested: { deep: true } }).faults, [
      { path: 'nested', value: 'undefined', cure: 'say how deep' },
    ]);
  });

  it('shows no passwords', () => {
    const credentials = z.strictObject({ user: z.string(), password: z.string() });
    const { faults } = checkSettings(
      z.strictObject({ credentials: credentials.optional() }),
      { credentials: 'u:secret' },
      {},
    );
    const cure = 'give an object: user, password';
    assert.deepEqual(faults, [{ path: 'credentials', value: 'not shown', cure }]);
    assert.equal(showValue({ bindPassword: 'secret' }), '{"bindPassword":"..."}');
    assert.equal(showValue('http://u:secret@proxy:80'), '"http://...@proxy:80"');
  });

  it('puts the fallback in the place of what is faulty, and keeps the rest', () => {
    const { settings } = checkSettings(schema, { port: 81, hosts: 7, prot: 1 }, { hosts: ['x'] });
    assert.deepEqual(settings, { port: 81, hosts: ['x'] });
  });
});

describe('declare()', () => {
  function thing(name: string): object {
    return declare(
      { name },
      thing,
      name === '' ? [{ path: 'name', value: '""', cure: 'name it' }] : [],
    );
  }

  it('freezes and remembers faults and place', () => {
    const nameless = thing('');
    assert.ok(Object.isFrozen(nameless));
    assert.deepEqual(faultsOf(nameless), [{ path: 'name', value: '""', cure: 'name it' }]);
    assert.equal(sourceOf(nameless)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(thing('x')), []);
  });

  it('gives an object the place and the faults of the one that it was made of', () => {
    const original = thing('');
    const other = redeclare({ ...original, name: 'x' }, original);
    assert.ok(Object.isFrozen(other) && isDeclared(other));
    assert.equal(sourceOf(other), sourceOf(original));
    assert.equal(faultsOf(other), faultsOf(original));
  });

  it('tells the object from its copies', () => {
    const original = thing('x');
    assert.ok(isDeclared(original));
    assert.ok(!isDeclared({ ...original }));
    assert.deepEqual(faultsOf({}), []);
  });
});

describe('showValue()', () => {
  it('is short and never throws', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const shown: readonly [unknown, string][] = [
      ['a "text"', '"a \\"text\\""'],
      [undefined, 'undefined'],
      [null, 'null'],
      [12n, '12'],
      [Symbol('s'), 'Symbol(s)'],
      [isDeclared, 'function isDeclared'],
      [{ name: 'intranet', subnets: [] }, '"intranet"'],
      [{ a: 1 }, '{"a":1}'],
      [[1, 'x'], '[1, "x"]'],
      [declare({ kind: 'router', destinations: [] }, isDeclared), 'isDeclared(...)'],
      [declare({ kind: 'zone', name: 'intranet' }, isDeclared), '"intranet"'],
      [/a+/i, '/a+/i'],
      [new TypeError('no'), '"TypeError: no"'],
      [circle, 'something that cannot be shown'],
      [
        Object.defineProperty({}, 'name', { get: () => assert.fail() }),
        'something that cannot be shown',
      ],
    ];
    for (const [value, text] of shown) assert.equal(showValue(value), text);
    assert.equal(showValue('x'.repeat(500)).length, 83);
  });
});
