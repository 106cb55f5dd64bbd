import { type FileStamp, isSameStamp, MISSING } from './file-stamp.js'

/** Numbers of a row: a stamp, the lock, and changes that were noticed and dealt with. */
const STRIDE = 7
const SIZE = 0
const MTIME = 1
const CTIME = 2
const INODE = 3
const LOCK = 4
const CHANGES = 5
const SETTLED = 6

/** Sizes of what is no file, and of what is not known. */
const NO_FILE = -1n
const UNKNOWN = -2n

const FREE = 0n
const TAKEN = 1n
const CONTENDED = 2n

/**
 * The stamps of a torrent's files from when this process last knew their bytes: after its own last write, or before it hashed or
 * believed them. They lie in memory that all threads share. A file with another stamp was changed by another program, and its
 * bytes are unknown until its pieces are hashed again.
 *
 * Threads that write to a file take turns (`lock`), so that each can compare the file with its row before a write and take
 * its stamp after it. The main thread takes no turns: it reads rows that no thread holds.
 */
export class FileLedger {
  readonly #rows: BigInt64Array

  /** @param memory as another thread's ledger has it */
  constructor(memory: SharedArrayBuffer) {
    this.#rows = new BigInt64Array(memory)
  }

  /** Knows nothing yet. */
  static create(fileCount: number): FileLedger {
    const ledger = new FileLedger(new SharedArrayBuffer(fileCount * STRIDE * 8))
    for (let entry = 0; entry < fileCount; entry++) ledger.forget(entry)
    return ledger
  }

  get memory(): SharedArrayBuffer {
    const { buffer } = this.#rows
    if (buffer instanceof SharedArrayBuffer) return buffer
    throw new TypeError('the memory of a ledger is shared')
  }

  get fileCount(): number {
    return this.#rows.length / STRIDE
  }

  /** Waits until no other thread holds the row of an entry, and holds it until `unlock`. Not for the main thread. */
  lock(entry: number): void {
    const at = entry * STRIDE + LOCK
    if (Atomics.compareExchange(this.#rows, at, FREE, TAKEN) === FREE) return
    while (Atomics.exchange(this.#rows, at, CONTENDED) !== FREE) Atomics.wait(this.#rows, at, CONTENDED)
  }

  unlock(entry: number): void {
    const at = entry * STRIDE + LOCK
    if (Atomics.exchange(this.#rows, at, FREE) === CONTENDED) Atomics.notify(this.#rows, at, 1)
  }

  /** True while a thread is about to write to the file, so that its row may be in the middle of a change. */
  isHeld(entry: number): boolean {
    return Atomics.load(this.#rows, entry * STRIDE + LOCK) !== FREE
  }

  /** The file's last known stamp; undefined if there is none. */
  known(entry: number): FileStamp | undefined {
    const size = this.#at(entry, SIZE)
    if (size === UNKNOWN) return undefined
    if (size === NO_FILE) return MISSING
    return {
      type: 'file',
      size: Number(size),
      mtimeNs: this.#at(entry, MTIME),
      ctimeNs: this.#at(entry, CTIME),
      inode: BigInt.asUintN(64, this.#at(entry, INODE)),
    }
  }

  /** This is what the file looks like with bytes that are known. */
  know(entry: number, stamp: FileStamp): void {
    const start = entry * STRIDE
    this.#rows[start + SIZE] = stamp.type === 'file' ? BigInt(stamp.size) : NO_FILE
    if (stamp.type === 'missing') return
    this.#rows[start + MTIME] = stamp.mtimeNs
    this.#rows[start + CTIME] = stamp.ctimeNs
    this.#rows[start + INODE] = stamp.inode
  }

  /** From now on nothing is known of the file. */
  forget(entry: number): void {
    this.#rows[entry * STRIDE + SIZE] = UNKNOWN
  }

  /** True if a stamp equals the known one, or none is known. */
  agrees(entry: number, stamp: FileStamp): boolean {
    const known = this.known(entry)
    return known === undefined || isSameStamp(known, stamp)
  }

  /** Another program changed the file. */
  noteChange(entry: number): void {
    Atomics.add(this.#rows, entry * STRIDE + CHANGES, 1n)
  }

  /** The number of changes by other programs noticed so far. */
  changesOf(entry: number): number {
    return Number(Atomics.load(this.#rows, entry * STRIDE + CHANGES))
  }

  /** True if a change was noticed since `settle`. */
  isChanged(entry: number): boolean {
    const start = entry * STRIDE
    return Atomics.load(this.#rows, start + CHANGES) !== Atomics.load(this.#rows, start + SETTLED)
  }

  /** The pieces of a file are about to be hashed again: changes that were noticed so far are dealt with. */
  settle(entry: number): void {
    const start = entry * STRIDE
    Atomics.store(this.#rows, start + SETTLED, Atomics.load(this.#rows, start + CHANGES))
  }

  #at(entry: number, column: number): bigint {
    return this.#rows[entry * STRIDE + column] ?? UNKNOWN
  }
}
