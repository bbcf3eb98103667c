import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PortRange, PortSet } from './port-range.ts';

const anyPort = fc.integer({ min: 1, max: 65_535 });
const anyRange = fc
  .tuple(anyPort, fc.oneof(fc.constant(0), fc.nat(20), fc.nat(65_534)))
  .map(([low, extra]) => new PortRange(low, Math.min(low + extra, 65_535)));

describe('PortRange.parse()', () => {
  it('reads one port and a range', () => {
    assert.deepEqual(PortRange.parse('80'), new PortRange(80));
    assert.deepEqual(PortRange.parse('1024-65535'), new PortRange(1024, 65_535));
  });

  it('refuses what is no port or range, and names value and cure', () => {
    const bad = [
      '',
      '0',
      '65536',
      '080',
      '-80',
      '80-',
      '1-2-3',
      '0-5',
      '1 - 2',
      '+1',
      'http',
      '1,2',
    ];
    for (const text of bad) {
      assert.throws(() => PortRange.parse(text), {
        name: 'SyntaxError',
        message: `Cannot parse port range "${text}": write a port of 1 to 65535 or a range, as in 80 or 1024-65535`,
      });
    }
  });

  it('refuses a range that runs backwards', () => {
    assert.throws(() => PortRange.parse('90-80'), {
      name: 'SyntaxError',
      message: 'Cannot parse port range "90-80": write the lower port first',
    });
  });

  it('reads back what toString() writes', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        assert.ok(PortRange.parse(range.toString()).equals(range));
      }),
    );
  });
});

describe('new PortRange()', () => {
  it('refuses what is no port, and a range that runs backwards', () => {
    for (const port of [0, -1, 65_536, 80.5, Number.NaN]) {
      assert.throws(() => new PortRange(port), {
        name: 'RangeError',
        message: `Cannot use port ${port}: give an integer of 1 to 65535`,
      });
      assert.throws(() => new PortRange(1, port), RangeError);
    }
    assert.throws(() => new PortRange(90, 80), {
      name: 'RangeError',
      message: 'Cannot use port range 90-80: write the lower port first',
    });
  });
});

describe('PortRange.contains()', () => {
  it('includes both ends', () => {
    const range = new PortRange(80, 90);
    assert.deepEqual(
      [79, 80, 85, 90, 91].map((port) => range.contains(port)),
      [false, true, true, true, false],
    );
  });
});

describe('PortRange.equals()', () => {
  it('compares both ends', () => {
    assert.ok(new PortRange(80).equals(PortRange.parse('80-80')));
    assert.ok(!new PortRange(80).equals(new PortRange(80, 81)));
    assert.ok(!new PortRange(80, 81).equals(new PortRange(81)));
  });
});

describe('PortRange.isExact', () => {
  it('is true of one port, however it is written', () => {
    assert.ok(PortRange.parse('10').isExact);
    assert.ok(PortRange.parse('10-10').isExact);
    assert.ok(!PortRange.parse('10-11').isExact);
  });
});

describe('new PortSet()', () => {
  it('reads a number, a text and a list of both', () => {
    assert.equal(new PortSet(80).toString(), '80');
    assert.equal(new PortSet('80,443,1024-65535').toString(), '80,443,1024-65535');
    assert.equal(new PortSet([80, '1024-65535', '21,22']).toString(), '21-22,80,1024-65535');
  });

  it('matches nothing when it is empty', () => {
    for (const ports of ['', [], ['']]) {
      const set = new PortSet(ports);
      assert.ok(set.isEmpty);
      assert.ok(!set.contains(80));
      assert.equal(set.toString(), '');
    }
    assert.ok(!new PortSet(80).isEmpty);
  });

  it('refuses what is no port or range, and names value and cure', () => {
    assert.throws(() => new PortSet('80,,443'), /Cannot parse port range "": write a port of 1 to/);
    assert.throws(() => new PortSet('80, 443'), /Cannot parse port range " 443": write a port/);
    assert.throws(() => new PortSet([80, 0]), /Cannot use port 0: give an integer of 1 to 65535/);
  });
});

describe('PortSet.contains()', () => {
  it('agrees with a scan of its ranges', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 8 }), anyPort, (ranges, stranger) => {
        const set = new PortSet(ranges.map(String));
        const edges = ranges.flatMap(({ low, high }) => [low - 1, low, high, high + 1]);
        for (const port of [stranger, ...edges]) {
          const expected = ranges.some((range) => range.contains(port));
          assert.equal(set.contains(port), expected, `${set.toString()} and ${port}`);
          assert.equal(set.find(port) !== undefined, expected);
        }
      }),
    );
  });
});

describe('PortSet.find()', () => {
  it('prefers the narrowest range as it was written', () => {
    const set = new PortSet('1-65535,80-90,85,86');
    assert.equal(set.find(85)?.toString(), '85');
    assert.equal(set.find(84)?.toString(), '80-90');
    assert.equal(set.find(443)?.toString(), '1-65535');
  });

  it('tells neighbouring ports from a range of them', () => {
    assert.equal(new PortSet('80,81').find(80)?.isExact, true);
    assert.equal(new PortSet('80-81').find(80)?.isExact, false);
    assert.equal(new PortSet('80-81').find(82), undefined);
  });
});

describe('PortSet.equals()', () => {
  it('compares the ports, not how they were written', () => {
    assert.ok(new PortSet('80,81,82-90').equals(new PortSet(['80-85', '84-90'])));
    assert.ok(!new PortSet('80').equals(new PortSet('81')));
  });
});

describe('PortSet.toString()', () => {
  it('merges what overlaps or touches, and sorts', () => {
    assert.equal(new PortSet('443,80,81,70-79,75-78,65535').toString(), '70-81,443,65535');
  });

  it('is the same for the same ports', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 8 }), (ranges) => {
        const set = new PortSet(ranges.map(String));
        const backwards = new PortSet(ranges.map(String).reverse());
        assert.equal(backwards.toString(), set.toString());
        assert.ok(new PortSet(set.toString()).equals(set));
      }),
    );
  });
});
