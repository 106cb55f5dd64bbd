import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { plain } from '../../../src/cli/view/palette.js'
import { percentOf, plainLine, progressLine } from '../../../src/cli/view/progress-line.js'
import type { ProgressSnapshot } from '../../../src/cli/view/progress-view.js'
import { widthOf } from '../../../src/cli/view/text.js'

const MIB = 2 ** 20
const DOWNLOAD: ProgressSnapshot = {
  activity: 'downloading',
  done: 405 * MIB,
  total: 900 * MIB,
  down: 12.3 * MIB,
  up: 100_000,
  peers: 12,
  eta: 45,
}
const SEEDING: ProgressSnapshot = { ...DOWNLOAD, activity: 'seeding', done: 900 * MIB, isSeeding: true }
const HASHING: ProgressSnapshot = { activity: 'hashing', done: 1, total: 4 }

function line(name: string, snapshot: ProgressSnapshot, columns: number): string {
  return progressLine({ name, snapshot: () => snapshot }, columns, plain, width => '#'.repeat(width))
}

describe('a line of progress', () => {
  it('has everything where there is room', () => {
    assert.equal(
      line('ubuntu.iso', DOWNLOAD, 110),
      'ubuntu.iso  #######################   45%    405 MiB / 900 MiB  ↓ 12.3 MiB/s  ↑ 97.7 KiB/s   12 peers      45s',
    )
    assert.equal(line('ubuntu.iso', SEEDING, 80), 'ubuntu.iso  seeding   900 MiB  ↑ 97.7 KiB/s   12 peers')
    assert.match(line('ubuntu.iso', HASHING, 80), /^ubuntu.iso {2}#{30} {3}25% .*hashing$/)
  })

  it('leaves out the least important where it is narrow', () => {
    assert.equal(line('ubuntu.iso', DOWNLOAD, 50), 'ubuntu.iso  #########   45%  ↓ 12.3 MiB/s      45s')
    assert.equal(line('ubuntu.iso', DOWNLOAD, 16), 'ubuntu.iso   45%')
  })

  it('cuts a long name, but not below a quarter of the line', () => {
    const long = 'a-file-with-a-very-long-name-indeed-that-goes-on-and-on.iso'
    assert.match(line(long, DOWNLOAD, 80), /^a-file-with-a-very-.*… {2}#/)
    assert.match(line(long, DOWNLOAD, 200), /^a-file-with-a-very-long-name-indeed-tha… {2}#{30} /)
  })

  it('escapes the name', () => {
    assert.match(line('\x1b[2J', DOWNLOAD, 80), /^\\x1b\[2J /)
  })

  it('is never wider than the window', () => {
    const size = fc.nat(2 ** 50)
    const rate = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.record({
          done: size,
          total: size,
          down: rate,
          up: rate,
          peers: fc.nat(10_000),
          eta: rate,
          isSeeding: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 200 }),
        (name, { down, up, ...facts }, columns) => {
          const rates = { ...(down === undefined ? {} : { down }), ...(up === undefined ? {} : { up }) }
          const text = line(name, { activity: 'downloading', ...facts, ...rates }, columns)
          assert.ok(widthOf(text) <= columns, text)
        },
      ),
    )
  })
})

describe('a line where nothing can be drawn', () => {
  it('says the same in words', () => {
    assert.equal(
      plainLine('ubuntu.iso', DOWNLOAD),
      'ubuntu.iso: downloading 45%, 405 MiB of 900 MiB, down 12.3 MiB/s, up 97.7 KiB/s, 12 peers, 45s left',
    )
    assert.equal(plainLine('ubuntu.iso', SEEDING), 'ubuntu.iso: seeding, up 97.7 KiB/s, 12 peers')
    assert.equal(plainLine('a\nb', HASHING), 'a\\nb: hashing 25%, 1 B of 4 B')
  })
})

it('a hundred percent is said only of the whole', () => {
  assert.equal(percentOf({ activity: '', done: 9999, total: 10_000 }), '99%')
  assert.equal(percentOf({ activity: '', done: 10_000, total: 10_000 }), '100%')
  assert.equal(percentOf({ activity: '', done: 0, total: 0 }), '100%')
})
