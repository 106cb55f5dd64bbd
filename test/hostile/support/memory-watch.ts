import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const EVERY_MS = 100

/** Follows the resident memory of a process from outside. */
export class MemoryWatch implements Disposable {
  readonly before: number
  #most: number
  readonly #pid: number
  readonly #timer: NodeJS.Timeout | undefined

  /** @param pid the process, warmed up: growth is counted from its memory now */
  constructor(pid: number) {
    this.#pid = pid
    this.before = residentBytes(pid)
    this.#most = this.before
    // Elsewhere each sample needs a process of its own: only one is taken, at the end.
    if (process.platform === 'linux') this.#timer = setInterval(() => this.#sample(), EVERY_MS)
  }

  /** The greatest growth so far, in bytes. */
  get growth(): number {
    this.#sample()
    return this.#most - this.before
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    this.#most = Math.max(this.#most, residentBytes(this.#pid))
  }
}

/** Resident memory of a process; 0 where it has ended, or the system has no simple way to tell. */
function residentBytes(pid: number): number {
  try {
    if (process.platform === 'linux') {
      const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      return Number(kib) * 1024
    }
    if (process.platform === 'win32') return 0
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' })) * 1024
  } catch {
    return 0
  }
}
