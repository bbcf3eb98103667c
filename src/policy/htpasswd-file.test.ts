import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileResult } from './htpasswd-file.ts';
import { readGroupFile, readPasswordFile } from './htpasswd-file.ts';

const REST = 'DgoPLeqrnRfQwCSSHFRc5OXlDcHV1nxBIpmYR47xlMU9oamr05Pc6';

function resultOf<Content>(
  reading: Generator<undefined, FileResult<Content>, undefined>,
): FileResult<Content> {
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

function contentOf<Content>(
  reading: Generator<undefined, FileResult<Content>, undefined>,
): Content {
  const result = resultOf(reading);
  assert.ok(result.ok, JSON.stringify(result));
  return result.content;
}

function faultOf(text: string): { line: number | undefined; value: string; cure: string } {
  const result = resultOf(readPasswordFile(text));
  assert.ok(!result.ok);
  const [first, ...others] = result.faults;
  assert.deepEqual(others, []);
  assert.ok(first);
  return first;
}

describe('readPasswordFile()', () => {
  it('reads what htpasswd -B writes', () => {
    const text = `# people\nalice:$2y$10$${REST}\n\nbob:$2b$05$${REST}\r\ncarol:$2a$04$${REST}`;
    const { hashes, decoy } = contentOf(readPasswordFile(text));
    assert.deepEqual(
      [...hashes],
      [
        ['alice', `$2y$10$${REST}`],
        ['bob', `$2b$05$${REST}`],
        ['carol', `$2a$04$${REST}`],
      ],
    );
    assert.match(decoy, /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
  });

  it('has a decoy as dear as the dearest hash', () => {
    assert.match(contentOf(readPasswordFile(`a:$2y$12$${REST}`)).decoy, /^\$2b\$12\$/);
    assert.match(contentOf(readPasswordFile('')).decoy, /^\$2b\$10\$/);
  });

  it('says why it takes no other hash', () => {
    assert.match(faultOf('alice:$apr1$IEGhRHC1$n9').cure, /^MD5 is guessed fast.*htpasswd -B/);
    assert.match(faultOf('alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=').cure, /^SHA-1/);
    assert.match(faultOf('alice:secret').cure, /not bcrypt/);
    assert.match(faultOf('alice:$2y$10$tooshort').cure, /damaged/);
    assert.match(faultOf(`alice:$2y$03$${REST}`).cure, /cost of 4 to 14/);
    assert.match(faultOf(`alice:$2y$15$${REST}`).cure, /cost of 4 to 14/);
  });

  it('refuses lines that name nobody, or somebody twice', () => {
    assert.match(faultOf('alice').cure, /write a line such as/);
    assert.match(faultOf(`:$2y$10$${REST}`).cure, /write a line such as/);
    assert.match(faultOf(`a b:$2y$10$${REST}`).cure, /write a line such as/);
    const twice = faultOf(`alice:$2y$10$${REST}\nalice:$2y$10$${REST}`);
    assert.match(twice.cure, /already/);
    assert.equal(twice.line, 2);
  });

  it('never shows a hash, or what might be a password', () => {
    assert.deepEqual(faultOf('alice:my secret').value, '"alice"');
  });
});

describe('readGroupFile()', () => {
  it('gives the groups of each user', () => {
    const groups = contentOf(
      readGroupFile('staff: alice bob\n# x\nboss:\talice\nnone:\nstaff: carol alice'),
    );
    assert.deepEqual(groups.get('alice'), ['staff', 'boss']);
    assert.deepEqual(groups.get('bob'), ['staff']);
    assert.deepEqual(groups.get('carol'), ['staff']);
    assert.equal(groups.get('dave'), undefined);
  });

  it('refuses other lines', () => {
    for (const bad of ['staff alice', ': alice', 'sta ff: alice', 'staff:alice']) {
      const result = resultOf(readGroupFile(bad));
      assert.equal(result.ok, false, bad);
    }
  });
});
