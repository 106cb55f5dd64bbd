import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { sharedAbortController } from '../../src/base/shared-abort.js'
import { untilAborted } from '../../src/base/until-aborted.js'

function listen(controller: AbortController): void {
  for (let i = 0; i < 20; i++) untilAborted(new Promise(() => {}), controller.signal).catch(() => {})
}

test('many may wait for one signal, and nothing is written of it', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const shared = sharedAbortController()
  listen(shared)
  // The warning of a plain one comes later than one of the shared one would have.
  const plain = new AbortController()
  listen(plain)
  if (warnings.length === 0) await once(process, 'warning')
  process.off('warning', note)
  assert.equal(warnings.length, 1)
  shared.abort()
  plain.abort()
})
