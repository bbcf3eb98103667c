// An output of lines that keeps them, for tests of formats.

import type { LineOutput } from '../../src/log/bounded-output.ts';
import { LineBytes } from '../../src/log/line-bytes.ts';

/** Keeps every line as a text. */
export class ListedLines implements LineOutput {
  readonly lines: string[] = [];
  readonly #begun = new LineBytes(1024);

  write(line: string): void {
    this.lines.push(line);
  }

  begin(): LineBytes {
    this.#begun.cut(0);
    return this.#begun;
  }

  end(): void {
    this.lines.push(this.#begun.copy(this.#begun.length).toString());
  }
}
