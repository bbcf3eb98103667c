// Chromium through the HTTP proxy: a page with an image, a form, a download, a WebSocket, the page of a refusal,
// and a login.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { BROWSER_NEEDS, startBrowser, takePicture } from '../support/browser.ts';
import type { Way } from '../support/client-scene.ts';
import { CLIENT_NEEDS, ClientScene, LOGIN_SITE, PROXY, SITES } from '../support/client-scene.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import { sendForm, showPage, talkByWebSocket } from '../support/site-page.ts';
import { suiteOwner } from '../support/system-process.ts';

const SITE = `http://${SITES.node.name}`;

describe(
  'a browser',
  { ...needs(...CLIENT_NEEDS, ...BROWSER_NEEDS, 'root'), ...needsDriver(), timeout: 180_000 },
  () => {
    const owner = suiteOwner();
    let scene: ClientScene;
    before(async () => {
      scene = await ClientScene.open(owner);
    });

    for (const way of ['explicit', 'transparent'] as const) describe(way, () => pagesOf(way));

    function pagesOf(way: Way): void {
      let page: Page;
      before(async () => {
        const proxy = way === 'explicit' ? PROXY : undefined;
        const browser = await startBrowser(owner, scene.client, { proxy });
        page = await browser.newPage();
      });

      it('shows a page with its image', async () => {
        await showPage(page, SITE);
      });

      it('sends a form', async () => {
        await sendForm(page, SITE);
      });

      it('downloads a file', async () => {
        await page.goto(SITE);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.click('#download'),
        ]);
        const bytes = readFileSync(await download.path());
        assert.ok(bytes.equals(Buffer.alloc(3_000_000, 'zorp ')));
      });

      it('talks by a WebSocket, whose frames are looked at', async () => {
        await talkByWebSocket(page, SITE);
        const name = way === 'explicit' ? 'asked' : 'unawares';
        const isWatched = ({ service, stacked }: DecisionRecord): boolean =>
          service === name && stacked.includes('chat');
        await scene.edge.record('the frames', isWatched);
      });

      it('shows why a page is refused', async () => {
        const answer = await page.goto(`http://${SITES.nginx.name}/refused`);
        assert.equal(answer?.status(), 403);
        assert.match(await page.innerText('body'), /This page is not for you/);
        const picture = await takePicture(page, `refused-${way}`);
        assert.ok(picture.length > 5_000, 'the page is empty');
      });

      if (way === 'transparent')
        it('logs in, and goes on to a page that leads to another site', async () => {
          const asked = await page.goto(`${LOGIN_SITE}/portal?a=1`);
          assert.equal(asked?.status(), 511);
          await logIn(page, 'wonder');
          await page.getByText('do not fit').waitFor();
          await logIn(page, 'wonderland');
          await page.waitForURL(`${SITE}/`, { timeout: 10_000 });
          assert.equal(await page.textContent('#title'), 'A page of the site');
        });
    }
  },
);

async function logIn(page: Page, password: string): Promise<void> {
  await page.fill('#user', 'alice');
  await page.fill('#password', password);
  await page.click('button');
}
