import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilAborted } from '../../src/base/until-aborted.js'

const NEVER = new Promise<never>(() => {})

describe('work that cannot be called off', () => {
  it('is waited for while nothing is aborted', async () => {
    const { signal } = new AbortController()
    assert.equal(await untilAborted(Promise.resolve(7), signal), 7)
    await assert.rejects(untilAborted(Promise.reject(new Error('failed')), signal), /failed/)
  })

  it('is left with the reason of the signal, before or while it is waited for', async () => {
    const reason = new Error('enough')
    await assert.rejects(untilAborted(NEVER, AbortSignal.abort(reason)), reason)
    const controller = new AbortController()
    const left = untilAborted(NEVER, controller.signal)
    controller.abort(reason)
    await assert.rejects(left, reason)
  })

  it('may fail after it was left', async () => {
    let fail = (_: Error): void => {}
    const work = new Promise<void>((_, reject) => {
      fail = reject
    })
    const reason = new Error('enough')
    await assert.rejects(untilAborted(work, AbortSignal.abort(reason)), reason)
    fail(new Error('nobody hears this'))
  })
})
