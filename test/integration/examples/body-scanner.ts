// body-scanner.ts: uploads and downloads through the program, clean ones and those with the test string of EICAR.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Scene } from '../../support/system-scene.ts';

// In two parts, so that no scanner takes this file for the virus.
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(
  '',
);
const MEBIBYTE = 1_048_576;

const PASSED = { verdict: 'accepted', service: 'web', serverZone: 'internet' } as const;
const REFUSED = { verdict: 'denied-by-policy', reason: 'content.reject' } as const;
const PAGE = { status: 403, body: /The contents have the EICAR test virus\.[^]*content\.reject/ };

export async function drive(scene: Scene): Promise<void> {
  const client = ['--interface', '10.1.0.5', '-x', 'http://10.0.0.1:8080', 'http://www.example/'];
  const upload = (name: string, contents: string | Uint8Array): readonly string[] => {
    const path = join(scene.lab.folder, name);
    writeFileSync(path, contents);
    return ['--data-binary', `@${path}`];
  };
  const coded = (coding: string): readonly string[] => ['-H', `Content-Encoding: ${coding}`];

  // The server repeats the User-Agent, so that a client can ask for anything.
  await scene.curl(client, { status: 200, body: /^server: www\n/ }, PASSED);
  await scene.curl(['-A', EICAR, ...client], PAGE, REFUSED);
  await scene.curl(['-I', ...client], { status: 200 }, PASSED);
  // A part of it would be no virus.
  await scene.curl(['-A', EICAR, '-r', '0-99', ...client], PAGE, REFUSED);

  const clean = upload('clean', 'nothing but lines\n'.repeat(20_000));
  await scene.curl([...clean, ...client], { status: 200, body: /^server: www\n/ }, PASSED);
  const virus = upload('virus', `before ${EICAR} behind`);
  await scene.curl([...virus, ...client], PAGE, REFUSED);
  await scene.curl([...virus, '-H', 'Transfer-Encoding: chunked', ...client], PAGE, REFUSED);
  const zipped = [...upload('zipped', gzipSync(EICAR)), ...coded('gzip')];
  await scene.curl([...zipped, ...client], PAGE, REFUSED);

  const bomb = [...upload('bomb', gzipSync(Buffer.alloc(64 * MEBIBYTE))), ...coded('gzip')];
  const tooMuch = { verdict: 'denied-by-policy', reason: 'content.too-compressed' } as const;
  await scene.curl([...bomb, ...client], { status: 415 }, tooMuch);
  const unknown = { verdict: 'denied-by-policy', reason: 'http.undecodable' } as const;
  await scene.curl([...virus, ...coded('compress'), ...client], { status: 415 }, unknown);
}
