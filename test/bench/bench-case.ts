import type { Client, Published } from './clients.js'
import type { Sample } from './measure.js'

/** Something that each client does in turn, in the same place, and that is measured as a whole. */
export interface BenchCase {
  readonly name: string
  readonly format: Format
  /** What is measured, for people. */
  readonly title: string
  /** One run, from the start of the processes to their end, its result verified. */
  run(client: Client, published: Published): Promise<Sample>
}

export const FORMATS = ['v1', 'v2', 'hybrid'] as const
export type Format = (typeof FORMATS)[number]
