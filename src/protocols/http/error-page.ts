// Error pages: a complete response that says what happened, why, and what to do. No Date: engines know no clock.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { PAGE_LANGUAGES } from './page-texts.ts';
import type { Problem } from './problem.ts';

const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

/** The bytes of the response that tells a client of a problem; the answer to HEAD has no body. */
export function errorPage(
  problem: Problem,
  language: 'en' | 'de' | 'hu',
  method: string | undefined,
): Bytes {
  const body = Buffer.from(pageText(problem, language), 'utf8');
  const head = Buffer.from(
    `HTTP/1.1 ${problem.status} ${PHRASES[problem.status] ?? 'Error'}\r\n` +
      'Content-Type: text/html; charset=utf-8\r\n' +
      `Content-Length: ${body.length}\r\n` +
      // A page of ours must never be taken for one of the server.
      'Cache-Control: no-store\r\n' +
      'Connection: close\r\n\r\n',
    'latin1',
  );
  return method === 'HEAD' ? head : Buffer.concat([head, body]);
}

function pageText(problem: Problem, language: 'en' | 'de' | 'hu'): string {
  const words = PAGE_LANGUAGES[language];
  const { title, advice } = words.texts[problem.kind];
  return `<!DOCTYPE html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${problem.status} ${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(problem.message)}.</p>
<p>${words.reason}: <code>${escapeHtml(problem.code)}</code></p>
<p>${words.todo}: ${escapeHtml(advice)}</p>
<hr>
<p>${escapeHtml(words.footer)}</p>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that is only text in HTML: messages may hold what a peer or a policy wrote. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
