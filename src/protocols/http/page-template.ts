// Error pages that an administrator writes: HTML with placeholders between at-signs, as those of the original.

import type { LiveFault } from '../../proxy/live-input.ts';
import { showValue } from '../../proxy/policy-fault.ts';

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
}

/** Characters of a template: pages are made in memory, one for each refusal. */
export const MAX_PAGE_LENGTH = 65_536;

const NAMES: readonly string[] = ['INFO', 'REASON', 'STATUS', 'TITLE', 'ADVICE', 'METHOD', 'URL'];
/** Placeholders of the original that do not work here: a page would show them to everybody as they are. */
const GONE: Readonly<Record<string, string>> = {
  DATE: 'remove it: a proxy knows no clock, and browsers show the time themselves',
  HOST: 'remove it, or write the name of the machine: pages do not tell clients what they need not know',
  VERSION: 'remove it: pages do not tell clients which version runs here',
};
const PLACEHOLDER = /@([A-Z]+)@/g;

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
    if (text.length > MAX_PAGE_LENGTH)
      return [fault(undefined, text, `write at most ${MAX_PAGE_LENGTH} characters`)];
    if (text.trim() === '') return [fault(undefined, text, 'write a page, or remove the file')];
    const faults: LiveFault[] = [];
    const parts: string[] = [];
    let done = 0;
    for (const { 0: found, 1: name = '', index } of text.matchAll(PLACEHOLDER)) {
      const cure = GONE[name];
      if (cure !== undefined) faults.push(fault(lineAt(text, index), found, cure));
      if (!NAMES.includes(name)) continue;
      parts.push(text.slice(done, index), name);
      done = index + found.length;
    }
    return faults.length > 0 ? faults : new PageTemplate([...parts, text.slice(done)]);
  }

  /** Fills it in. */
  fill(values: PageValues): string {
    const texts: Readonly<Record<string, string>> = { ...values };
    return this.#parts
      .map((part, index) => (index % 2 === 0 ? part : escapeHtml(texts[part] ?? '')))
      .join('');
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

function fault(line: number | undefined, text: string, cure: string): LiveFault {
  return { line, value: showValue(text), cure };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
