// The documents for those who write policies: every policy in them loads, all code in them has the right types, and they
// name all that a policy may import, with every option.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import ts from 'typescript';
import { SocketAddress } from '../src/address/socket-address.ts';
import * as zorp from '../src/index.ts';
import type { LoadFault } from '../src/instance/load-fault.ts';
import { showLoadFault } from '../src/instance/load-fault.ts';
import { loadPolicy } from '../src/instance/load-policy.ts';
import { ZORP_INDEX } from '../src/instance/policy-hooks.ts';
import type { CheckedTypes } from '../src/instance/type-check.ts';
import { typeCheckAll } from '../src/instance/type-check.ts';
import type { Packet } from '../src/policy/packet.ts';
import { scoreOf } from '../src/policy/rule-score.ts';
import type { Rule } from '../src/policy/rule.ts';
import type { Zone } from '../src/policy/zone.ts';
import type { CodeBlock } from './support/document.ts';
import { Document } from './support/document.ts';
import { findOptions } from './support/option-names.ts';
import { PolicyFiles } from './support/policy-files.ts';
import { runCommand } from './support/system-cli.ts';

const ROOT = join(import.meta.dirname, '..');
const guide = Document.readAll(ROOT, 'docs/guide/*.md');
const protocols = Document.readAll(ROOT, 'docs/protocols/*.md');
const blocks = [...guide, ...protocols, ...Document.readAll(ROOT, 'README.md')]
  .flatMap((document) => document.blocks)
  .filter(({ language }) => language === 'ts');

interface Pair {
  readonly rules: readonly [Rule, Rule];
  readonly guests: Zone;
}

/** What fragments speak of without making it, as a reader would. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  Zone: ['intranet', 'internet', 'dmz', 'office', 'guests'],
  Service: ['web', 'mail', 'ssh', 'readOnly'],
  DenyService: ['nothing'],
  ProxyFactory: ['guess'],
  Program: ['scanner'],
};

describe('the code in the documents', () => {
  const files = new PolicyFiles();
  const written = new Map<string, CodeBlock>();
  let checked: CheckedTypes;

  before(async () => {
    cpSync(join(ROOT, 'policies/lists'), files.path('lists'), { recursive: true });
    for (const block of blocks) {
      const name = `${basename(block.path, '.md')}-${block.line}.ts`;
      const text = isPolicy(block) ? block.code : `${block.code}\nexport {};\n`;
      written.set(files.write(name, text), block);
      const exported = /^export const (\w+) =/m.exec(block.code)?.[1];
      if (exported !== undefined) files.write(`${exported}.ts`, text); // what other blocks import
    }
    const paths = [...written.keys(), files.write('globals.d.ts', globals()), ZORP_INDEX];
    checked = await typeCheckAll(paths);
  });
  after(() => files.remove());

  it('has whole policies and fragments', () => {
    assert.ok(blocks.filter(isPolicy).length >= 3);
    assert.ok(blocks.filter((block) => !isPolicy(block)).length >= 10);
  });

  it('has the right types', () => {
    const faults = checked.faults.filter((fault) => !isUnused(fault, written));
    const shown = faults.map((fault) => showFault(fault, written));
    assert.deepEqual(shown, []);
  });

  it('loads where it is a whole policy', async () => {
    for (const [path, block] of written)
      if (isPolicy(block))
        await assert.doesNotReject(loadPolicy(path), `${block.path}:${block.line}`);
  });

  it('says what zorp explain says of its first policy', async () => {
    const page = guide.find(({ path }) => path.endsWith('/policy.md'));
    const policy = [...written].find(([, block]) => block.path === page?.path && isPolicy(block));
    const shown = page?.blocks.find(({ code }) => code.startsWith('$ zorp explain policy.ts '));
    const [command = '', ...lines] = shown?.code.trim().split('\n') ?? [];
    const { out } = await runCommand([
      'explain',
      policy?.[0] ?? '',
      ...command.split(' ').slice(4),
    ]);
    assert.ok(lines.length > 8);
    assert.deepEqual(
      lines.filter((line) => !isSaid(line, out)),
      [],
    );
  });

  it('names every option of every function', () => {
    const sections = [...guide.flatMap((document) => document.sections), ...protocols];
    const codes = sections.map((section) => section.code);
    const options = findOptions(checked.program, ZORP_INDEX);
    assert.ok(options.length > 100);
    const missing = options.filter(
      ({ owner, option }) => !codes.some((code) => has(code, owner) && has(code, option)),
    );
    assert.deepEqual(
      missing.map(({ owner, option }) => `${owner}: ${option}`),
      [],
    );
  });
});

it('the guide names every function that a policy may import', () => {
  const pages = [...guide.filter(({ path }) => /\/(?:policy|tls)/.test(path)), ...protocols];
  const code = pages.map((page) => page.code).join('\n');
  const missing = Object.keys(zorp).filter((name) => !has(code, name));
  assert.deepEqual(missing, []);
});

describe('the worked examples of scoring', () => {
  const files = new PolicyFiles();
  after(() => files.remove());
  const section = guide.find(({ path }) => path.endsWith('/policy.md'))?.text ?? '';
  // Two rules in a row of the table: the first beats the second.
  const pairs = Array.from(
    section.matchAll(/^\| `(\w+: [^`]*)` +\| `(\w+: [^`]*)` +\| (.*?) *\|$/gm),
  );

  it('are there', () => assert.ok(pairs.length >= 6));
  for (const [index, [, winner = '', loser = '', because = '']] of pairs.entries())
    it(`${winner} beats ${loser}: ${because}`, async () => {
      const path = files.write(`pair-${index}.ts`, rulesOf(winner, loser));
      const { rules, guests } = (await import(path)) as Pair; // as rulesOf() wrote it
      const [more, less] = rules.map((rule) => scoreOf(rule, packetFrom(guests)));
      assert.ok(more !== undefined && less !== undefined, 'both match');
      assert.ok(more > less);
    });
});

describe('the links of the documents', () => {
  for (const page of Document.readAll(ROOT, '{*.md,docs/**/*.md}'))
    it(`${page.path} leads to files and headings that are there`, () => {
      const targets = Array.from(page.text.matchAll(/\]\(([^)\s]+)\)/g), (match) => match[1] ?? '');
      const lost = targets.filter((target) => !/^https?:/.test(target) && !leadsTo(page, target));
      assert.deepEqual(lost, []);
    });
});

