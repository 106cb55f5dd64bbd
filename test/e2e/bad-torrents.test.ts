import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { toUtf8 } from '../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../src/protocol/bencode/encode.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'

const BAD_TORRENT = 3

/** The `info` of a good v1 torrent of one file; a key that is undefined is left out. */
function infoWith(changes: Readonly<Record<string, BencodeInput | undefined>>): BencodeInput {
  return { length: 40_000, name: 'good', 'piece length': 16_384, pieces: new Uint8Array(60), ...changes }
}

function torrentWith(changes: Readonly<Record<string, BencodeInput | undefined>>): Uint8Array {
  return encodeBencode({ info: infoWith(changes) })
}

const GOOD = torrentWith({})

/** With other bytes in place of a text. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1')
}

const LEAF = { length: 20_000, 'pieces root': new Uint8Array(32).fill(1) }

interface Case {
  readonly name: string
  readonly bytes: Uint8Array
  /** What the line says: the key and what is wrong with it. */
  readonly says: RegExp
}

const CASES: readonly Case[] = [
  { name: 'nothing', bytes: new Uint8Array(0), says: /nothing in it/ },
  { name: 'a web page', bytes: toUtf8('<!doctype html><title>404</title>'), says: /torrent/ },
  { name: 'half a torrent', bytes: GOOD.subarray(0, GOOD.length / 2), says: /past the end|too early/ },
  { name: 'a list', bytes: toUtf8('le'), says: /not a \.torrent/ },
  { name: 'no info', bytes: encodeBencode({ announce: 'http://127.0.0.1/' }), says: /info/ },
  { name: 'an info that is a number', bytes: encodeBencode({ info: 1 }), says: /info/ },
  { name: 'no name', bytes: torrentWith({ name: undefined }), says: /name/ },
  { name: 'no piece length', bytes: torrentWith({ 'piece length': undefined }), says: /piece length/ },
  { name: 'a piece length of 0', bytes: torrentWith({ 'piece length': 0 }), says: /piece length/ },
  { name: 'a negative piece length', bytes: torrentWith({ 'piece length': -16_384 }), says: /piece length/ },
  { name: 'a huge piece length', bytes: torrentWith({ 'piece length': 2 ** 40 }), says: /piece length/ },
  { name: 'a negative length', bytes: torrentWith({ length: -1 }), says: /length/ },
  {
    name: 'a length that is no exact number',
    bytes: replaced(GOOD, 'i40000e', 'i9223372036854775807e'),
    says: /length/,
  },
  { name: 'half a hash', bytes: torrentWith({ pieces: new Uint8Array(50) }), says: /pieces/ },
  { name: 'a hash too few', bytes: torrentWith({ pieces: new Uint8Array(40) }), says: /pieces/ },
  { name: 'a hash too many', bytes: torrentWith({ pieces: new Uint8Array(80) }), says: /pieces/ },
  {
    name: 'neither a length nor files',
    bytes: torrentWith({ length: undefined, files: [] }),
    says: /files|length/,
  },
  {
    name: 'a file without a path',
    bytes: torrentWith({ length: undefined, files: [{ length: 40_000, path: [] }] }),
    says: /path/,
  },
  { name: 'nesting without end', bytes: toUtf8('l'.repeat(100_000)), says: /not a \.torrent/ },
  { name: 'a string that says it is huge', bytes: toUtf8('d4:infod4:name999999999:a'), says: /name/ },
  {
    name: 'a version that is not known',
    bytes: torrentWith({ 'meta version': 3, 'file tree': { good: { '': LEAF } } }),
    says: /meta version/,
  },
  {
    name: 'a v2 root of the wrong size',
    bytes: encodeBencode({
      info: {
        'file tree': { good: { '': { length: 9, 'pieces root': new Uint8Array(31) } } },
        'meta version': 2,
        name: 'good',
        'piece length': 16_384,
      },
      'piece layers': {},
    }),
    says: /pieces root/,
  },
  {
    name: 'a v2 piece layer that does not lead to its root',
    bytes: encodeBencode({
      info: {
        'file tree': { good: { '': LEAF } },
        'meta version': 2,
        name: 'good',
        'piece length': 16_384,
      },
      'piece layers': new Map([[LEAF['pieces root'], new Uint8Array(64)]]),
    }),
    says: /piece layers/,
  },
  {
    name: 'a v2 name twice',
    bytes: toUtf8(
      'd4:infod9:file treed1:ad0:d6:lengthi0eee1:ad0:d6:lengthi0eeee12:meta versioni2e4:name1:n12:piece lengthi16384eee',
    ),
    says: /same name/,
  },
  {
    name: 'v1 and v2 halves that disagree',
    bytes: torrentWith({ length: 39_999, 'meta version': 2, 'file tree': { good: { '': LEAF } } }),
    says: /length|file tree|disagree|halves|half/,
  },
]

