import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDigests } from '../../src/client/digests.js'
import type { Metainfo } from '../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import type { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import type { Format } from './bench-case.js'

export const PIECE_LENGTH = 2 ** 20

/** Something in a torrent. */
export interface Published {
  /** Path of the .torrent. */
  readonly metainfo: string
  /** The folder that holds the content. */
  readonly data: string
  /** File or folder in `data`. */
  readonly name: string
  /** Of all files. */
  readonly bytes: number
  /** By path in the content, SHA-256 of each file; undefined for what is too large to be compared. */
  readonly digests: ReadonlyMap<string, string> | undefined
  /** For whatever a run needs besides. */
  readonly folder: TempFolder
}

/** What cases share: one random file, and a torrent of it in each format that is asked for. */
export class Contents {
  readonly #folder: TempFolder
  readonly #size: number
  #random: Promise<Published> | undefined
  readonly #formats = new Map<Format, Promise<Published>>()

  constructor(folder: TempFolder, size: number) {
    this.#folder = folder
    this.#size = size
  }

  random(format: Format): Promise<Published> {
    let published = this.#formats.get(format)
    if (published === undefined) {
      this.#random ??= this.#writeRandom()
      published = this.#random.then(content => publish({ ...content, format, pieceLength: PIECE_LENGTH }))
      this.#formats.set(format, published)
    }
    return published
  }

  async #writeRandom(): Promise<Published> {
    const folder = this.#folder
    const path = folder.join('data', 'content.bin')
    await writeRandomFile(path, this.#size, 1)
    return {
      metainfo: '',
      data: folder.join('data'),
      name: 'content.bin',
      bytes: this.#size,
      digests: await digestTree(path),
      folder,
    }
  }
}

/** Reads a .torrent. */
export async function readMetainfo(path: string): Promise<Metainfo> {
  return parseMetainfo(await readFile(path), nodeDigests)
}

/** Makes the .torrent, without the SHA-256 of whole files where it is not asked for: other clients do not look at it. */
export async function publish(
  content: Omit<Published, 'metainfo'> & { format: Format; pieceLength: number; checksums?: boolean },
): Promise<Published> {
  const { format, pieceLength, checksums = false, data, name, folder } = content
  const metainfo = folder.join(`${name}-${format}.torrent`)
  const options = [
    '--format',
    format,
    '--piece-length',
    `${pieceLength / 1024}KiB`,
    ...(checksums ? [] : ['--no-checksums']),
    '-q',
    '-f',
  ]
  await mkdir(data, { recursive: true })
  await mustRun(['make', join(data, name), '-o', metainfo, ...options])
  return { ...content, metainfo }
}

/**
 * Compares what a client downloaded with what was published, and removes it.
 * @throws {Error} where a byte differs
 */
export async function verifyAndRemove(published: Published, into: string, by: string): Promise<void> {
  if (published.digests !== undefined) {
    const got = await digestTree(join(into, published.name))
    const isSame =
      got.size === published.digests.size &&
      [...published.digests].every(([path, digest]) => got.get(path) === digest)
    if (!isSame) throw new Error(`${by} got other content than was published`)
  }
  await rm(into, { recursive: true })
}
