// Each foreign function is called as it is declared, and does what its manual says; and what is said where there is none to call.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { testLibc } from '../../test/support/driver-needs.ts';
import { needs } from '../../test/support/needs.ts';
import { LabAuthority, SERVER_NAME } from '../../test/support/openssl-lab.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { loadLibc } from './libc.ts';
import * as constants from './openssl-constants.ts';
import type { OpenSsl } from './openssl.ts';
import { loadOpenSsl, readOpenSsl } from './openssl.ts';

const PROTOCOLS = Buffer.from('\x08http/1.1');

/** OpenSSL with memory for parameters, and what every test needs of it. */
class Lab {
  readonly counter = new CallCounter(loadOpenSsl().openSsl ?? assert.fail());
  readonly openSsl: OpenSsl = this.counter.openSsl;
  readonly memory = allocateGuarded(testLibc(), 65_536);
  readonly verified = this.openSsl.callback('OpenSslVerified', () => 1);
  /** What the callback of ALPN was told. */
  readonly offered: string[] = [];
  readonly asked = this.openSsl.callback('OpenSslProtocolAsked', (...told) => this.#choose(told));

  /** Sessions that the callback was told of. */
  readonly sessions: Buffer[] = [];
  readonly given = this.openSsl.callback('OpenSslSessionGiven', (ssl = 0, session = 0) => {
    assert.ok(ssl > 0);
    this.sessions.push(this.encode(this.openSsl.i2d_SSL_SESSION, session));
    return 0;
  });

  /** Writes bytes; their address. */
  put(offset: number, bytes: string | Uint8Array): number {
    this.memory.bytes.set(Buffer.from(bytes), offset);
    return this.memory.address + offset;
  }

  bytes(offset: number, length: number): Buffer {
    return Buffer.from(this.memory.bytes.subarray(offset, offset + length));
  }

  bio(bytes: string | Uint8Array = ''): number {
    const { openSsl } = this;
    const bio = openSsl.BIO_new(openSsl.BIO_s_mem());
    assert.ok(bio > 0);
    const { length } = Buffer.from(bytes);
    assert.equal(openSsl.BIO_write(bio, this.put(0, bytes), length), length);
    return bio;
  }

  certificate(pem: string): number {
    const bio = this.bio(pem);
    const made = this.openSsl.PEM_read_bio_X509(bio, 0, 0, null);
    assert.ok(made > 0);
    assert.equal(this.openSsl.BIO_free(bio), 1);
    return made;
  }

  key(pem: string, passphrase = ''): number {
    const bio = this.bio(pem);
    const made = this.openSsl.PEM_read_bio_PrivateKey(bio, 0, 0, passphrase);
    this.openSsl.BIO_free(bio);
    return made;
  }

  /** What one of the functions `i2d_...` writes. */
  encode(encode: (object: number, to: number) => number, object: number): Buffer {
    const length = encode(object, 0);
    this.memory.view.setBigUint64(0, BigInt(this.memory.address + 8), true);
    assert.equal(encode(object, this.memory.address), length);
    const end = Number(this.memory.view.getBigUint64(0, true));
    assert.equal(end, this.memory.address + 8 + length, 'it has moved the pointer');
    return this.bytes(8, length);
  }

  #choose([
    ssl = 0,
    out = 0,
    outLength = 0,
    theirs = 0,
    length = 0,
    argument = 0,
  ]: number[]): number {
    assert.deepEqual([ssl > 0, argument], [true, 0]);
    const { openSsl } = this;
    this.offered.push(Buffer.from(new Uint8Array(openSsl.libc.view(theirs, length))).toString());
    const ours = this.put(1024, PROTOCOLS);
    const found = openSsl.SSL_select_next_proto(
      out,
      outLength,
      ours,
      PROTOCOLS.length,
      theirs,
      length,
    );
    assert.equal(found, constants.OPENSSL_NPN_NEGOTIATED);
    return constants.SSL_TLSEXT_ERR_OK;
  }
}

