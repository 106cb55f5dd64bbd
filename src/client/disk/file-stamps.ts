import { type FileStamp, MISSING } from './file-stamp.js'

/** Numbers of a stamp: size, mtime, ctime, inode. */
const STRIDE = 4
const NO_FILE = -1n

/** Bytes of a stamp. */
export const STAMP_LENGTH = STRIDE * 8

/** The stamps of many files, 32 bytes each: as objects, those of 100,000 files would take ten times as much. */
export class FileStamps {
  /** The form that is sent in messages, for `new FileStamps`. */
  readonly packed: BigInt64Array

  constructor(packed: BigInt64Array) {
    this.packed = packed
  }

  /** Makes `length` stamps of missing files. */
  static missing(length: number): FileStamps {
    const stamps = new FileStamps(new BigInt64Array(length * STRIDE))
    for (let index = 0; index < length; index++) stamps.set(index, MISSING)
    return stamps
  }

  static of(all: readonly FileStamp[]): FileStamps {
    const stamps = FileStamps.missing(all.length)
    for (const [index, stamp] of all.entries()) stamps.set(index, stamp)
    return stamps
  }

  /** Reads what `encode` gave; bytes at the end that are no whole stamp are left out. */
  static decode(bytes: Uint8Array): FileStamps {
    const packed = new BigInt64Array(Math.floor(bytes.length / STAMP_LENGTH) * STRIDE)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < packed.length; at++) packed[at] = view.getBigInt64(at * 8, true)
    return new FileStamps(packed)
  }

  get length(): number {
    return this.packed.length / STRIDE
  }

  /** `missing` also where there is no such index. */
  at(index: number): FileStamp {
    const row = this.packed.subarray(index * STRIDE, (index + 1) * STRIDE)
    const [size = NO_FILE, mtimeNs = 0n, ctimeNs = 0n, inode = 0n] = row
    if (size < 0n) return MISSING
    return { type: 'file', size: Number(size), mtimeNs, ctimeNs, inode: BigInt.asUintN(64, inode) }
  }

  set(index: number, stamp: FileStamp): void {
    const isFile = stamp.type === 'file'
    const start = index * STRIDE
    this.packed[start] = isFile ? BigInt(stamp.size) : NO_FILE
    this.packed[start + 1] = isFile ? stamp.mtimeNs : 0n
    this.packed[start + 2] = isFile ? stamp.ctimeNs : 0n
    this.packed[start + 3] = isFile ? stamp.inode : 0n
  }

  /** Takes over the stamps of a run of files, from `first` on. */
  setRun(first: number, run: FileStamps): void {
    this.packed.set(run.packed, first * STRIDE)
  }

  *[Symbol.iterator](): Generator<FileStamp> {
    for (let index = 0; index < this.length; index++) yield this.at(index)
  }

  /** Encodes them in little-endian order on any machine. */
  encode(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.packed.byteLength))
    for (const [at, number] of this.packed.entries()) view.setBigInt64(at * 8, number, true)
    return new Uint8Array(view.buffer)
  }
}
