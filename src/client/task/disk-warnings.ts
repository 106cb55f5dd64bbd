import type { DiskError } from '../disk/disk-error.js'

/** Warnings of one kind that are told; a disk that fails does so for thousands of requests. */
const MAX_FILES = 10

/** Names of files in one message. */
const MAX_NAMES = 3

/** Tells what goes wrong with files without ending a torrent: each thing once for each file. */
export class DiskWarnings {
  readonly #tell: (code: string, message: string) => void
  readonly #told = new Map<string, Set<string>>()

  constructor(tell: (code: string, message: string) => void) {
    this.#tell = tell
  }

  /** Something could not be read, or not be closed. */
  failed({ code, message, facts }: DiskError): void {
    this.#once(code, facts.path, message)
  }

  /** Another program changed a file while a piece of it came. */
  spoiled(path: string): void {
    this.#once('spoiled', path, `another program changed ${path}: a piece is fetched again`, 'changed')
  }

  /** Pieces that were verified are bad or gone, since another program changed some of these files. */
  lost(count: number, paths: readonly string[], isFetching: boolean): void {
    const more = paths.length > MAX_NAMES ? ` and ${paths.length - MAX_NAMES} more` : ''
    const names = `${paths.slice(0, MAX_NAMES).join(', ')}${more}`
    const pieces = count === 1 ? '1 piece is' : `${count} pieces are`
    const remedy = isFetching ? 'fetched again' : 'offered no more: `torrent get` repairs it'
    this.#tell('changed', `another program changed ${names}: ${pieces} wrong now, and ${remedy}`)
  }

  #once(kind: string, path: string, message: string, code = kind): void {
    const paths = this.#told.get(kind) ?? new Set()
    this.#told.set(kind, paths)
    if (paths.has(path) || paths.size >= MAX_FILES) return
    paths.add(path)
    this.#tell(code, message)
  }
}
