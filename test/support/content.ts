import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SeededRandom } from '../../src/base/random.js'

const CHUNK = 4 * 2 ** 20
const READ_CHUNK = 256 * 1024
const AT_ONCE = 16
const ZEROS = Buffer.alloc(CHUNK)

export interface ContentFile {
  /** Below the content's folder, with `/`. */
  readonly path: string
  readonly bytes: number
}

/** Bytes without end that look random and are the same for the same seed: the key stream of AES in counter mode. */
class RandomBytes {
  readonly #cipher

  constructor(seed: number) {
    const key = createHash('sha256').update(`content ${seed}`).digest().subarray(0, 16)
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  }

  next(bytes: number): Buffer {
    return this.#cipher.update(ZEROS.subarray(0, bytes))
  }
}

/** Writes a file of random bytes, at about the speed of the disk. */
export async function writeRandomFile(path: string, bytes: number, seed: number): Promise<void> {
  await withNewFile(path, async file => {
    const random = new RandomBytes(seed)
    for (let at = 0; at < bytes; at += CHUNK) await file.writeFile(random.next(Math.min(CHUNK, bytes - at)))
  })
}

/** Writes a file that is holes but for `islands` runs of 64 KiB of random bytes in random places, one at its end. */
export async function writeSparseFile(
  path: string,
  bytes: number,
  seed: number,
  islands: number,
): Promise<void> {
  const island = Math.min(64 * 1024, bytes)
  await withNewFile(path, async file => {
    const random = new RandomBytes(seed)
    const places = new SeededRandom(seed)
    await file.truncate(bytes)
    for (let i = 0; i < islands; i++) {
      const at = i === 0 ? bytes - island : places.below(bytes - island + 1)
      await file.write(random.next(island), 0, island, at)
    }
  })
}

/** Writes a folder of random files. */
export async function writeTree(folder: string, files: readonly ContentFile[], seed: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  await eachOf(files, async ({ path, bytes }, index) => {
    await writeRandomFile(join(folder, ...path.split('/')), bytes, seed + index)
  })
}

/** As `sha256sum` prints it. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: READ_CHUNK }), hash)
  return hash.digest('hex')
}

/** Every file below a folder, or a single file, with its SHA-256: equal for equal content. */
export async function digestTree(root: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => undefined)
  if (entries === undefined) return digests.set('', await sha256OfFile(root))
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  await eachOf(paths, async path => {
    digests.set(relative(root, path).split(sep).join('/'), await sha256OfFile(path))
  })
  return new Map([...digests].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Some at a time: thousands of small files one by one mostly wait. */
async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index]
      if (item !== undefined) await work(item, index)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

async function withNewFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'wx')
  try {
    await write(file)
  } finally {
    await file.close()
  }
}
