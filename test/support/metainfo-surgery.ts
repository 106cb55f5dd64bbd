import { readFile, writeFile } from 'node:fs/promises'
import { concatBytes, fromUtf8, toUtf8 } from '../../src/base/bytes.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../src/protocol/bencode/scan.js'

/** Copies a .torrent without one of its outermost keys; all else keeps its bytes. */
export async function copyWithout(torrent: string, key: string, out: string): Promise<void> {
  const entries = scanBencode(await readFile(torrent), METAINFO_LIMITS).entries ?? []
  const kept = entries.filter(([name]) => fromUtf8(name) !== key)
  if (kept.length === entries.length) throw new Error(`no ${key} in ${torrent}`)
  const pairs = kept.flatMap(([name, value]) => [encodeBencode(name), value.raw])
  await writeFile(out, concatBytes([toUtf8('d'), ...pairs, toUtf8('e')]))
}
