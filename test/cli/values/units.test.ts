import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEta,
  formatRate,
  parseDuration,
  parseRate,
  parseSize,
} from '../../../src/cli/values/units.js'

const KIB = 1024

describe('sizes', () => {
  const SIZES: readonly [text: string, bytes: number | undefined][] = [
    ['0', 0],
    ['1500', 1500],
    ['16KiB', 16 * KIB],
    ['16 KiB', 16 * KIB],
    ['1MiB', KIB ** 2],
    ['1.5GiB', 1.5 * KIB ** 3],
    ['4M', 4 * KIB ** 2],
    ['1k', KIB],
    ['1K', KIB],
    ['1kib', KIB],
    ['2MB', 2_000_000],
    ['1kB', 1000],
    ['10B', 10],
    ['1T', KIB ** 4],
    ['', undefined],
    ['M', undefined],
    ['-1M', undefined],
    ['1e3', undefined],
    ['4 M B', undefined],
    ['1iB', undefined],
    ['1X', undefined],
    ['0x10', undefined],
    ['1.M', undefined],
    ['99999999P', undefined],
    ['Infinity', undefined],
  ]
  for (const [text, bytes] of SIZES) {
    it(`"${text}" is ${bytes}`, () => assert.equal(parseSize(text), bytes))
  }

  it('are written with three digits', () => {
    assert.deepEqual(
      [0, 1, 999, 1023, 1024, 1500, 12_345, 1_048_576, 1_047_552, 5_057_642_496].map(formatBytes),
      [
        '0 B',
        '1 B',
        '999 B',
        '1023 B',
        '1.00 KiB',
        '1.46 KiB',
        '12.1 KiB',
        '1.00 MiB',
        '1.00 MiB',
        '4.71 GiB',
      ],
    )
  })

  it('that were written can be read again, to three digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), bytes => {
        const read = parseSize(formatBytes(bytes)) ?? Number.NaN
        assert.ok(Math.abs(read - bytes) <= bytes * 0.006, `${bytes} -> ${formatBytes(bytes)} -> ${read}`)
      }),
    )
  })

  it('never take more than ten characters', () => {
    fc.assert(fc.property(fc.maxSafeNat(), bytes => formatBytes(bytes).length <= 10))
  })

  it('of any text are a safe whole number or nothing', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const bytes = parseSize(text)
        assert.ok(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0))
      }),
    )
  })
})

describe('counts for people', () => {
  it('have a comma between thousands', () => {
    assert.deepEqual([0, 999, 1000, 1_234_567].map(formatCount), ['0', '999', '1,000', '1,234,567'])
  })
})

describe('rates', () => {
  it('are sizes, per second', () => {
    assert.equal(parseRate('500KiB'), 500 * KIB)
    assert.equal(parseRate('500KiB/s'), 500 * KIB)
    assert.equal(parseRate('2MB / s'), 2_000_000)
    assert.equal(parseRate('2MB/m'), undefined)
    assert.equal(formatRate(2 * KIB), '2.00 KiB/s')
  })
})

describe('durations', () => {
  const DURATIONS: readonly [text: string, seconds: number | undefined][] = [
    ['90', 90],
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1d', 86_400],
    ['1h30m', 5400],
    ['1h 30m', 5400],
    ['1.5h', 5400],
    ['2H', 7200],
    ['0.5', 0.5],
    ['', undefined],
    ['h', undefined],
    ['-1s', undefined],
    ['5 minutes', undefined],
    ['1w', undefined],
    ['1h30', undefined],
    ['9'.repeat(400), undefined],
  ]
  for (const [text, seconds] of DURATIONS) {
    it(`"${text.slice(0, 20)}" is ${seconds}`, () => assert.equal(parseDuration(text), seconds))
  }

  it('are written with their two largest units', () => {
    assert.deepEqual(
      [0, 0.42, 9.949, 9.95, 59.4, 59.6, 65, 3599.7, 3600, 7620, 86_400, 273_600].map(formatDuration),
      [
        '0.0s',
        '0.4s',
        '9.9s',
        '10s',
        '59s',
        '1m 00s',
        '1m 05s',
        '1h 00m',
        '1h 00m',
        '2h 07m',
        '1d 00h',
        '3d 04h',
      ],
    )
  })

  it('that were written can be read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10 ** 8 }), seconds => {
        const read = parseDuration(formatDuration(seconds)) ?? Number.NaN
        const unit = seconds < 3600 ? 1 : seconds < 86_400 ? 60 : 3600
        assert.ok(read <= seconds && seconds - read < unit)
      }),
    )
  })

  it('that are left say so in whole seconds, or that it is not known', () => {
    assert.deepEqual([undefined, Infinity, 10 ** 9, 0, 0.2, 65].map(formatEta), [
      '–',
      '–',
      '–',
      '0s',
      '1s',
      '1m 05s',
    ])
  })
})
