// Error pages that an administrator writes: HTML with placeholders between at-signs, as those of the original.

import type { LiveFault } from '../../../proxy/live-input.ts';
import { showValue } from '../../../proxy/policy-fault.ts';

/** What placeholders stand for. The values are texts; they become HTML when the page is made. */
export interface PageValues {
  /** What happened, as a sentence without a full stop. */
  readonly INFO: string;
  /** The reason code. */
  readonly REASON: string;
  readonly STATUS: string;
  /** What happened, and what to do, in the words of the built-in page in the language of the service. */
  readonly TITLE: string;
  readonly ADVICE: string;
  /** Method and URL of the request; empty if it was not understood. */
  readonly METHOD: string;
  readonly URL: string;
  /** What time it is, in UTC. */
  readonly DATE: string;
}

/** Characters of a template: pages are made in memory, one for each refusal. */
export const MAX_PAGE_LENGTH = 65_536;

/** The placeholders that a kind of page has. */
export interface TemplateForm {
  readonly names: readonly string[];
  /** Those that it has not, and that would be shown to everybody as they are, with what to write instead. */
  readonly gone: Readonly<Record<string, string>>;
}

const ERROR_PAGE: TemplateForm = {
  names: ['INFO', 'REASON', 'STATUS', 'TITLE', 'ADVICE', 'METHOD', 'URL', 'DATE'],
  // Placeholders of the original.
  gone: {
    HOST: 'remove it, or write the name of the machine: pages do not tell clients what they need not know',
    VERSION: 'remove it: pages do not tell clients which version runs here',
  },
};
const PLACEHOLDER = /@([A-Z]+)@/g;

/** A template: texts and, between them, the names of placeholders; or what is wrong with it. */
export type TemplateReading =
  | { readonly isRight: true; readonly parts: readonly string[] }
  | { readonly isRight: false; readonly faults: readonly LiveFault[] };

/** Reads a template; what is wrong with it is told with its line. */
export function readTemplate(text: string, { names, gone }: TemplateForm): TemplateReading {
  const wrong = (cure: string): TemplateReading => {
    return { isRight: false, faults: [templateFault(undefined, text, cure)] };
  };
  if (text.length > MAX_PAGE_LENGTH) return wrong(`write at most ${MAX_PAGE_LENGTH} characters`);
  if (text.trim() === '') return wrong('write a page, or remove the file');
  const faults: LiveFault[] = [];
  const parts: string[] = [];
  let done = 0;
  for (const { 0: found, 1: name = '', index } of text.matchAll(PLACEHOLDER)) {
    const cure = gone[name];
    if (cure !== undefined) faults.push(templateFault(lineAt(text, index), found, cure));
    if (!names.includes(name)) continue;
    parts.push(text.slice(done, index), name);
    done = index + found.length;
  }
  if (faults.length > 0) return { isRight: false, faults };
  return { isRight: true, parts: [...parts, text.slice(done)] };
}

/** Fills a template in; the texts become HTML. */
export function fillTemplate(
  parts: readonly string[],
  texts: Readonly<Record<string, string>>,
): string {
  return parts
    .map((part, index) => (index % 2 === 0 ? part : escapeHtml(texts[part] ?? '')))
    .join('');
}

/** A template that is ready to be filled. */
export class PageTemplate {
  /** Texts and, between them, the names of placeholders. */
  readonly #parts: readonly string[];

  /** Made by `read`. */
  constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  /** Reads a template; what is wrong with it is told with its line. */
  static read(text: string): PageTemplate | readonly LiveFault[] {
    const reading = readTemplate(text, ERROR_PAGE);
    return reading.isRight ? new PageTemplate(reading.parts) : reading.faults;
  }

  /** Fills it in. */
  fill(values: PageValues): string {
    return fillTemplate(this.#parts, { ...values });
  }
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

/** What is wrong with a template. */
export function templateFault(line: number | undefined, text: string, cure: string): LiveFault {
  return { line, value: showValue(text), cure };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
