// Documents as tests read them: their sections, and the code in them.
import { globSync, readFileSync } from 'node:fs';

/** A block of code between fences, and where it stands. */
export interface CodeBlock {
  readonly path: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** A Markdown file. */
export class Document {
  readonly path: string;
  readonly text: string;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** The files of a folder that match a pattern, by name. */
  static readAll(root: string, pattern: string): readonly Document[] {
    const paths = globSync(pattern, { cwd: root }).sort();
    return paths.map((path) => new Document(path, readFileSync(`${root}/${path}`, 'utf8')));
  }

  /** The blocks of code, those in lists included. */
  get blocks(): readonly CodeBlock[] {
    return Array.from(this.text.matchAll(FENCED), (match) => {
      const [, indent = '', language = '', code = ''] = match;
      const line = this.text.slice(0, match.index).split('\n').length + 1;
      const plain = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      return { path: this.path, line, language, code: plain };
    });
  }

  /** Its parts, each with a heading of the second level. */
  get sections(): readonly Document[] {
    return this.text.split(/^(?=## )/m).map((text) => new Document(this.path, text));
  }

  /** All that stands in fences and between backquotes. */
  get code(): string {
    const spans = Array.from(this.text.replaceAll(FENCED, '').matchAll(/`([^`\n]+)`/g));
    return [...this.blocks.map(({ code }) => code), ...spans.map(([, code]) => code)].join('\n');
  }
}

const FENCED = /^( *)```(\w*)\n(.*?)^\1```$/gms;