describe('the OpenSSL of this process', { ...needs('openssl'), ...needsOpenSsl() }, () => {
  const owner = suiteOwner();
  const lab = new Lab();
  const { openSsl, memory } = lab;
  const authority = new LabAuthority();
  const own = authority.issue();
  let revoked: string;

  before(() => {
    revoked = readFileSync(TestAuthority.make(owner).revoke(), 'utf8');
  });

  it('is OpenSSL 3, and loaded once', () => {
    assert.equal(Math.floor(openSsl.OpenSSL_version_num() / 2 ** 28), 3);
    assert.equal(loadOpenSsl(), loadOpenSsl());
  });

  it('says what has failed, until that is cleared', () => {
    openSsl.SSL_CTX_free(newContext()); // its words are loaded with the first one
    openSsl.ERR_clear_error();
    assert.equal(openSsl.ERR_peek_error(), 0);
    assert.equal(openSsl.SSL_CTX_new(0), 0);
    const error = openSsl.ERR_peek_error();
    assert.equal(openSsl.ERR_reason_error_string(error), 'null ssl method passed');
    openSsl.ERR_clear_error();
    assert.equal(openSsl.ERR_peek_error(), 0);
    assert.equal(openSsl.ERR_reason_error_string(0), null);
  });

  it('reads and writes memory', () => {
    const bio = lab.bio('some bytes');
    const pending = (): number => openSsl.BIO_ctrl(bio, constants.BIO_CTRL_PENDING, 0, 0);
    assert.equal(pending(), 10);
    assert.equal(openSsl.BIO_read(bio, memory.address + 64, 4), 4);
    assert.equal(lab.bytes(64, 4).toString(), 'some');
    assert.equal(openSsl.BIO_ctrl(bio, constants.BIO_CTRL_RESET, 0, 0), 1);
    assert.equal(pending(), 0);
    assert.equal(openSsl.BIO_read(bio, memory.address, 4), -1);
    assert.equal(openSsl.BIO_up_ref(bio), 1);
    assert.equal(openSsl.BIO_free(bio), 1);
    assert.equal(openSsl.BIO_write(bio, lab.put(0, 'x'), 1), 1, 'one part is left');
    assert.equal(openSsl.BIO_free(bio), 1);
  });

  it('reads certificates, lists and keys', () => {
    const certificate = lab.certificate(own.certificate);
    const { raw } = new X509Certificate(own.certificate);
    assert.deepEqual(lab.encode(openSsl.i2d_X509, certificate), raw);
    openSsl.X509_free(certificate);
    const bio = lab.bio(revoked);
    const list = openSsl.PEM_read_bio_X509_CRL(bio, 0, 0, null);
    assert.ok(list > 0);
    assert.equal(openSsl.PEM_read_bio_X509_CRL(bio, 0, 0, null), 0, 'there was one');
    openSsl.ERR_clear_error();
    openSsl.X509_CRL_free(list);
    openSsl.BIO_free(bio);
    const key = lab.key(own.privateKey);
    assert.ok(key > 0);
    openSsl.EVP_PKEY_free(key);
    assert.match(openSsl.X509_verify_cert_error_string(10) ?? '', /expired/);
  });

  function newContext(): number {
    const context = openSsl.SSL_CTX_new(openSsl.TLS_method());
    assert.ok(context > 0);
    return context;
  }

  it('makes contexts that are set', () => {
    const context = newContext();
    const { SSL_CTRL_SET_MIN_PROTO_VERSION, PROTOCOL_VERSIONS } = constants;
    const set = (version: number): number =>
      openSsl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, version, 0);
    assert.deepEqual([set(PROTOCOL_VERSIONS['TLSv1.2']), set(0x7777)], [1, 0]);
    const options = openSsl.SSL_CTX_set_options(context, constants.SSL_OP_NO_TICKET);
    assert.equal(options & constants.SSL_OP_NO_TICKET, constants.SSL_OP_NO_TICKET);
    assert.deepEqual(
      ['ECDHE-RSA-AES128-GCM-SHA256', 'NO-SUCH'].map((list) =>
        openSsl.SSL_CTX_set_cipher_list(context, list),
      ),
      [1, 0],
    );
    assert.deepEqual(
      ['TLS_AES_128_GCM_SHA256', '', 'NO-SUCH'].map((list) =>
        openSsl.SSL_CTX_set_ciphersuites(context, list),
      ),
      [1, 1, 0],
    );
    openSsl.SSL_CTX_set_timeout(context, 77);
    assert.equal(openSsl.SSL_CTX_set_timeout(context, 78), 77, 'it returns the one before');
    assert.equal(openSsl.SSL_CTX_set_num_tickets(context, 0), 1);
    assert.deepEqual(
      ['a'.repeat(32), 'a'.repeat(33)].map((text) =>
        openSsl.SSL_CTX_set_session_id_context(context, text, text.length),
      ),
      [1, 0],
    );
    openSsl.ERR_clear_error();
    openSsl.SSL_CTX_free(context);
  });

  it('has contexts show a certificate, whose key must fit', () => {
    const context = newContext();
    const [certificate, key] = [lab.certificate(own.certificate), lab.key(own.privateKey)];
    assert.equal(openSsl.SSL_CTX_use_certificate(context, certificate), 1);
    assert.equal(openSsl.SSL_CTX_check_private_key(context), 0);
    assert.equal(openSsl.SSL_CTX_use_PrivateKey(context, key), 1);
    assert.equal(openSsl.SSL_CTX_check_private_key(context), 1);
    const wrong = lab.key(authority.privateKey);
    assert.equal(openSsl.SSL_CTX_use_PrivateKey(context, wrong), 0);
    openSsl.ERR_clear_error();
    for (const one of [key, wrong]) openSsl.EVP_PKEY_free(one);
    openSsl.X509_free(certificate);
    openSsl.SSL_CTX_free(context);
  });

  /** A context that trusts the authority, and shows a certificate of it. */
  function usualContext(): number {
    const context = newContext();
    const [certificate, key] = [lab.certificate(own.certificate), lab.key(own.privateKey)];
    openSsl.SSL_CTX_use_certificate(context, certificate);
    openSsl.SSL_CTX_use_PrivateKey(context, key);
    const trusted = lab.certificate(authority.certificate);
    const store = openSsl.SSL_CTX_get_cert_store(context);
    assert.equal(openSsl.X509_STORE_add_cert(store, trusted), 1);
    assert.equal(openSsl.SSL_CTX_add_client_CA(context, trusted), 1);
    for (const one of [certificate, trusted]) openSsl.X509_free(one);
    openSsl.EVP_PKEY_free(key);
    const length = PROTOCOLS.length;
    assert.equal(openSsl.SSL_CTX_set_alpn_protos(context, lab.put(0, PROTOCOLS), length), 0);
    openSsl.SSL_CTX_set_alpn_select_cb(context, lab.asked, 0);
    openSsl.SSL_CTX_set_verify(context, constants.SSL_VERIFY_PEER, lab.verified);
    const { SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT } = constants;
    openSsl.SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT, 0);
    openSsl.SSL_CTX_sess_set_new_cb(context, lab.given);
    return context;
  }

  it('shakes hands, and says what came of it', () => {
    const [context, wires] = [usualContext(), [lab.bio(), lab.bio()] as const];
    const [client, server] = [openSsl.SSL_new(context), openSsl.SSL_new(context)];
    assert.ok(client > 0 && server > 0);
    openSsl.SSL_CTX_free(context); // each connection has a part in it
    for (const [ssl, [read, write]] of [
      [client, wires],
      [server, [wires[1], wires[0]]],
    ] as const) {
      openSsl.BIO_up_ref(read);
      openSsl.SSL_set0_rbio(ssl, read);
      openSsl.BIO_up_ref(write);
      openSsl.SSL_set0_wbio(ssl, write);
    }
    openSsl.SSL_set_connect_state(client);
    openSsl.SSL_set_accept_state(server);
    const name = lab.put(0, `${SERVER_NAME}\0`);
    const { SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name } = constants;
    assert.equal(openSsl.SSL_ctrl(client, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, name), 1);
    assert.equal(openSsl.SSL_get_error(client, openSsl.SSL_do_handshake(client)), 2);
    assert.equal(openSsl.SSL_do_handshake(server), -1);
    assert.equal(openSsl.SSL_do_handshake(client), 1);
    assert.equal(openSsl.SSL_do_handshake(server), 1);
    for (const ssl of [client, server]) {
      assert.equal(openSsl.SSL_get_version(ssl), 'TLSv1.3');
      const cipher = openSsl.SSL_get_current_cipher(ssl);
      assert.equal(openSsl.SSL_CIPHER_get_name(cipher), 'TLS_AES_256_GCM_SHA384');
      openSsl.SSL_get0_alpn_selected(ssl, memory.address, memory.address + 8);
      const at = Number(memory.view.getBigUint64(0, true));
      const chosen = openSsl.libc.view(at, memory.view.getUint32(8, true));
      assert.equal(Buffer.from(new Uint8Array(chosen)).toString(), 'http/1.1');
      const INVALID_PURPOSE = 26; // a certificate of servers is none of clients
      assert.equal(openSsl.SSL_get_verify_result(ssl), ssl === client ? 0 : INVALID_PURPOSE);
      checkChain(ssl);
    }
    assert.deepEqual(lab.offered, ['\x08http/1.1']);
    assert.equal(openSsl.SSL_get_servername(server, TLSEXT_NAMETYPE_host_name), SERVER_NAME);
    sayAndEnd(client, server);
    checkSession(client);
    for (const ssl of [client, server]) openSsl.SSL_free(ssl);
    for (const bio of wires) assert.equal(openSsl.BIO_free(bio), 1);
  });

  function checkChain(ssl: number): void {
    const certificate = openSsl.SSL_get0_peer_certificate(ssl);
    const stack = openSsl.SSL_get0_verified_chain(ssl);
    assert.equal(openSsl.OPENSSL_sk_num(stack), 2);
    const chain = [0, 1, 2].map((at) => openSsl.OPENSSL_sk_value(stack, at));
    assert.equal(chain[2], 0);
    const digests = [certificate, ...chain.slice(0, 2)].map((one) =>
      createHash('sha256').update(lab.encode(openSsl.i2d_X509, one)).digest('hex'),
    );
    const [leaf, root] = [own.certificate, authority.certificate].map((pem) =>
      new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase(),
    );
    assert.deepEqual(digests, [leaf, leaf, root]);
  }

  function sayAndEnd(client: number, server: number): void {
    assert.equal(openSsl.SSL_write(client, lab.put(0, 'hello'), 5), 5);
    assert.equal(openSsl.SSL_read(server, memory.address + 64, 100), 5);
    assert.equal(openSsl.SSL_has_pending(server), 0);
    assert.equal(openSsl.SSL_rstate_string(server), 'RH'); // what comes next is a head of a record
    assert.equal(lab.bytes(64, 5).toString(), 'hello');
    const nothing = openSsl.SSL_read(client, memory.address, 100); // the tickets
    assert.equal(openSsl.SSL_get_error(client, nothing), constants.SSL_ERROR_WANT_READ);
    assert.equal(openSsl.SSL_shutdown(server), 0);
    const end = openSsl.SSL_read(client, memory.address, 100);
    assert.equal(openSsl.SSL_get_error(client, end), constants.SSL_ERROR_ZERO_RETURN);
  }

  function checkSession(client: number): void {
    assert.equal(openSsl.SSL_session_reused(client), 0);
    const [encoded, another] = lab.sessions;
    assert.ok(encoded !== undefined && another?.equals(encoded) === false, 'two of TLS 1.3');
    memory.view.setBigUint64(0, BigInt(lab.put(8, encoded)), true);
    const read = openSsl.d2i_SSL_SESSION(0, memory.address, encoded.length);
    assert.ok(read > 0);
    assert.equal(openSsl.SSL_set_session(client, read), 1);
    openSsl.SSL_SESSION_free(read);
  }

  it('looks into lists of what is revoked', () => {
    const context = newContext();
    const store = openSsl.SSL_CTX_get_cert_store(context);
    const bio = lab.bio(revoked);
    const list = openSsl.PEM_read_bio_X509_CRL(bio, 0, 0, null);
    assert.equal(openSsl.X509_STORE_add_crl(store, list), 1);
    assert.equal(openSsl.X509_STORE_set_flags(store, constants.X509_V_FLAG_CRL_CHECK), 1);
    openSsl.X509_CRL_free(list);
    openSsl.BIO_free(bio);
    openSsl.SSL_CTX_free(context);
  });

  it('has nothing that was not called here, and nothing that is not freed', () => {
    assert.deepEqual(lab.counter.uncalled, []);
    assert.deepEqual(lab.counter.alive, {});
  });
});

