import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { PROJECT } from './support/project.js'

test('the package gives what its door promises, under its own name', async () => {
  const code = "console.log(JSON.stringify(Object.keys(await import('torrent')).sort()))"
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: PROJECT,
  })
  const names: string[] = JSON.parse(stdout)
  // Node.js adds these to what a CommonJS module exports.
  const own = names.filter(name => name !== 'default' && name !== 'module.exports')
  assert.deepEqual(own, [
    'CodedError',
    'CommandError',
    'Session',
    'TrackerServer',
    'checkContent',
    'draftTorrent',
    'parseMagnet',
    'parseMetainfo',
    'toMagnet',
  ])
})
