import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from '../support/child.js'
import { TempFolder } from '../support/temp-folder.js'

/** Beside the heap there is what the garbage collector leaves free: a process takes some two and a half times as much. */
const MAX_HEAP_BYTES = 12_000

test('a torrent that is only seeded takes a few kilobytes', async () => {
  await using folder = new TempFolder()
  const script = fileURLToPath(new URL('./support/idle-torrents.js', import.meta.url))
  const command = [process.execPath, '--expose-gc', script, folder.path, '200', '800']
  const { code, stdout, stderr } = await run(command, { env: { XDG_STATE_HOME: folder.join('state') } })
  assert.equal(code, 0, stderr)
  const bytes = Number(stdout)
  assert.ok(bytes > 1_000, `${bytes} bytes each: nothing was measured`)
  assert.ok(bytes <= MAX_HEAP_BYTES, `${bytes} bytes each`)
})
