// Chromium on a machine of a lab, driven from the test.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { Lab } from './system-lab.ts';
import type { Owner } from './system-process.ts';

/** What `needs` must be told for a browser. */
export const BROWSER_NEEDS = ['chromium'] as const;

/** Starts a browser on a machine, with a proxy or without; it ends with its owner. */
export async function startBrowser(owner: Owner, lab: Lab, proxy?: string): Promise<Browser> {
  const home = join(lab.folder, `browser-${proxy === undefined ? 'plain' : 'proxy'}`);
  mkdirSync(home);
  // The test speaks to it by descriptors that it inherits, which go through nsenter and setpriv.
  const words = lab.inside(['env', `HOME=${home}`, 'chromium']).map((word) => `'${word}'`);
  const starter = join(home, 'start');
  writeFileSync(starter, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  chmodSync(starter, 0o755);
  const browser = await chromium.launch({
    executablePath: starter,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    // Without the word in brackets it would pass by the proxy for addresses of this machine.
    ...(proxy === undefined ? {} : { proxy: { server: `http://${proxy}`, bypass: '<-loopback>' } }),
  });
  owner.after(() => browser.close());
  return browser;
}