const PIECES = `6:pieces20:${'x'.repeat(20)}`

/** `isTold`: whether a download tells of it as well, as something may be missing. */
const ODD: readonly (Case & { isTold: boolean })[] = [
  {
    name: 'bytes behind the end',
    bytes: new Uint8Array([...GOOD, 0x0d, 0x0a]),
    says: /2 bytes behind the end ignored/,
    isTold: false,
  },
  {
    name: 'both a length and files',
    bytes: torrentWith({ files: [{ length: 40_000, path: ['a'] }] }),
    says: /info\.length: ignored beside files/,
    isTold: true,
  },
  {
    name: 'a key twice',
    bytes: toUtf8(`d4:infod6:lengthi9e4:name4:good4:name3:bad12:piece lengthi16384e${PIECES}ee`),
    says: /info\.name: .*the first counts/,
    isTold: true,
  },
  {
    name: 'v1 keys out of order',
    bytes: toUtf8(`d4:infod4:name4:good6:lengthi9e12:piece lengthi16384e${PIECES}ee`),
    says: /info\.length: stands out of order/,
    isTold: false,
  },
  {
    name: 'v2 keys out of order',
    bytes: toUtf8(
      'd4:infod4:name4:good12:meta versioni2e9:file treed4:goodd0:d6:lengthi0eeee12:piece lengthi16384eee',
    ),
    says: /info\.meta version: stands out of order|info\.file tree: stands out of order/,
    isTold: false,
  },
  {
    name: 'a private that is no number',
    bytes: torrentWith({ private: 'true' }),
    says: /info\.private: must be an integer, is taken for yes/,
    isTold: true,
  },
  {
    name: 'a comment that is a list',
    bytes: encodeBencode({ comment: ['x'], info: infoWith({}) }),
    says: /comment: ignored, must be a string/,
    isTold: false,
  },
]

describe('a torrent that is no good', () => {
  const folder = new TempFolder()
  after(() => folder[Symbol.asyncDispose]())

  for (const [number, { name, bytes, says }] of CASES.entries()) {
    it(`is refused with one line: ${name}`, async () => {
      const path = folder.join(`${number}.torrent`)
      await writeFile(path, bytes)
      await assertRefused(['info', path], says)
      await assertRefused(['get', path, '-d', folder.path, '--no-tracker', '--exit', '-p', '0'], says)
    })
  }

  it('is refused with one line: more than 100 MiB, which is not read', async () => {
    const path = folder.join('large.torrent')
    await writeFile(path, '')
    await truncate(path, 20 * 2 ** 30)
    await assertRefused(['info', path], /MiB|large/)
  })

  it('is refused on standard input too', async () => {
    await assertRefused(['info', '-'], /info/, encodeBencode({ comment: 'no more' }))
  })

  it('is refused as a magnet link too', async () => {
    await assertRefused(['info', 'magnet:?xt=urn:btih:123'], /btih|info hash/)
  })
})

describe('a torrent that is odd and can be used', () => {
  const folder = new TempFolder()
  after(() => folder[Symbol.asyncDispose]())

  for (const [number, { name, bytes, says, isTold }] of ODD.entries()) {
    it(`is read, and info tells of it: ${name}`, async () => {
      const path = folder.join(`${number}.torrent`)
      await writeFile(path, bytes)
      const shown = await runTorrent(['info', path])
      assert.equal(shown.code, 0, shown.story)
      assert.match(shown.stderr, says)
      const json: unknown = JSON.parse((await runTorrent(['info', '--json', path])).stdout)
      assert.ok(
        json !== null && typeof json === 'object' && 'warnings' in json && Array.isArray(json.warnings),
      )
      assert.match(json.warnings.join('\n'), says)

      const args = [
        'get',
        path,
        '-d',
        folder.join(`${number}`),
        '--exit',
        '--no-tracker',
        '-p',
        '0',
        '--timeout',
        '1s',
      ]
      const { stderr } = await runTorrent(args)
      assert.equal(says.test(stderr), isTold, stderr)
    })
  }
})

async function assertRefused(args: readonly string[], says: RegExp, input?: Uint8Array): Promise<void> {
  const finished = await runTorrent(args, input === undefined ? {} : { input })
  assert.equal(finished.code, BAD_TORRENT, finished.story)
  assert.equal(finished.stdout, '')
  assert.match(finished.stderr, /^[^\n]+\n$/, 'more than one line')
  assert.match(finished.stderr, says)
}
