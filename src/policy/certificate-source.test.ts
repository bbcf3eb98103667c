import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type {
  DynamicCertificateOptions,
  SniCertificatesOptions,
  StaticCertificateOptions,
} from './certificate-source.ts';
import {
  certificateFor,
  certificatesOf,
  dynamicCertificate,
  sniCertificates,
  staticCertificate,
} from './certificate-source.ts';

const www = staticCertificate({ certificate: 'www.pem', privateKey: 'www.key' });
const shop = staticCertificate({ certificate: 'shop.pem', privateKey: 'shop.key' });

function isShop(name: string): boolean {
  return name === 'shop.example';
}

describe('staticCertificate()', () => {
  it('has its files read', () => {
    takeLiveInputs();
    const files = { certificate: 'c.pem', privateKey: 'k.pem', passphraseFile: 'p' };
    const made = staticCertificate(files);
    const paths = takeLiveInputs().map((input) => (input.kind === 'live-file' ? input.path : ''));
    assert.deepEqual(paths, ['c.pem', 'k.pem', 'p']);
    assert.deepEqual([made.certificateFile, made.privateKeyFile], ['c.pem', 'k.pem']);
    assert.throws(() => made.text(), /was not read/);
    assert.equal(made.version(), 0);
  });

  it('says what is missing, and reads nothing then', () => {
    takeLiveInputs();
    const made = staticCertificate({ certificate: 'c.pem' } as StaticCertificateOptions);
    assert.deepEqual(
      faultsOf(made).map(({ path, cure }) => [path, cure]),
      [['privateKey', 'give the path of a file as text']],
    );
    assert.deepEqual(takeLiveInputs(), []);
  });
});

describe('sniCertificates()', () => {
  it('knows all its certificates, each once', () => {
    const lines = [
      { serverName: isShop, certificate: shop },
      { serverName: isShop, certificate: www },
    ];
    const made = sniCertificates({ certificates: lines, default: www });
    assert.deepEqual(certificatesOf(made), [shop, www]);
    assert.deepEqual(certificatesOf(www), [www]);
    assert.deepEqual(faultsOf(made), []);
  });

  const faulty: [given: unknown, path: string, cure: RegExp][] = [
    [{ certificates: [] }, 'certificates', /at least one line/],
    [{ certificates: www }, 'certificates', /give a list/],
    [
      { certificates: [{ serverName: 'a', certificate: www }] },
      'certificates[0].serverName',
      /a matcher/,
    ],
    [
      { certificates: [{ serverName: isShop, certificate: {} }] },
      'certificates[0].certificate',
      /staticCertificate/,
    ],
  ];
  for (const [given, path, cure] of faulty)
    it(`refuses ${path} of ${JSON.stringify(given).slice(0, 50)}`, () => {
      const [fault] = faultsOf(sniCertificates(given as SniCertificatesOptions));
      assert.equal(fault?.path, path);
      assert.match(fault.cure, cure);
    });

  it('takes no other choice by name as one of its certificates', () => {
    const inner = sniCertificates({ certificates: [{ serverName: isShop, certificate: shop }] });
    const given = { certificates: [{ serverName: isShop, certificate: inner }] };
    const made = sniCertificates(given as unknown as SniCertificatesOptions);
    assert.equal(faultsOf(made)[0]?.path, 'certificates[0].certificate');
  });
});

describe('dynamicCertificate()', () => {
  const authority = { certificate: 'ca.pem', privateKey: 'ca.key', passphraseFile: 'pass' };
  const untrustedAuthority = { certificate: 'no.pem', privateKey: 'no.key' };

  it('has the files of its authorities read, and shows none of them', () => {
    takeLiveInputs();
    const made = dynamicCertificate({ authority, untrustedAuthority });
    const paths = takeLiveInputs().map((input) => (input.kind === 'live-file' ? input.path : ''));
    assert.deepEqual(paths, ['ca.pem', 'ca.key', 'pass', 'no.pem', 'no.key']);
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(certificatesOf(made), []);
    assert.equal(certificateFor(made, 'www.example'), undefined);
    assert.equal(dynamicCertificate({ authority }).untrustedAuthority, undefined);
    takeLiveInputs();
  });

  it('carries over names and purposes, or what it is told to', () => {
    const listed = (...extensionWhitelist: string[]) =>
      dynamicCertificate({ authority, extensionWhitelist });
    assert.deepEqual(dynamicCertificate({ authority }).carriedOver, ['2.5.29.17', '2.5.29.37']);
    const more = listed('subjectAltName', '1.3.6.1.4.1.99999.1');
    assert.deepEqual(more.carriedOver, ['2.5.29.17', '1.3.6.1.4.1.99999.1']);
    for (const cacheDirectory of ['certificates', '', '/a\0b', 7 as unknown as string]) {
      const [fault] = faultsOf(dynamicCertificate({ authority, cacheDirectory }));
      assert.equal(fault?.path, 'cacheDirectory');
      assert.match(fault.cure, /absolute path/);
    }
    const cached = dynamicCertificate({ authority, cacheDirectory: '/var/lib/zorp/certificates' });
    assert.equal(cached.cacheDirectory, '/var/lib/zorp/certificates');
    const [fault] = faultsOf(listed('subjectAltName', 'keyUsage'));
    assert.deepEqual([fault?.path, fault?.value], ['extensionWhitelist[1]', '"keyUsage"']);
    takeLiveInputs();
  });

  it('says what is missing, and reads nothing then', () => {
    const given = { authority: { certificate: 'ca.pem' } } as DynamicCertificateOptions;
    assert.deepEqual(
      faultsOf(dynamicCertificate(given)).map(({ path }) => path),
      ['authority.privateKey'],
    );
    assert.deepEqual(takeLiveInputs(), []);
  });
});
