import type { TempFolder } from '../support/temp-folder.js'
import { Contents } from './contents.js'
import { RunError } from './measuring/run-error.js'

const MAX_ATTEMPTS = 3

export interface BenchOptions {
  /** Bytes of the content of most cases. */
  readonly size: number
  readonly rounds: number
  /** The growth cases stop at small counts: enough to show that they work, not to learn from. */
  readonly isShort: boolean
}

/** What a case has to work with. */
export class Bench {
  readonly options: BenchOptions
  readonly folder: TempFolder
  readonly contents: Contents
  /** Runs that were made once more, one line each. */
  readonly repeats: string[] = []

  constructor(options: BenchOptions, folder: TempFolder) {
    this.options = options
    this.folder = folder
    this.contents = new Contents(folder, options.size)
  }

  /** Says how far it is, beside the results. */
  log(line: string): void {
    console.error(line)
  }

  /** A run that stalls or crashes says nothing: it is made once more, and counted. */
  async attempt<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        if (!(error instanceof RunError) || error.code === 'failed' || attempt === MAX_ATTEMPTS) throw error
        this.repeats.push(`${what}: ${error.code}`)
        this.log(`${what}: once more, since this run says nothing: ${error.message}`)
      }
    }
  }
}
