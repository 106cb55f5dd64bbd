import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { equalBytes, toHex } from '../../../src/base/bytes.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { pathsOf } from './crafting.js'
import { contentOf, digests, type MadeFile, type Making, makeTorrent } from './making.js'

/** What fixtures/README.md says that the torrents were made of. */
const FOLDER: MadeFile[] = [
  { path: ['bin', 'run.sh'], bytes: contentOf(300, 1), isExecutable: true },
  { path: ['empty.txt'], bytes: contentOf(0, 2) },
  { path: ['exact.bin'], bytes: contentOf(32_768, 3) },
  { path: ['odd.bin'], bytes: contentOf(49_157, 4) },
  { path: ['one'], bytes: contentOf(1, 5) },
  { path: ['ünï', '日本 😀.txt'], bytes: contentOf(16_385, 6) },
]
const SINGLE: MadeFile[] = [{ path: ['single.bin'], bytes: contentOf(100_000, 7) }]

/** File, info hash of v1, info hash of v2: as libtorrent gave them. */
const HASHES = [
  ['folder-v1', '9c19109d41aab972f47bf4fb59989566aca5ef94', ''],
  ['folder-v2', '', '6749b8d99923175a9da431200748dd98714375f8218620b2a121d6c62ba9c55c'],
  [
    'folder-hybrid',
    '8b2c970d7fb79be5de4eedac08341593e02032d5',
    '3d9b3f126363719b614288b8a406ece8f264a04a5e2eba4d489d355adb1b4de9',
  ],
  ['single-v1', 'd511eac6777c9a3f7448d4b00c65ad1fc82849dc', ''],
  ['single-v2', '', 'c35f4d7fc7f5d6ea089c48abd3012df18e4667dd5b41c6535f60fbec5c7be595'],
  [
    'single-hybrid',
    'f8e5704d324a53b96d4b5883eb9b2153f64f1158',
    'c8e4ec8193eb35f388dcdd871937c8fbd3e29c5216e13030b660b4c20c963461',
  ],
  [
    'links-hybrid',
    '88de699676348d3b20b9341650a16d67e1495a02',
    '769a86ae6694d011faf49236f1d9f4ed9d843e60739be9bd5e4448258b4bda23',
  ],
  ['links-v2', '', 'a4e6e2a8ce34bc1bbf1f1c2fed74ca06fe2ca4a673e04a8fedcbb43d789dd967'],
] as const

function fixture(name: string): Uint8Array {
  return readFileSync(`fixtures/libtorrent-${name}.torrent`)
}

describe('torrents that libtorrent made', () => {
  for (const [name, v1, v2] of HASHES) {
    test(`${name} has the same info hashes here`, () => {
      const { infoHashV1, infoHashV2, warnings } = parseMetainfo(fixture(name), digests)
      const none = new Uint8Array(0)
      assert.deepEqual([toHex(infoHashV1 ?? none), toHex(infoHashV2 ?? none)], [v1, v2])
      assert.deepEqual(warnings, [])
    })
  }

  test('are read in full', () => {
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      const metainfo = parseMetainfo(fixture(`folder-${version}`), digests)
      assert.equal(metainfo.version, version)
      assert.deepEqual(
        pathsOf(metainfo).toSorted(),
        FOLDER.map(({ path }) => path.join('/')),
      )
      assert.equal(metainfo.comment, 'made by libtorrent')
      assert.equal(metainfo.createdBy, 'libtorrent 2.0.8')
      assert.equal(metainfo.creationDate, 1_700_000_000)
      assert.deepEqual(metainfo.trackers, [
        ['http://127.0.0.1:6969/announce'],
        ['udp://127.0.0.1:6969/announce'],
      ])
      assert.deepEqual(metainfo.webSeeds, ['http://127.0.0.1/seed/'])
      const executables = [...metainfo.entries].filter(entry => entry.type === 'file' && entry.isExecutable)
      assert.deepEqual(
        executables.map(({ path }) => path),
        [['bin', 'run.sh']],
      )
    }
  })

  test('have symlinks that lead where they led on disk', () => {
    for (const version of ['hybrid', 'v2']) {
      const links = [...parseMetainfo(fixture(`links-${version}`), digests).entries].flatMap(entry =>
        entry.type === 'symlink' ? [`${entry.path.join('/')} -> ${entry.target.join('/')}`] : [],
      )
      assert.deepEqual(links, ['current -> lib', 'lib/so -> lib/so.1', 'lib/so.1 -> lib/so.1.2'])
    }
  })
})

describe('torrents made here of the same content', () => {
  // libtorrent takes the files of a v1 torrent as the disk lists them: there the order is its own.
  const same: [name: string, files: MadeFile[], making: Making][] = [
    ['folder-v2', FOLDER, { version: 'v2', name: 'folder' }],
    ['folder-hybrid', FOLDER, { version: 'hybrid', name: 'folder' }],
    ['single-v1', SINGLE, { version: 'v1', name: 'single.bin', isFolder: false }],
    ['single-v2', SINGLE, { version: 'v2', name: 'single.bin', isFolder: false }],
    ['single-hybrid', SINGLE, { version: 'hybrid', name: 'single.bin', isFolder: false }],
  ]
  for (const [name, files, making] of same) {
    test(`${name} is the same byte for byte`, () => {
      const ours = scanBencode(makeTorrent(files, { pieceLength: 16_384, ...making }), METAINFO_LIMITS)
      const theirs = scanBencode(fixture(name), METAINFO_LIMITS)
      for (const key of ['info', 'piece layers']) {
        const [our, their] = [ours.get(key)?.raw, theirs.get(key)?.raw]
        assert.equal(our === undefined, their === undefined, key)
        if (our !== undefined && their !== undefined) assert.ok(equalBytes(our, their), key)
      }
    })
  }
})
