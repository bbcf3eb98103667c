// The network namespaces that a process has made, to see that it leaves none behind.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly namespace: string;
}

/** The network namespaces of a process and of all that it has started, but this process's own. */
export function namespacesOf(pid: number): ReadonlySet<string> {
  const all = processes();
  const family = new Set([pid]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const one of all) if (family.has(one.parent)) family.add(one.pid);
  }
  const own = readlinkSync('/proc/self/ns/net');
  const found = all.filter((one) => family.has(one.pid) && one.namespace !== own);
  return new Set(found.map(({ namespace }) => namespace));
}

/** Whether a process runs in one of these namespaces. */
export function isAnyUsed(namespaces: ReadonlySet<string>): boolean {
  return processes().some(({ namespace }) => namespaces.has(namespace));
}

function processes(): readonly Seen[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name): Seen[] => {
    try {
      const namespace = readlinkSync(`/proc/${name}/ns/net`);
      // proc(5): the parent is the second field behind the name, which may have spaces.
      const [, parent] =
        readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return [{ pid: Number(name), parent: Number(parent), namespace }];
    } catch {
      return []; // it has just ended
    }
  });
}
