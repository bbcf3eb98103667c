// A process whose young generation is to stay small is replaced by itself, once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { limitYoungGeneration } from './young-generation.ts';

const started = { execPath: '/bin/node', argv: ['/bin/node', '/zorp/main.ts', 'run', 'p.ts'] };

function commandsOf(given: { execArgv: string[]; env: NodeJS.ProcessEnv }): string[] {
  const commands: string[] = [];
  const execve = (file: string, args?: readonly string[]): never => {
    commands.push([file, ...(args ?? []).slice(1)].join(' '));
    return undefined as never; // the real one does not return, which a test cannot have
  };
  limitYoungGeneration({ ...started, ...given, execve });
  return commands;
}

describe('limiting the young generation', () => {
  it('starts the same command again, with the option', () => {
    assert.deepEqual(commandsOf({ execArgv: ['--cpu-prof'], env: {} }), [
      '/bin/node --max-semi-space-size=8 --cpu-prof /zorp/main.ts run p.ts',
    ]);
  });

  it('leaves alone what was set by hand, however it was written', () => {
    const env = { NODE_OPTIONS: '--no-warnings --max_semi_space_size=2' };
    assert.deepEqual(commandsOf({ execArgv: ['--max-semi-space-size=64'], env: {} }), []);
    assert.deepEqual(commandsOf({ execArgv: [], env }), []);
  });

  it('goes on as it is where a process cannot be replaced', () => {
    limitYoungGeneration({ ...started, execArgv: [], env: {}, execve: undefined });
  });

  it('keeps the pid, the arguments and the streams of a real process', () => {
    const module = join(import.meta.dirname, 'young-generation.ts');
    const script = `
      const { limitYoungGeneration } = await import(${JSON.stringify(module)});
      console.log(process.pid);
      limitYoungGeneration();
      console.log(process.execArgv.find((option) => option.startsWith('--max-semi')));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const [first, second, option] = stdout.trim().split('\n');
    assert.match(first ?? '', /^\d+$/);
    assert.deepEqual([second, option], [first, '--max-semi-space-size=8']);
  });
});
