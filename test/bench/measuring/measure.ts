import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PYTHON } from '../../support/partners.js'
import { PROJECT } from '../../support/project.js'

/** What one process took from its start to its end. */
export interface Sample {
  readonly wallMs: number
  /** User and system time of all its threads. */
  readonly cpuMs: number
  readonly peakBytes: number
}

/** Lets `probe.ts` run in a process on Node.js, before its program. */
const WITH_PROBE = { NODE_OPTIONS: `--import=${new URL('probe.js', import.meta.url).href}` }

/**
 * Only a parent that waits for a child by itself learns all that the child took, which Node.js cannot: any Python 3 does
 * it. Without one, programs on Node.js look at themselves as they exit, which is a little less.
 */
export const MEASURING_PYTHON = [PYTHON, 'python3'].find(
  python => spawnSync(python, ['-c', 'import os; os.wait4'], { stdio: 'ignore' }).status === 0,
)

/** What makes a command write a sample to `result` when it ends. */
export function measuring(result: string): {
  prefix: readonly string[]
  env: Readonly<Record<string, string>>
} {
  return MEASURING_PYTHON === undefined
    ? { prefix: [], env: { ...WITH_PROBE, TORRENT_BENCH_SAMPLE: result } }
    : {
        prefix: [MEASURING_PYTHON, join(PROJECT, 'test', 'bench', 'measuring', 'measured.py'), result],
        env: {},
      }
}

/** The environment in which our program writes to `result` for how long its main thread stood still. */
export function watchingBlocks(result: string): Readonly<Record<string, string>> {
  return { ...WITH_PROBE, TORRENT_BENCH_BLOCKS: result }
}

export async function readSample(result: string): Promise<Sample> {
  const figure = await readFigures(result)
  return {
    wallMs: figure('wallMs'),
    cpuMs: figure('userMs') + figure('systemMs'),
    peakBytes: figure('peakBytes'),
  }
}

/** The longest time for which the main thread of a watched process could not turn to anything else. */
export async function readLongestBlockMs(result: string): Promise<number> {
  return (await readFigures(result))('longestBlockMs')
}

/** The memory of a running process. */
export async function residentBytes(pid: number): Promise<number> {
  const kib =
    process.platform === 'linux'
      ? /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
      : spawnSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' }).stdout
  return Number(kib) * 1024
}

/** The figures in a file, by name. */
async function readFigures(path: string): Promise<(name: string) => number> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  const fields = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  )
  return name => {
    const figure = fields.get(name)
    if (typeof figure !== 'number') throw new Error(`no ${name} in ${path}`)
    return figure
  }
}
