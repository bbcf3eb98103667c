// url-filter.ts: black and white lists, which change while Zorp runs.
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scene } from '../../support/system-scene.ts';

const BLOCKED = {
  verdict: 'denied-by-policy',
  reason: 'http.url-blocked',
  message: /^This address is blocked \(lists\/blocked-(?:hosts|urls)\.txt:\d+\)$/,
  server: null,
} as const;
const PERMITTED = { verdict: 'accepted', serverZone: 'internet' } as const;

export async function drive(scene: Scene): Promise<void> {
  const client = ['--interface', '10.1.0.5', '-x', 'http://10.0.0.1:3128'];
  const place =
    /This address is blocked \(lists\/blocked-(?:hosts|urls)\.txt:\d+\)\.[^]*http\.url-blocked/;
  const page = { status: 403, body: place };
  const passes = async (url: string): Promise<unknown> =>
    scene.curl([...client, url], { status: 200 }, PERMITTED);
  const isBlocked = async (url: string): Promise<unknown> =>
    scene.curl([...client, url], page, BLOCKED);

  await passes('http://www.example/');
  await isBlocked('http://forms.example/');
  await isBlocked('http://FORMS.example./a?b');
  await isBlocked('http://www.example/banner/1.png');
  await isBlocked('http://www.example/x/%2e%2e/b%61nner/1.png');
  await isBlocked('http://www.example/SETUP.EXE');
  await passes('http://example.org/banner/1.png');
  await scene.curl(
    [...client, 'https://forms.example/'],
    { status: 0, connectStatus: 403, exit: 56 },
    BLOCKED,
  );

  const isAd = async (url: string, line: number): Promise<void> => {
    const told = new RegExp(`No advertisements \\(ads, lists/ads-[a-z]+\\.txt:${line}\\)`);
    const recorded = { verdict: 'denied-by-policy', reason: 'http.category-refused' } as const;
    const seen = { status: 410, body: told };
    await scene.curl([...client, url], seen, { ...recorded, message: told });
  };
  await isAd('http://ads.example/', 4);
  await isAd('http://counter.example/', 5);
  await isAd('http://www.example/sponsored/1?x', 3);
  await passes('http://www.example/sponsoredby');
  await scene.curl([...client, 'http://my.games.example/'], { status: 302 }, { server: null });

  const list = join(dirname(scene.policyFile), 'lists/blocked-hosts.txt');
  writeFileSync(`${list}.new`, 'www.example\n');
  renameSync(`${list}.new`, list);
  await scene.zorp.says('policy.list-read');
  await isBlocked('http://www.example/');
  await passes('http://forms.example/');

  writeFileSync(list, 'forms.example\n*.example\n');
  await scene.zorp.says('policy.list-faulty');
  await isBlocked('http://www.example/');
  await passes('http://forms.example/');
  writeFileSync(list, 'forms.example\n');
  await scene.zorp.says('policy.list-read');
  await passes('http://www.example/');
}
