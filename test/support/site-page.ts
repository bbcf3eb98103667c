// What a browser does with the page of web-site-main.ts, over plain HTTP and over TLS.
import assert from 'node:assert/strict';
import type { Page, Response } from 'playwright-core';

/** Goes to the page and sees all of it, with its image. */
export async function showPage(page: Page, site: string): Promise<Response> {
  const answer = await page.goto(site);
  assert.equal(answer?.status(), 200);
  assert.equal(await page.textContent('#title'), 'A page of the site');
  const width = await page.evaluate('document.getElementById("image").naturalWidth');
  assert.equal(width, 1);
  return answer;
}

/** Sends its form, whose word comes back as it was. */
export async function sendForm(page: Page, site: string): Promise<void> {
  await page.goto(site);
  await page.fill('#word', 'grüße & mehr');
  await Promise.all([page.waitForURL('**/form'), page.click('#send')]);
  assert.equal(await page.textContent('#word'), encodeURIComponent('grüße & mehr'));
}

/** Talks to the site by a WebSocket. */
export async function talkByWebSocket(page: Page, site: string): Promise<void> {
  await page.goto(site);
  await page.evaluate('talk()');
  const said = page.locator('#socket', { hasNotText: 'nothing yet' });
  assert.equal(await said.textContent(), 'heard hello');
}
