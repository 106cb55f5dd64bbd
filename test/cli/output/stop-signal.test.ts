import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { StopSignal } from '../../../src/cli/output/stop-signal.js'

function setUp(): { source: EventEmitter; stop: StopSignal; seen: string[]; at: { ms: number } } {
  const source = new EventEmitter()
  const seen: string[] = []
  const at = { ms: 0 }
  const stop = new StopSignal({
    source,
    now: () => at.ms,
    onFirst: signal => seen.push(`first ${signal}`),
    onSecond: () => seen.push('second'),
  })
  return { source, stop, seen, at }
}

test('the first signal asks to stop, the second leaves', () => {
  const { source, stop, seen, at } = setUp()
  assert.equal(stop.isStopped, false)
  source.emit('SIGINT', 'SIGINT')
  assert.ok(stop.signal.aborted)
  assert.deepEqual(seen, ['first SIGINT'])
  at.ms = 1000
  source.emit('SIGTERM', 'SIGTERM')
  assert.deepEqual(seen, ['first SIGINT', 'second'])
})

test('a closed terminal stops, too', () => {
  const { source, stop } = setUp()
  source.emit('SIGHUP', 'SIGHUP')
  assert.ok(stop.isStopped)
})

test('one press that arrives twice is one press', () => {
  const { source, seen, at } = setUp()
  source.emit('SIGINT', 'SIGINT')
  at.ms = 5
  source.emit('SIGINT', 'SIGINT')
  assert.deepEqual(seen, ['first SIGINT'])
})

test('afterwards signals do what they always did', () => {
  const { source, stop } = setUp()
  stop[Symbol.dispose]()
  assert.deepEqual(source.eventNames(), [])
})