/** Whether some line has the same words, those excepted that three dots stand for. */
function isSaid(line: string, out: string): boolean {
  const [first = '', ...others] = narrow(line).split('...');
  const candidates = out
    .split('\n')
    .map(narrow)
    .filter((said) => said.startsWith(first));
  return candidates.some((said) => others.every((part) => said.includes(part)));
}

/** Columns at any distance. */
function narrow(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}

/** Rules as a reader would write them, with the zones that the text before the table tells of. */
function rulesOf(...conditions: readonly string[]): string {
  const rules = conditions.map((text) => `rule({ ${text}, service: denyService('nothing') })`);
  return `import { denyService, rule, zone } from ${JSON.stringify(ZORP_INDEX)};
const office = zone('office', { subnets: ['10.1.0.0/16'] });
const guests = zone('guests', { subnets: ['10.1.200.0/24'], parent: office });
const dmz = zone('dmz', { subnets: ['10.99.0.0/16'] });
export const rules = [${rules.join(', ')}];
export { dmz, guests };
`;
}

/** The connection that the text before the table tells of, which comes in by eth0. */
function packetFrom(clientZone: Zone): Packet {
  return {
    client: SocketAddress.parse('10.1.200.5:40000'),
    local: SocketAddress.parse('192.0.2.1:80'),
    clientZone,
    destinationZone: undefined,
    protocol: 6,
    incoming: { name: 'eth0', group: 0, addresses: [] },
  };
}

function isPolicy({ code }: CodeBlock): boolean {
  return code.includes('export default definePolicy');
}

/** A fragment makes things for its reader, who uses them. */
function isUnused({ code, file }: LoadFault, written: ReadonlyMap<string, CodeBlock>): boolean {
  const block = written.get(file ?? '');
  return block !== undefined && !isPolicy(block) && ['TS6133', 'TS6196', 'TS6192'].includes(code);
}

function showFault(fault: LoadFault, written: ReadonlyMap<string, CodeBlock>): string {
  const block = written.get(fault.file ?? '');
  if (block === undefined) return showLoadFault(fault);
  return showLoadFault({ ...fault, file: block.path, line: block.line + (fault.line ?? 1) - 1 });
}

/** All that a policy may import, and what fragments know, for those that import nothing. */
function globals(): string {
  const values = Object.keys(zorp).map(
    (name) => `declare const ${name}: typeof import('zorp').${name};`,
  );
  const things = Object.entries(KNOWN).flatMap(([type, names]) =>
    names.map((name) => `declare const ${name}: import('zorp').${type};`),
  );
  const types = ['SocketAddress', 'ProxySession', 'HttpRequest', 'Detector'].map(
    (name) => `type ${name} = import('zorp').${name};`,
  );
  return [...values, ...things, ...types].join('\n');
}

function has(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w.])${name}\\b`).test(code);
}

function leadsTo(page: Document, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const [file] = path === '' ? [page.path] : [join(page.path, '..', path)];
  if (anchor === undefined)
    return ts.sys.fileExists(join(ROOT, file)) || ts.sys.directoryExists(join(ROOT, file));
  const text = ts.sys.readFile(join(ROOT, file)) ?? '';
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) => slugOf(heading)).includes(
    anchor,
  );
}

/** The anchor that a heading gets on the pages of a repository. */
function slugOf(heading: string): string {
  const plain = heading.toLowerCase().replaceAll(/[^\w\- ]/g, '');
  return plain.replaceAll(' ', '-');
}
