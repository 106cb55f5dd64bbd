// Torrents within the limits whose texts are as long as they can be: whatever is shown of them, it takes 300 MB at the most.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { nodeDigests } from '../../src/client/digests.js'
import { ByteWriter } from '../support/byte-writer.js'
import { type PeakRun, runWithPeak } from '../support/peak-run.js'
import { TempFolder } from '../support/temp-folder.js'

const MAX_PEAK = 300 * 1_000_000
const MIB = 2 ** 20
const CAPACITY = 100 * MIB

const PIECES = `12:piece lengthi16384e6:pieces20:${'h'.repeat(20)}`
const INFO = `4:infod6:lengthi16384e4:name1:a${PIECES}e`

const folder = new TempFolder()
after(async () => {
  await folder[Symbol.asyncDispose]()
})

/** Runs `info` on a torrent, which is written for this. */
async function info(torrent: ByteWriter, ...options: string[]): Promise<PeakRun> {
  const path = folder.join('big.torrent')
  await writeFile(path, torrent.bytes)
  const run = await runWithPeak(['info', ...options, path])
  assert.equal(run.status, 0, run.stderr.slice(0, 1_000))
  assert.ok(run.peak <= MAX_PEAK, `took ${Math.round(run.peak / 1e6)} MB`)
  return run
}

function withComment(pattern: string, bytes: number): ByteWriter {
  return new ByteWriter(CAPACITY).put('d7:comment').filled(bytes, pattern).put(INFO).put('e')
}

function withFiles(count: number, pathOf: (index: number) => string[]): ByteWriter {
  const writer = new ByteWriter(CAPACITY).put('d4:infod5:filesl')
  for (let i = 0; i < count; i++) {
    writer.put('d6:lengthi0e4:pathl')
    for (const name of pathOf(i)) writer.string(name)
    writer.put('ee')
  }
  return writer.put('d6:lengthi16384e4:pathl4:lastee').put(`e4:name3:top${PIECES}ee`)
}

describe('a comment of 95 MiB', () => {
  it('is shown as far as people read', async () => {
    const { stdout } = await info(withComment('é', 95 * MIB))
    const text = stdout.toString()
    assert.match(text, /comment +é{1000}/)
    assert.ok(text.length < 4_000, `${text.length}`)
  })

  it('is in the JSON, whole', async () => {
    const { stdout } = await info(withComment('all of it, ', 95 * MIB), '--json')
    const { comment } = JSON.parse(stdout.toString()) as { comment: string }
    assert.equal(comment.length, 95 * MIB)
    assert.equal(comment.replaceAll('all of it, ', '').length < 11, true)
  })

  it('of control characters is in the JSON, with each of them escaped', async () => {
    const { stdout } = await info(withComment('\x01', 30 * MIB), '--json')
    assert.ok(stdout.length > 6 * 30 * MIB)
    const start = stdout.indexOf('"comment":"') + '"comment":"'.length
    assert.equal(stdout.toString('latin1', start, start + 12), '\\u0001\\u0001')
    assert.equal(stdout.toString('latin1', stdout.length - 2), '}\n')
  })
})

it('a name of 95 MiB is shown as far as people read, and is whole in the JSON', async () => {
  const torrent = new ByteWriter(CAPACITY).put('d4:infod6:lengthi16384e4:name')
  torrent
    .filled(95 * MIB, '漢')
    .put(PIECES)
    .put('ee')
  const { stdout } = await info(torrent)
  assert.ok(stdout.length < 20_000, `${stdout.length}`)
  const json = await info(torrent, '--json')
  const { name } = JSON.parse(json.stdout.toString()) as { name: string }
  assert.equal(Buffer.byteLength(name.replaceAll('漢', '')) <= 3, true)
  assert.equal(name.length, Math.ceil((95 * MIB) / 3))
})

it('wide names are cut, and take no column of their width', async () => {
  const torrent = withFiles(200, i => [`${i}${'漢'.repeat(28_000)}`])
  const { stdout } = await info(torrent)
  const lines = stdout.toString().split('\n')
  assert.equal(lines.filter(line => line.includes('漢')).length, 200)
  for (const line of lines) assert.ok(line.length < 400, line)
  await info(torrent, '--json')
  await info(torrent, '--all')
})

it('a thousand trackers and web seeds of 8 KiB are counted for people, and whole in the JSON', async () => {
  const url = (kind: string, i: number): string => `http://${kind}${i}.example/${'é'.repeat(4_000)}`
  const torrent = new ByteWriter(CAPACITY).put('d13:announce-listl')
  for (let i = 0; i < 1_000; i++) torrent.put('l').string(url('t', i)).put('e')
  torrent.put('e').put(INFO).put('8:url-listl')
  for (let i = 0; i < 1_000; i++) torrent.string(url('w', i))
  torrent.put('ee')
  const { stdout } = await info(torrent)
  assert.match(stdout.toString(), /… and 980 more/)
  const json = await info(torrent, '--json')
  const { trackers, webSeeds, magnet } = JSON.parse(json.stdout.toString())
  assert.equal(trackers[999][0], url('t', 999))
  assert.equal(webSeeds[999], url('w', 999))
  assert.ok(magnet.length <= 2 ** 16, `${magnet.length}`)
})

it('deep folders of long names are shown up to a number of lines', async () => {
  const torrent = withFiles(4_000, i =>
    Array.from({ length: 99 }, (_, depth) => (depth === 0 ? `d${i}` : 'long '.repeat(40))),
  )
  const { stdout } = await info(torrent)
  const lines = stdout.toString().trimEnd().split('\n')
  assert.match(lines.at(-1) ?? '', /^… and 3,\d{3} more files; --all shows them$/)
  assert.ok(stdout.length < 10_000_000, `${stdout.length}`)
})

it('three quarters of a million files are in the JSON, each of them', async () => {
  const count = 740_000
  const { stdout } = await info(
    withFiles(count, i => [`${'é'.repeat(45)}${i}`]),
    '--json',
  )
  assert.ok(stdout.includes(`"top/${'é'.repeat(45)}${count - 1}"`))
  const { files } = JSON.parse(stdout.toString()) as { files: unknown[] }
  assert.equal(files.length, count + 1)
})

it('as many folders as there may be are counted', async () => {
  const { stdout } = await info(withFiles(520_000, i => [`folder ${i}`, '..']))
  assert.match(stdout.toString(), /… and 515,\d{3} more files; --all shows them\n$/)
})

it('half a million files with piece layers are read', async () => {
  const count = 480_000
  const layer = Buffer.alloc(64)
  const layers = Array.from({ length: count }, (_, i) => {
    layer.writeUInt32BE(i)
    return { root: nodeDigests.sha256(layer), i }
  })
  const writer = new ByteWriter(CAPACITY).put('d4:infod9:file treed')
  for (const { root, i } of layers) {
    writer.string(String(i).padStart(6, '0')).put('d0:d6:lengthi32768e11:pieces root32:').put(root).put('ee')
  }
  writer.put('e12:meta versioni2e4:name1:a12:piece lengthi16384ee12:piece layersd')
  layers.sort((a, b) => Buffer.compare(a.root, b.root))
  for (const { root, i } of layers) {
    layer.writeUInt32BE(i)
    writer.put('32:').put(root).put('64:').put(layer)
  }
  const { stdout, stderr } = await info(writer.put('ee'))
  assert.equal(stderr, '')
  assert.match(stdout.toString(), /files +480,000\n/)
})
