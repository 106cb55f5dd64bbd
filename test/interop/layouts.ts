import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentFile, writeRandomFile, writeTree } from '../support/content.js'

export const PIECE_LENGTH = 32 * 1024

export const FORMATS = ['v1', 'v2', 'hybrid'] as const
export type Format = (typeof FORMATS)[number]

export interface Layout {
  readonly name: string
  /** The file, or the files below the folder. */
  readonly content: { readonly bytes: number } | { readonly files: readonly ContentFile[] }
}

/** What torrents look like, each a case that has broken some client. */
export const LAYOUTS: readonly Layout[] = [
  { name: 'a file of odd size', content: { bytes: 7 * PIECE_LENGTH + 12_345 } },
  { name: 'a file of whole pieces', content: { bytes: 8 * PIECE_LENGTH } },
  { name: 'a file of one byte', content: { bytes: 1 } },
  {
    name: 'a folder with empty files, odd sizes and whole pieces',
    content: {
      files: [
        { path: '0-empty', bytes: 0 },
        { path: 'between/empty', bytes: 0 },
        { path: 'between/odd.bin', bytes: 3 * PIECE_LENGTH + 1 },
        { path: 'block.bin', bytes: 16_384 },
        { path: 'one-byte', bytes: 1 },
        { path: 'piece.bin', bytes: PIECE_LENGTH },
        { path: 'pieces.bin', bytes: 5 * PIECE_LENGTH },
        { path: 'z-empty', bytes: 0 },
      ],
    },
  },
  {
    name: 'a folder with unicode names',
    content: {
      files: [
        { path: 'with space/ümläut.txt', bytes: 40_000 },
        { path: '日本語/ファイル.bin', bytes: 70_000 },
        { path: 'emoji 🎉.bin', bytes: 3 },
        { path: 'Ω and ﬀ', bytes: 33_000 },
      ],
    },
  },
  {
    name: 'a folder with deep paths',
    content: {
      files: [
        { path: `${Array.from({ length: 40 }, (_, depth) => `d${depth}`).join('/')}/leaf`, bytes: 50_000 },
        { path: 'd0/leaf', bytes: 50_000 },
      ],
    },
  },
]

/** What a download is tried with: several files, some MiB, the last pieces short. */
export const DOWNLOAD: Layout = {
  name: 'a folder of several MiB',
  content: {
    files: [
      { path: 'big.bin', bytes: 6_000_001 },
      { path: 'deep/er/empty', bytes: 0 },
      { path: 'deep/er/small.bin', bytes: 12_345 },
      { path: 'whole.bin', bytes: 32 * PIECE_LENGTH },
    ],
  },
}

/** All files of a layout, from the folder that holds it. */
export function filesOf({ content }: Layout): ContentFile[] {
  if ('bytes' in content) return [{ path: 'content', bytes: content.bytes }]
  return content.files.map(({ path, bytes }) => ({ path: `content/${path}`, bytes }))
}

/** Writes a layout as `<parent>/content` and returns that path. */
export async function writeLayout(parent: string, layout: Layout): Promise<string> {
  const path = join(parent, 'content')
  await mkdir(parent, { recursive: true })
  if ('bytes' in layout.content) await writeRandomFile(path, layout.content.bytes, 1)
  else await writeTree(path, layout.content.files, 1)
  return path
}
