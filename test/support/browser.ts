// Chromium on a machine of a lab, driven from the test.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { succeed } from './network-lab.ts';
import type { Lab } from './system-lab.ts';
import type { Owner } from './system-process.ts';

/** What `needs` must be told for a browser; one with an `authority` needs certutil, too. */
export const BROWSER_NEEDS = ['chromium'] as const;

/** How a browser begins. */
export interface BrowserOptions {
  /** `HOST:PORT` of a proxy. Default: none. */
  readonly proxy?: string | undefined;
  /** The file of an authority that it is to trust, put into its store as an administrator does. */
  readonly authority?: string;
}

/** Starts a browser on a machine; it ends with its owner. A machine has one with a proxy and one without. */
export async function startBrowser(
  owner: Owner,
  lab: Lab,
  { proxy, authority }: BrowserOptions = {},
): Promise<Browser> {
  const home = lab.makeFolder(`browser-${proxy === undefined ? 'plain' : 'proxy'}`);
  if (authority !== undefined) await succeed(lab, trust(home, authority));
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

/** Takes a picture of what a page shows; it is kept where `ZORP_SCREENSHOTS` names a folder. @returns its bytes. */
export async function takePicture(page: Page, name: string): Promise<Buffer> {
  const folder = process.env['ZORP_SCREENSHOTS'];
  const options = folder === undefined ? {} : { path: join(folder, `${name}.png`) };
  // On a busy machine Chromium may have nothing drawn yet, and then it fails instead of waiting.
  return page.screenshot(options).catch(() => page.screenshot(options));
}

/** The commands of docs/guide/tls.md for Chromium, with a store that was not there before. */
function trust(home: string, authority: string): string[] {
  const store = `${home}/.pki/nssdb`;
  return [
    `mkdir -p ${store}`,
    `certutil -d sql:${store} -N --empty-password`,
    `certutil -d sql:${store} -A -t C,, -n example-ca -i ${authority}`,
  ];
}
