import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { PYTHON } from '../support/partners.js'
import { BIN } from '../support/project.js'

/** Where and with what a benchmark ran: its figures mean nothing without. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions: {
      torrent: firstLine([process.execPath, BIN, '--version']),
      node: process.version,
      libtorrent: firstLine([PYTHON, '-c', 'import libtorrent; print(libtorrent.version)']),
    },
  }
}

function firstLine([program = '', ...args]: readonly string[]): string {
  const { stdout, status } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? (stdout.split('\n')[0] ?? '').trim() : 'unknown'
}
