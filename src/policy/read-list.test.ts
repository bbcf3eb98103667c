import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { HostList } from './host-list.ts';
import { filedList, filledAtOnce } from './read-list.ts';

describe('filedList()', () => {
  it('has nothing before the file was read, and then tells the lines', () => {
    const list = filedList('hosts.txt', () => new HostList());
    assert.throws(() => list.placeOf('a.example'), /the list hosts\.txt was not read/);
    assert.deepEqual(readAtOnce(list.file, '# hosts\n\na.example\n0.0.0.0 b.example\n'), []);
    assert.deepEqual(list.placeOf('www.a.example'), { file: 'hosts.txt', line: 3 });
    assert.deepEqual(list.placeOf('b.example'), { file: 'hosts.txt', line: 4 });
    assert.equal(list.placeOf('c.example'), undefined);
  });

  it('keeps what it had until a new content is complete, and where that is faulty', () => {
    const list = filedList('hosts.txt', () => new HostList());
    readAtOnce(list.file, 'a.example');
    const reading = list.file.read(Array.from({ length: 5_000 }, (_, at) => `h${at}.x`).join('\n'));
    reading.next();
    assert.equal(list.placeOf('h1.x'), undefined);
    assert.deepEqual(list.placeOf('a.example'), { file: 'hosts.txt', line: 1 });
    while (reading.next().done !== true);
    assert.deepEqual(list.placeOf('h1.x'), { file: 'hosts.txt', line: 2 });
    const [fault] = readAtOnce(list.file, 'b.example\n*.c\n');
    assert.deepEqual([fault?.line, fault?.value], [2, '"*.c"']);
    assert.deepEqual(list.placeOf('h1.x'), { file: 'hosts.txt', line: 2 });
  });

  it('has nothing any more when it is told to forget', () => {
    const list = filedList('hosts.txt', () => new HostList());
    readAtOnce(list.file, 'a.example');
    list.file.forget();
    assert.throws(() => list.placeOf('a.example'), /was not read/);
  });

  it('does not look at a million faulty lines', () => {
    const list = filedList('hosts.txt', () => new HostList());
    const told = readAtOnce(list.file, '*.x\n'.repeat(100_000));
    assert.equal(told.length, 21);
    assert.equal(told.at(-1)?.value, '"980 more lines"'.slice(1, -1));
  });
});

describe('filledAtOnce()', () => {
  it('tells every entry that is none', () => {
    const list = new HostList();
    const faults = filledAtOnce(list, ['a.example', '*.b', 'c.example:80']);
    assert.deepEqual(
      faults.map(({ index }) => index),
      [1, 2],
    );
    assert.equal(list.find('a.example'), 0);
  });
});
