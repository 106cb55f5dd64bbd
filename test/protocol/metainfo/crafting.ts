// Torrents put together by hand, mostly to be wrong in one place.

import assert from 'node:assert/strict'
import { toUtf8 } from '../../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { MetainfoError, type MetainfoErrorCode } from '../../../src/protocol/metainfo/metainfo-error.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { digests } from './making.js'

export type Dictionary = Record<string, BencodeInput | undefined>

export const PIECE_LENGTH = 16_384

/** A v1 torrent of one file of 10 bytes, with changes; a key that is set to undefined is left out. */
export function v1(change: Dictionary = {}): Dictionary {
  return { length: 10, name: 'file', 'piece length': PIECE_LENGTH, pieces: new Uint8Array(20), ...change }
}

/** A v1 torrent of a folder; its pieces fit the files. */
export function v1Folder(files: readonly Dictionary[], change: Dictionary = {}): Dictionary {
  let length = 0
  for (const file of files) if (typeof file.length === 'number') length += file.length
  const pieces = new Uint8Array(20 * Math.ceil(length / PIECE_LENGTH))
  return { files, name: 'folder', 'piece length': PIECE_LENGTH, pieces, ...change }
}

/** A v2 torrent of a file tree; without one, of one file of 10 bytes. */
export function v2(tree: BencodeInput = { file: leaf(10) }, change: Dictionary = {}): Dictionary {
  return { 'file tree': tree, 'meta version': 2, name: 'file', 'piece length': PIECE_LENGTH, ...change }
}

/** What stands under a file's name in a file tree; its root is one that nothing is checked against. */
export function leaf(length: number, change: Dictionary = {}): Dictionary {
  return { '': { length, 'pieces root': length > 0 ? new Uint8Array(32).fill(1) : undefined, ...change } }
}

export function parsed(info: BencodeInput | undefined, around: Dictionary = {}): Metainfo {
  return parseMetainfo(encodeBencode({ ...around, info }), digests)
}

export function parsedText(text: string): Metainfo {
  return parseMetainfo(toUtf8(text), digests)
}

/** Paths of files and symlinks as one would read them on disk. */
export function pathsOf(metainfo: Metainfo): string[] {
  return [...metainfo.entries].filter(entry => entry.type !== 'pad').map(entry => entry.path.join('/'))
}

/** Asserts that reading fails as it should: with this code, at this key, with these words. */
export function refused(
  read: () => unknown,
  code: MetainfoErrorCode,
  key: string,
  words: string | RegExp = /./,
): void {
  assert.throws(read, (thrown: unknown) => {
    assert.ok(thrown instanceof MetainfoError, String(thrown))
    assert.deepEqual({ code: thrown.code, key: thrown.facts.key }, { code, key }, thrown.message)
    assert.equal(thrown.message.includes('\n'), false)
    if (key !== '') assert.ok(thrown.message.startsWith(`${key}: `), thrown.message)
    if (typeof words === 'string') assert.ok(thrown.message.endsWith(words), thrown.message)
    else assert.match(thrown.message, words)
    return true
  })
}
