// Error pages: a complete response that says what happened, why, and what to do. No Date: engines know no clock.

import { Buffer } from 'node:buffer';
import type { OwnAnswer } from './own-answer.ts';
import { fieldLines } from './own-answer.ts';
import { PAGE_LANGUAGES } from './page-texts.ts';
import type { Problem } from './problem.ts';

/** The answer that tells a client of a problem. */
export function errorPage(problem: Problem, language: 'en' | 'de' | 'hu'): OwnAnswer {
  return {
    action: 'answer',
    status: problem.status,
    fields:
      'Content-Type: text/html; charset=utf-8\r\n' +
      // A page of ours must never be taken for one of the server.
      'Cache-Control: no-store\r\n' +
      fieldLines(problem.fields),
    body: Buffer.from(pageText(problem, language), 'utf8'),
  };
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
