import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atExit } from './at-exit.js'

const REMOVE = { recursive: true, force: true, maxRetries: 5 } as const

/** A folder of its own for one test, removed at the end of its scope. */
export class TempFolder implements AsyncDisposable {
  readonly path: string
  readonly #forget: () => void

  constructor(parent: string = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'torrent-test-'))
    this.#forget = atExit(() => rmSync(this.path, REMOVE))
  }

  join(...parts: readonly string[]): string {
    return join(this.path, ...parts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, REMOVE)
    this.#forget()
  }
}
