import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { openProgressView } from '../../../src/cli/output/progress.js'
import { plain } from '../../../src/cli/view/palette.js'
import { PlainView } from '../../../src/cli/view/plain-view.js'
import { Screen } from './screen.js'

/** Lines as they come. */
async function* linesOf(stream: PassThrough): AsyncGenerator<string> {
  for (;;) {
    const text: unknown = stream.read()
    if (text === null) await once(stream, 'readable')
    else yield* String(text).trimEnd().split('\n')
  }
}

test('a line now and then for what has changed, and no escape code', async () => {
  const stream = new PassThrough()
  // The timer of the view does not keep a process, so something else has to.
  const alive = setInterval(() => undefined, 1000)
  try {
    using view = new PlainView({ stream, intervalMs: 1 })
    let done = 1
    view.add({
      name: 'moving.iso',
      snapshot: () => ({ type: 'waiting', activity: 'downloading', done: done++, total: 1000 }),
    })
    view.add({
      name: 'still.iso',
      snapshot: () => ({ type: 'waiting', activity: 'checking', done: 0, total: 1000 }),
    })
    view.print('a note')
    const lines: string[] = []
    for await (const line of linesOf(stream)) if (lines.push(line) === 5) break
    assert.deepEqual(lines, [
      'a note',
      'moving.iso: downloading 0%, 1 B of 1000 B',
      'still.iso: checking 0%, 0 B of 1000 B',
      'moving.iso: downloading 0%, 2 B of 1000 B',
      'moving.iso: downloading 0%, 3 B of 1000 B',
    ])
  } finally {
    clearInterval(alive)
  }
})

test('with very many torrents some are told at a time, and each in its turn', async () => {
  const stream = new PassThrough()
  const alive = setInterval(() => undefined, 1000)
  try {
    using view = new PlainView({ stream, intervalMs: 1 })
    let done = 0
    for (let i = 0; i < 30; i++) {
      view.add({
        name: `${i}`,
        snapshot: () => ({ type: 'waiting', activity: 'downloading', done: done++, total: 1e6 }),
      })
    }
    const seen = new Set<string>()
    for await (const line of linesOf(stream)) if (seen.add(line.split(':')[0] ?? '').size === 30) break
    assert.equal(seen.size, 30)
  } finally {
    clearInterval(alive)
  }
})

test('only a terminal gets bars', async () => {
  using piped = await openProgressView({
    stream: new PassThrough() as unknown as NodeJS.WriteStream,
    paint: plain,
  })
  assert.ok(piped instanceof PlainView)
  const stream = new Screen(80, 24) as unknown as NodeJS.WriteStream
  using logged = await openProgressView({ stream, paint: plain, isLogging: true })
  assert.ok(logged instanceof PlainView)
  using drawn = await openProgressView({ stream, paint: plain })
  assert.ok(!(drawn instanceof PlainView))
})
