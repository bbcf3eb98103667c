// Chromium through TLS that is intercepted, with the authority in its store: pages without a warning, and a truthful one.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { BROWSER_NEEDS, startBrowser, takePicture } from '../support/browser.ts';
import { PROXY } from '../support/client-scene.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import type { SecureWay } from '../support/secure-scene.ts';
import { ORGANIZATION, SECURE_NEEDS, SecureScene } from '../support/secure-scene.ts';
import { SECURE_SITES } from '../support/secure-servers.ts';
import { sendForm, showPage, talkByWebSocket } from '../support/site-page.ts';
import { suiteOwner } from '../support/system-process.ts';

const { node, nginx, bank, games } = SECURE_SITES;
const SITE = `https://${node.name}`;

describe(
  'a browser and TLS',
  {
    ...needs(...SECURE_NEEDS, ...BROWSER_NEEDS, 'root', 'certutil'),
    ...needsDriver(),
    timeout: 180_000,
  },
  () => {
    const owner = suiteOwner();
    let scene: SecureScene;
    before(async () => {
      scene = await SecureScene.open(owner);
    });

    for (const way of ['explicit', 'transparent'] as const) describe(way, () => pagesOf(way));

    function pagesOf(way: SecureWay): void {
      let page: Page;
      before(async () => {
        const proxy = way === 'explicit' ? PROXY : undefined;
        const options = { proxy, authority: scene.trusted };
        const browser = await startBrowser(owner, scene.client, options);
        page = await browser.newPage();
      });

      it('shows a page with its image, and no warning', async () => {
        const answer = await showPage(page, SITE);
        assert.equal(await page.evaluate('window.isSecureContext'), true);
        const security = await answer.securityDetails();
        assert.equal(security?.issuer, `${ORGANIZATION} CA`);
        assert.equal(security.subjectName, node.name);
        assert.equal(security.protocol, 'TLS 1.3');
        await takePicture(page, `tls-page-${way}`);
      });

      it('sends a form', async () => {
        await sendForm(page, SITE);
      });

      it('talks by a WebSocket, whose frames are looked at', async () => {
        await talkByWebSocket(page, SITE);
        const isWatched = ({ server, stacked }: DecisionRecord): boolean =>
          server?.address === node.address && stacked.includes('chat');
        const record = await scene.edge.record('the frames', isWatched);
        assert.equal(record.clientTls?.serverName, node.name);
      });

      it('shows why the policy refuses a page', async () => {
        const answer = await page.goto(`https://${nginx.name}/refused`);
        assert.equal(answer?.status(), 403);
        assert.match(await page.innerText('body'), /This page is not for you/);
      });

      for (const [site, words] of [
        ['selfSigned', /nobody but itself vouches for it/],
        ['expired', /it has expired/],
        ['wrongName', /The certificate is not for wrong-name\.example/],
      ] as const) {
        const { name } = SECURE_SITES[site];

        it(`warns, and then says what is wrong: ${name}`, async () => {
          await assert.rejects(page.goto(`https://${name}/`), /net::ERR_CERT_AUTHORITY_INVALID/);
          assert.match(await page.innerText('body'), /Your connection is not private/);
          const warning = await takePicture(page, `tls-warning-${site}-${way}`);
          assert.ok(warning.length > 5_000, 'the warning is empty');

          // Whoever goes on, as that page lets them, reads what the firewall has found.
          await page.click('#details-button');
          await page.click('#proceed-link');
          await page.waitForURL(`https://${name}/`);
          assert.match(await page.innerText('body'), words);
          await takePicture(page, `tls-refused-${site}-${way}`);
        });
      }

      it('warns of a server that is let through untouched, too, and gets none that is refused', async () => {
        const warning = /net::ERR_CERT_AUTHORITY_INVALID/;
        await assert.rejects(page.goto(`https://${bank.name}/`), warning);
        const cut = /net::ERR_(?:CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE)/;
        await assert.rejects(page.goto(`https://${games.name}/`), cut);
        await takePicture(page, `tls-cut-${way}`);
      });
    }
  },
);
