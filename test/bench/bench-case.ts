import type { Partner } from '../support/partners.js'
import type { TempFolder } from '../support/temp-folder.js'
import type { Sample } from './measure.js'

export interface BenchOptions {
  /** Bytes of the content. */
  readonly size: number
  readonly rounds: number
  readonly format: 'v1' | 'v2' | 'hybrid'
}

/** One of the programs, or pairs of programs, that are compared. */
export interface Contender {
  readonly label: string
  /** One whole run, its result verified; the samples go to the comparisons that they are named for. */
  run(): Promise<Readonly<Record<string, Sample>>>
}

export interface BenchCase {
  readonly name: string
  readonly needs: readonly Partner[]
  /** Writes what is needed below `folder`; of the contenders, the last one is what the others are measured against. */
  prepare(options: BenchOptions, folder: TempFolder): Promise<readonly Contender[]>
}