describe('a node without an OpenSSL to call', () => {
  const fine = loadLibc();

  /** A koffi whose functions return this. */
  const koffi = (version: number) => () => ({
    load: () => ({ func: () => () => version }),
    proto: () => ({}),
    pointer: () => ({}),
    register: () => 0n,
  });

  it('is one without a C library to call', () => {
    const loadKoffi = (): never => assert.fail('koffi must not be loaded here');
    assert.deepEqual(readOpenSsl({ missing: 'no C library' }, loadKoffi), {
      missing: 'no C library',
    });
  });

  it('is one with another major version', needsOpenSsl(), () => {
    for (const other of [0x1010_1170, 0x4000_0000, 0, 0xf000_0000])
      assert.deepEqual(readOpenSsl(fine, koffi(other)), {
        missing: 'This node has another library than OpenSSL 3',
      });
    for (const good of [0x3000_0000, 0x3050_0080])
      assert.ok(readOpenSsl(fine, koffi(good)).openSsl !== undefined);
  });

  it('is one that does not export a function, or without koffi', needsOpenSsl(), () => {
    const failing = (message: string) => () => ({
      ...koffi(0x3000_0000)(),
      load: () => ({
        func: (signature: string) => {
          if (signature.includes('SSL_read(')) throw new Error(message);
          return () => 0x3000_0000;
        },
      }),
    });
    const missing = "Cannot find function 'SSL_read' in shared library";
    assert.deepEqual(readOpenSsl(fine, failing(`${missing}\nat somewhere`)), {
      missing: `This node does not export its OpenSSL: ${missing}`,
    });
    const { missing: said } = readOpenSsl(fine, () => {
      throw new Error("Cannot find module 'koffi'");
    });
    assert.match(said ?? '', /OpenSSL: Cannot find module 'koffi'$/);
  });
});
