import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BoundedWriter, type TextStream } from '../../../src/cli/output/bounded-writer.js'

const LINE = 'x'.repeat(1023).concat('\n')

/** A stream that takes one write, and then none until its reader reads. */
class StalledStream implements TextStream {
  readonly taken: string[] = []
  #onDrain: (() => void) | undefined

  write(data: string | Uint8Array): boolean {
    this.taken.push(String(data))
    return false
  }

  once(_: 'drain', listener: () => void): void {
    this.#onDrain = listener
  }

  /** The reader takes everything that comes. */
  read(): void {
    for (let onDrain = this.#onDrain; onDrain !== undefined; onDrain = this.#onDrain) {
      this.#onDrain = undefined
      onDrain()
    }
  }
}

function setUp() {
  const stream = new StalledStream()
  const clock = { ms: 0 }
  const seen = { givenUp: 0 }
  const writer = new BoundedWriter(stream, { now: () => clock.ms, onGivenUp: () => seen.givenUp++ })
  return { stream, clock, seen, writer }
}

describe('a reader that stands still', () => {
  it('costs one line of progress for each torrent, however many come', () => {
    const { stream, writer } = setUp()
    writer.write('first\n')
    for (let i = 0; i < 10_000; i++) writer.writeLatest(`${i % 3}`, `progress ${i}\n`)
    assert.equal(writer.queuedBytes, 0)
    stream.read()
    assert.deepEqual(stream.taken, ['first\n', 'progress 9997\n', 'progress 9998\n', 'progress 9999\n'])
  })

  it('costs progress of no more than a thousand torrents', () => {
    const { stream, writer } = setUp()
    writer.write('first\n')
    for (let i = 0; i < 10_000; i++) writer.writeLatest(`${i}`, `${i}\n`)
    stream.read()
    assert.equal(stream.taken.length, 1_001)
    assert.equal(stream.taken.at(-1), '9999\n')
  })

  it('loses nothing else, and hears it in order once it goes on', () => {
    const { stream, writer } = setUp()
    writer.write('first\n')
    writer.writeLatest('a', 'progress of a\n')
    writer.writeLatest('b', 'progress of b\n')
    for (let i = 0; i < 100; i++) writer.write(`${i}\n`)
    writer.write('stopped a\n', 'a')
    stream.read()
    const numbers = Array.from({ length: 100 }, (_, i) => `${i}\n`)
    assert.deepEqual(stream.taken, [
      'first\n',
      ...numbers,
      'progress of a\n',
      'stopped a\n',
      'progress of b\n',
    ])
  })

  it('is given up once 1 MiB waits and it has read nothing for a minute', () => {
    const { stream, clock, seen, writer } = setUp()
    writer.write('first\n')
    for (let i = 0; i < 2_000; i++) writer.write(LINE)
    assert.equal(seen.givenUp, 0, 'much at once is no sign')
    clock.ms = 60_000
    writer.write(LINE)
    for (let i = 0; i < 2_000; i++) writer.write(LINE)
    assert.equal(seen.givenUp, 1)
    assert.equal(writer.queuedBytes, 2_001 * LINE.length)
    stream.read()
    assert.equal(stream.taken.length, 2_002)
    writer.write('too late\n')
    assert.equal(stream.taken.length, 2_002)
  })

  it('is waited for, if less waits', () => {
    const { stream, clock, seen, writer } = setUp()
    writer.write('first\n')
    for (let i = 0; i < 1_000; i++) writer.write(LINE)
    clock.ms = 10 ** 9
    writer.write(LINE)
    assert.equal(seen.givenUp, 0)
    stream.read()
    assert.equal(stream.taken.length, 1_002)
  })

  it('never costs more than 64 MiB', () => {
    const { seen, writer } = setUp()
    const large = 'x'.repeat(2 ** 20)
    for (let i = 0; i < 100; i++) writer.write(large)
    assert.equal(seen.givenUp, 1)
    assert.ok(writer.queuedBytes <= 65 * 2 ** 20)
  })

  it('makes writers of long output wait until it goes on or they are stopped', async () => {
    const { stream, writer } = setUp()
    const stop = new AbortController()
    await writer.ready(stop.signal)
    writer.write('first\n')
    for (let i = 0; i < 1_000; i++) writer.write(LINE)
    let isReady = false
    const ready = writer.ready(stop.signal).then(() => {
      isReady = true
    })
    await new Promise(setImmediate)
    assert.equal(isReady, false)
    stream.read()
    await ready
    for (let i = 0; i < 1_000; i++) writer.write(LINE)
    const stopped = writer.ready(stop.signal)
    stop.abort()
    await stopped
  })
})

describe('a reader that has gone', () => {
  it('costs nothing, and keeps no writer waiting', async () => {
    const { stream, writer } = setUp()
    writer.write('first\n')
    for (let i = 0; i < 1_000; i++) writer.write(LINE)
    const ready = writer.ready(new AbortController().signal)
    writer.close()
    await ready
    assert.equal(writer.queuedBytes, 0)
    writer.write('more\n')
    assert.deepEqual(stream.taken, ['first\n'])
  })
})

describe('a line that comes in pieces', () => {
  function* piecesOf(count: number, made: { count: number }): Generator<string> {
    for (; made.count < count; made.count++) yield `${made.count},`
  }

  it('is made as far as it is read, and what is written meanwhile comes after it', () => {
    const { stream, writer } = setUp()
    const made = { count: 0 }
    writer.writePieces(piecesOf(1_000, made))
    writer.write('after')
    writer.writePieces(piecesOf(3, { count: 0 }))
    assert.ok(made.count < 5, `${made.count}`)
    stream.read()
    const expected = Array.from({ length: 1_000 }, (_, i) => `${i},`).join('')
    assert.equal(stream.taken.join(''), `${expected}after0,1,2,`)
  })

  it('lets everything else have a turn when it is long', async () => {
    const taken: string[] = []
    const stream = {
      write: (data: string | Uint8Array) => taken.push(String(data)) > 0,
      once: () => undefined,
    }
    const writer = new BoundedWriter(stream, { onGivenUp: () => undefined })
    writer.writePieces(Array.from({ length: 100 }, () => 'x'.repeat(2 ** 16)))
    writer.write('end')
    assert.ok(taken.length < 100)
    while (taken.at(-1) !== 'end') await new Promise(setImmediate)
    assert.equal(taken.length, 101)
  })

  it('ends when its reader is gone', () => {
    const { stream, writer } = setUp()
    const made = { count: 0 }
    writer.writePieces(piecesOf(1_000, made))
    writer.close()
    stream.read()
    assert.ok(made.count < 5, `${made.count}`)
  })
})
