// The login page: a form without scripts, in the languages of the error pages.

import { Buffer } from 'node:buffer';
import { escapeHtml } from '../pages/page-template.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { fieldLines } from '../own-answer.ts';
import type { LoginTemplate } from './login-template.ts';

/** Where the form is sent to, on whatever host it stands. Requests for it never go to a server. */
export const LOGIN_PATH = '/.well-known/zorp-login';

/** What a page is made of. */
export interface LoginPage {
  readonly language: 'en' | 'de' | 'hu';
  readonly realm: string;
  /** What comes back with the form: where to go on, sealed. */
  readonly ticket: string;
  /** Whether name and password did not fit before. */
  readonly isRepeated: boolean;
}

/** The names of the fields of the form. */
export const FORM_FIELDS = { user: 'user', password: 'password', ticket: 'ticket' } as const;

interface LoginWords {
  readonly title: string;
  readonly why: string;
  readonly wrong: string;
  readonly user: string;
  readonly password: string;
  readonly submit: string;
  readonly footer: string;
}

const WORDS: Readonly<Record<LoginPage['language'], LoginWords>> = {
  en: {
    title: 'Log in',
    why: 'To go on, say who you are.',
    wrong: 'Name and password do not fit. Please try again.',
    user: 'Name',
    password: 'Password',
    submit: 'Log in',
    footer: 'This page comes from the firewall Zorp, not from the web server.',
  },
  de: {
    title: 'Anmeldung',
    why: 'Melden Sie sich an, um fortzufahren.',
    wrong: 'Name und Passwort passen nicht. Bitte versuchen Sie es noch einmal.',
    user: 'Name',
    password: 'Passwort',
    submit: 'Anmelden',
    footer: 'Diese Seite kommt von der Firewall Zorp, nicht vom Webserver.',
  },
  hu: {
    title: 'Bejelentkezés',
    why: 'A folytatáshoz jelentkezzen be.',
    wrong: 'A név és a jelszó nem illik össze. Kérjük, próbálja meg újra.',
    user: 'Név',
    password: 'Jelszó',
    submit: 'Bejelentkezés',
    footer: 'Ezt az oldalt a Zorp tűzfal küldte, nem a webkiszolgáló.',
  },
};

/** The status of an answer that a network gives instead of the server because it wants a login (RFC 6585, 6). */
const NETWORK_AUTHENTICATION_REQUIRED = 511;

// Nothing but the page itself, with pictures that are part of it: it may stand on any site, and asks for a password. Where its
// form leads is not said: Chromium asks form-action about all redirects behind a form, too, and the page that was asked for
// may lead to any host.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

const FIELDS = fieldLines([
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', POLICY],
  ['X-Frame-Options', 'DENY'],
  ['X-Content-Type-Options', 'nosniff'],
]);

/** The answer that asks for a login, with the page of the policy if it has one. */
export function loginPage(page: LoginPage, reason: string, template?: LoginTemplate): OwnAnswer {
  const { title, wrong, why } = WORDS[page.language];
  const own = template?.fill({
    ACTION: LOGIN_PATH,
    TICKET: page.ticket,
    REALM: page.realm,
    TITLE: title,
    MESSAGE: page.isRepeated ? wrong : why,
  });
  return {
    action: 'answer',
    status: NETWORK_AUTHENTICATION_REQUIRED,
    fields: FIELDS,
    body: Buffer.from(own ?? pageText(page), 'utf8'),
    reason,
  };
}

function pageText({ language, realm, ticket, isRepeated }: LoginPage): string {
  const words = WORDS[language];
  return `<!DOCTYPE html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${words.title}</title>
<style>body{font:1rem sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem}label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit;margin-top:.5rem;padding:.4rem}label{padding:0}small{color:#555}</style></head>
<body>
<h1>${words.title}</h1>
<p>${escapeHtml(realm)}</p>
<p>${isRepeated ? words.wrong : words.why}</p>
<form method="post" action="${LOGIN_PATH}" accept-charset="utf-8">
<label for="user">${words.user}</label>
<input id="user" name="${FORM_FIELDS.user}" autocomplete="username" autocapitalize="none" required autofocus>
<label for="password">${words.password}</label>
<input id="password" name="${FORM_FIELDS.password}" type="password" autocomplete="current-password" required>
<input type="hidden" name="${FORM_FIELDS.ticket}" value="${escapeHtml(ticket)}">
<button>${words.submit}</button>
</form>
<hr>
<small>${words.footer}</small>
</body>
</html>
`;
}
