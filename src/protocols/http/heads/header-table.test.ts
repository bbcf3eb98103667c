import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOf } from './byte-text.ts';
import {
  CONTENT_LENGTH,
  flagsOf,
  hashAt,
  HeaderTable,
  HOP_BY_HOP,
  HOST,
  KNOWN_COUNT,
} from './header-table.ts';

function find(table: HeaderTable, name: string): number {
  const bytes = bytesOf(`:${name}:`);
  return table.find(hashAt(bytes, 1, name.length + 1), bytes, 1, name.length + 1);
}

describe('HeaderTable', () => {
  it('finds known names and those of the policy without regard to case', () => {
    const table = new HeaderTable(['X-Own', 'host']);
    assert.equal(find(table, 'HOST'), HOST);
    assert.equal(find(table, 'content-Length'), CONTENT_LENGTH);
    assert.equal(find(table, 'x-oWN'), KNOWN_COUNT);
    assert.equal(table.idOf('X-OWN'), KNOWN_COUNT);
    assert.equal(table.names.length, KNOWN_COUNT + 1);
  });

  it('finds all of many names, and no others', () => {
    const names = Array.from({ length: 500 }, (_, index) => `x-${index}`);
    const table = new HeaderTable(names);
    for (const name of names) assert.equal(table.names[find(table, name)], name);
    assert.equal(find(table, 'x-500'), -1);
  });

  it('finds all of more names than 16 bits can count: each rule is about many spellings', () => {
    const names = Array.from({ length: 70_000 }, (_, index) => `x-${index}`);
    const table = new HeaderTable(names);
    assert.ok(names.every((name) => table.names[find(table, name)] === name));
    assert.equal(find(table, 'x-70000'), -1);
  });

  it('is not deceived by an equal hash', () => {
    const table = new HeaderTable(['a~']);
    const hashOf = (name: string): number => hashAt(bytesOf(name), 0, name.length);
    assert.equal(hashOf('a~'), hashOf('b_'));
    assert.equal(find(table, 'b_'), -1);
    assert.notEqual(find(table, 'a~'), -1);
  });
});

describe('flagsOf()', () => {
  it('knows what belongs to one connection', () => {
    const table = new HeaderTable();
    for (const name of [
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Upgrade',
      'Proxy-Authorization',
    ])
      assert.equal(flagsOf(table.idOf(name)) & HOP_BY_HOP, HOP_BY_HOP, name);
    assert.equal(flagsOf(-1), 0);
  });
});
