// Error pages: a complete response that says what happened, why, and what to do.

import { Buffer } from 'node:buffer';
import type { ErrorPages, PageLanguageName } from './error-pages.ts';
import { shownUrl } from '../urls/http-url.ts';
import type { IncomingRequest } from '../incoming-request.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { fieldLines } from '../own-answer.ts';
import { escapeHtml } from './page-template.ts';
import { PAGE_LANGUAGES } from './page-texts.ts';
import type { Problem } from '../problem.ts';

/** What a page may show beside the problem. */
export interface ShownFacts {
  /** Undefined where it was not understood. */
  readonly request: Pick<IncomingRequest, 'method' | 'url'> | undefined;
  /** What time it is, as `httpDate` writes it. */
  readonly date: string;
}

/** The answer that tells a client of a problem. */
export function errorPage(
  problem: Problem,
  pages: ErrorPages,
  { request, date }: ShownFacts,
): OwnAnswer {
  const template = pages.templateFor(problem.kind);
  const { title, advice } = PAGE_LANGUAGES[pages.language].texts[problem.kind];
  const text =
    template?.fill({
      INFO: problem.message,
      REASON: problem.code,
      STATUS: String(problem.status),
      TITLE: title,
      ADVICE: advice,
      METHOD: request?.method ?? '',
      URL: request === undefined ? '' : shownUrl(request),
      DATE: date,
    }) ?? builtInPage(problem, pages.language);
  return {
    action: 'answer',
    status: problem.status,
    fields:
      'Content-Type: text/html; charset=utf-8\r\n' +
      // A page of ours must never be taken for one of the server.
      'Cache-Control: no-store\r\n' +
      fieldLines(problem.fields),
    body: Buffer.from(text, 'utf8'),
  };
}

function builtInPage(problem: Problem, language: PageLanguageName): string {
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
