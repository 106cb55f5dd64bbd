import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { BIN } from '../support/project.js'
import { TOOLS, versionOf } from './tools.js'

/** Where and with what a benchmark ran: its figures mean nothing without. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(): Machine {
  const others = TOOLS.flatMap(tool => {
    const version = versionOf(tool)
    return version === undefined ? [] : [[tool, version] as const]
  })
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions: { torrent: ownVersion(), node: process.versions.node, ...Object.fromEntries(others) },
  }
}

/** In a line. */
export function machineLine({ cpu, cores, memoryBytes, system, versions }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`
  return `${cpu}, ${cores} cores, ${memory}, ${system}; ${programs.join(', ')}`
}

function ownVersion(): string {
  const { stdout, status } = spawnSync(process.execPath, [BIN, '--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}
