// The measurements of single functions, bench/micro/*.ts: each exports `run`, which gives a list of results.

import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs them all, one after the other. */
export async function runMicro(): Promise<readonly object[]> {
  const folder = join(import.meta.dirname, 'micro');
  const results: object[] = [];
  for (const file of globSync('*.ts', { cwd: folder }).sort()) {
    const module: unknown = await import(pathToFileURL(join(folder, file)).href);
    if (!hasRun(module)) continue;
    const given: unknown = await module.run();
    if (!Array.isArray(given)) continue;
    for (const result of given as readonly unknown[])
      if (typeof result === 'object') results.push({ group: basename(file, '.ts'), ...result });
  }
  return results;
}

function hasRun(module: unknown): module is { run: () => unknown } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'run' in module &&
    typeof module.run === 'function'
  );
}
