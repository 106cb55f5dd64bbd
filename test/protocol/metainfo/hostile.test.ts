import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MetainfoError } from '../../../src/protocol/metainfo/metainfo-error.js'
import { withinCpuTime } from '../../support/cpu-time.js'
import { parsedText } from './crafting.js'

// Torrents that are small, or cheap to make, and made to cost their reader dearly. All of them must be dealt with
// in CPU time that grows no faster than they do; the bound is far above what a slow processor takes.
const MAX_CPU_MS = 15_000

const file = (...path: string[]) => `d6:lengthi0e4:pathl${path.map(string).join('')}ee`
const link = (name: string, target: string) =>
  `d4:attr1:l4:pathl${string(name)}e12:symlink pathl${string(target)}ee`
const torrent = (files: string) => `d4:infod5:filesl${files}e4:name1:x12:piece lengthi16384e6:pieces0:ee`

function string(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`
}

function many(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join('')
}

const digits = (i: number) => String(i).padStart(7, '0')

const cases: [name: string, make: () => string][] = [
  ['100,000 files of one name', () => torrent(many(100_000, () => file('a')))],
  [
    '100,000 long names that differ only at the end',
    () => torrent(many(100_000, i => file('a'.repeat(240) + digits(i % 999)))),
  ],
  [
    '100,000 names that differ only in what is not seen',
    () => torrent(many(100_000, i => file(`${'\u202e'.repeat(i % 50)}a`))),
  ],
  [
    '20,000 files a hundred folders deep',
    () => torrent(many(20_000, i => file(...Array(99).fill('d'), `${i}`))),
  ],
  [
    '20,000 paths of a hundred folders each',
    () => torrent(many(20_000, i => file(...Array(100).fill(`${i}`)))),
  ],
  ['a name of 40 MB', () => torrent(file('\u{e0061}'.repeat(10_000_000)))],
  ['a key of 40 MB, out of order', () => `d1:zi0e${string('b'.repeat(40_000_000))}i0ee`],
  [
    'a chain of 100,000 symlinks',
    () => torrent(file('l100000') + many(100_000, i => link(`l${i}`, `l${i + 1}`))),
  ],
  ['a circle of 100,000 symlinks', () => torrent(many(100_000, i => link(`l${i}`, `l${(i + 1) % 100_000}`)))],
  ['half a million unknown keys in info', () => `d4:infod${many(500_000, i => `7:${digits(i)}0:`)}ee`],
  [
    'half a million keys, all out of order',
    () => `d4:infod${many(500_000, i => `7:${digits(9_999_999 - i)}0:`)}ee`,
  ],
  ['300,000 tiers', () => `d13:announce-listl${many(300_000, i => `l7:${digits(i)}e`)}e4:infodee`],
  ['lists in lists without an end', () => `d4:info${'l'.repeat(10_000_000)}`],
  ['a string as long as nothing', () => 'd4:info999999999:'],
  [
    'a file tree as deep as it may be',
    () => `d4:infod9:file tree${'d1:a'.repeat(60)}d0:d6:lengthi0eeeee${'e'.repeat(62)}`,
  ],
]

describe('a hostile torrent costs no more than its size', () => {
  for (const [name, make] of cases) {
    test(name, () => {
      const text = make()
      withinCpuTime(MAX_CPU_MS, () => {
        try {
          assert.ok(parsedText(text).entries.length > 0)
        } catch (thrown) {
          assert.ok(thrown instanceof MetainfoError, String(thrown))
          assert.ok(thrown.message.length < 1_000, 'a message of one line')
        }
      })
    })
  }
})

test('__proto__ in every place stays a name', () => {
  const proto = '9:__proto__'
  const metainfo = parsedText(torrent(`d6:lengthi0e4:pathl${proto}${proto}ee`))
  assert.deepEqual(metainfo.entries.at(0)?.path, ['__proto__', '__proto__'])
  const tree = `d${proto}d${proto}d0:d6:lengthi0eeeee`
  const v2 = parsedText(
    `d4:infod${proto}d1:xi1ee9:file tree${tree}12:meta versioni2e4:name1:x12:piece lengthi16384eee`,
  )
  assert.deepEqual(v2.entries.at(0)?.path, ['__proto__', '__proto__'])
  assert.equal(Object.hasOwn(Object.prototype, 'x'), false)
})
