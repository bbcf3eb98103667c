import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { goodCertificates, writeCertificate } from '../../test/support/random-certificates.ts';
import { makeAuthority, readAuthority } from '../keybridge/authority.ts';
import { newServerKey } from '../keybridge/server-key.ts';
import type { CarryingOver } from './carry-over.ts';
import { carryOver, usableUntil } from './carry-over.ts';

const DAY_MS = 86_400_000;
const now = Math.floor(Date.now() / 1000) * 1000;

/** A folder in memory. */
class Files {
  readonly files = new Map<string, string>();
  writes = 0;

  read(name: string): string | undefined {
    return this.files.get(name);
  }

  write(name: string, text: string): void {
    this.files.set(name, text);
    this.writes++;
  }

  /** Gives all files this text. */
  fill(text: string): void {
    for (const name of this.files.keys()) this.files.set(name, text);
  }

  get only(): string {
    const [text, ...more] = this.files.values();
    assert.ok(text !== undefined && more.length === 0);
    return text;
  }
}

describe('carryOver()', () => {
  const made = makeAuthority({ name: 'Own', now });
  const authority = readAuthority({ ...made, passphrase: undefined }, now);
  const carriedOver = ['2.5.29.17', '2.5.29.37'];
  const key = newServerKey();

  function makingIn(folder: Files | undefined, more: Partial<CarryingOver> = {}): CarryingOver {
    return { authority, publicKey: key.publicKey, now, carriedOver, folder, ...more };
  }

  function originals(count: number): Buffer[] {
    return fc.sample(goodCertificates(now), count).map(writeCertificate);
  }

  function original(): Buffer {
    return originals(1)[0] ?? Buffer.alloc(0);
  }

  it('makes a new one each time where there is no folder', () => {
    const given = original();
    const [one, other] = [
      carryOver(given, makingIn(undefined)),
      carryOver(given, makingIn(undefined)),
    ];
    assert.notDeepEqual(one.encoded, other.encoded);
    assert.equal(one.madeAt, now);
  });

  it('takes one that was stored, by this process or by another one', () => {
    const files = new Files();
    const later = now + 5 * DAY_MS;
    for (const given of originals(20)) {
      files.files.clear();
      const first = carryOver(given, makingIn(files));
      const again = carryOver(given, makingIn(files, { now: later }));
      // The dates of what is valid for longer than a certificate may be begin with the day it was made.
      const expired = usableUntil(first) <= later;
      assert.deepEqual(again, expired ? { ...again, madeAt: later } : first);
      assert.ok(new X509Certificate(again.encoded).verify(createPublicKey(made.certificate)));
    }
  });

  it('makes a new one in the place of one that is not what would be made', () => {
    const files = new Files();
    const given = original();
    const first = carryOver(given, makingIn(files));
    const good = files.only;
    const other = new Files();
    carryOver(original(), makingIn(other));
    const strange = new Files();
    const forged = makeAuthority({ name: 'Own', now });
    const forger = readAuthority({ ...forged, passphrase: undefined }, now);
    carryOver(given, makingIn(strange, { authority: forger }));
    const bad: Readonly<Record<string, string>> = {
      empty: '',
      garbage: 'x'.repeat(2000),
      cut: good.slice(0, good.length / 2),
      'of another server': other.only,
      'of another authority': strange.only,
      'with another time': good.replace(/^Made \d{4}/, 'Made 1990'),
      'of the future': good.replace(/^Made \d{4}/, 'Made 2990'),
      'with a bit changed': good.replace(
        /\n(.)(.{60})/,
        (_, one, rest) => `\n${one === 'A' ? 'B' : 'A'}${rest}`,
      ),
    };
    for (const [what, text] of Object.entries(bad)) {
      files.fill(text);
      const again = carryOver(given, makingIn(files));
      assert.notDeepEqual(again.encoded, first.encoded, what);
      assert.notEqual(files.only, text, what);
      assert.deepEqual(carryOver(given, makingIn(files)), again, what);
    }
    files.fill(good);
    assert.deepEqual(carryOver(given, makingIn(files)), first);
  });

  it('asks for another file where the key, the authority or the list is another one', () => {
    const files = new Files();
    const given = original();
    const forged = makeAuthority({ name: 'Own', now });
    const others: readonly Partial<CarryingOver>[] = [
      {},
      { publicKey: newServerKey().publicKey },
      { authority: readAuthority({ ...forged, passphrase: undefined }, now) },
      { carriedOver: ['2.5.29.17'] },
    ];
    for (const other of others) carryOver(given, makingIn(files, other));
    assert.equal(files.files.size, 4);
  });

  it('makes a new one after thirty days, and when the old one has expired', () => {
    const files = new Files();
    const given = writeCertificate({
      ...{ subject: [], names: [], namesAreCritical: false, purposes: [], others: [] },
      ...{ validFrom: now - DAY_MS, validTo: now + 10 * DAY_MS },
    });
    carryOver(given, makingIn(files));
    carryOver(given, makingIn(files, { now: now + 10 * DAY_MS - 1 }));
    assert.equal(files.writes, 1);
    carryOver(given, makingIn(files, { now: now + 10 * DAY_MS }));
    assert.equal(files.writes, 2);
    // It has expired with its server, and stays as it is until it is old.
    carryOver(given, makingIn(files, { now: now + 40 * DAY_MS - 1 }));
    assert.equal(files.writes, 2);
    carryOver(given, makingIn(files, { now: now + 40 * DAY_MS }));
    assert.equal(files.writes, 3);
  });
});
