import type { Format } from '../bench-case.js'
import type { Published } from '../contents.js'
import type { Sample } from '../measuring/measure.js'
import type { Tool } from '../tools.js'

/** A program that does what ours does; what it can be asked for is one of the interfaces below. */
interface Client {
  readonly name: string
  readonly needs: readonly Tool[]
}

/** A seeder in a process of its own; what it took is known once it has stopped. */
export interface RunningSeeder extends AsyncDisposable {
  readonly port: number
  stop(): Promise<Sample>
  /** A message together with what the program said last. */
  explain(message: string): string
}

export interface SeedingClient extends Client {
  /** Begins to seed content that it need not check. */
  seed(published: Published): Promise<RunningSeeder>
}

export interface GettingClient extends Client {
  /** Downloads into a folder from one seeder of this machine, in a process that ends when all is there. */
  get(published: Published, into: string, port: number): Promise<Sample>
}

export interface MakingClient extends Client {
  /** Writes a .torrent of the content to `out`. */
  make(published: Published, out: string, options: MakeOptions): Promise<Sample>
}

export interface MakeOptions {
  readonly format: Format
  readonly pieceLength: number
  /** SHA-256 of whole files besides, where the client knows them. */
  readonly checksums: boolean
}

export interface CheckingClient extends Client {
  /** Verifies content that is right. */
  check(published: Published): Promise<Sample>
}
