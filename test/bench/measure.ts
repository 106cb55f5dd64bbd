import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PYTHON } from '../support/partners.js'
import { PROJECT } from '../support/project.js'

/** What one process took from its start to its end. */
export interface Sample {
  readonly wallMs: number
  /** User and system time of all its threads. */
  readonly cpuMs: number
  readonly peakBytes: number
}

/** Put before a command, it measures that command; the sample is written to `result` when it has ended. */
export function measuring(result: string): readonly string[] {
  return [PYTHON, join(PROJECT, 'test', 'bench', 'measured.py'), result]
}

export async function readSample(result: string): Promise<Sample> {
  const value: unknown = JSON.parse(await readFile(result, 'utf8'))
  const fields = new Map<string, unknown>(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  )
  const number = (name: string): number => {
    const field = fields.get(name)
    if (typeof field !== 'number') throw new Error(`no ${name} in ${result}`)
    return field
  }
  return {
    wallMs: number('wallMs'),
    cpuMs: number('userMs') + number('systemMs'),
    peakBytes: number('peakBytes'),
  }
}
