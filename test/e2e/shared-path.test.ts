import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

const DISK = 6

describe('two torrents of one command with the same path', () => {
  it('the second is refused before a byte is written, the others are downloaded', async () => {
    await using folder = new TempFolder()
    const made: string[] = []
    for (const [index, path] of ['a/video.mkv', 'b/video.mkv', 'c/other.mkv'].entries()) {
      await writeRandomFile(folder.join(path), 200_000 + index, index)
      made.push(await make(folder.join(path), folder.join(`${index}.torrent`)))
    }
    const [first = '', second = '', third = ''] = made
    await using one = await startSeeder(first, folder.join('a'))
    await using two = await startSeeder(second, folder.join('b'))
    await using three = await startSeeder(third, folder.join('c'))
    const addresses = [one, two, three].map(({ address }) => address)
    const [command = '', source = '', ...more] = getArgs(first, folder.join('got'), addresses)
    const finished = await runTorrent([command, source, second, third, ...more, '--exit'])

    assert.equal(finished.code, DISK, finished.story)
    const lines = finished.stderr.trimEnd().split('\n')
    assert.equal(lines.length, 1, finished.story)
    assert.match(lines[0] ?? '', /video\.mkv \([0-9a-f]{8}\).*\/got\/video\.mkv.*video\.mkv \([0-9a-f]{8}\)/)
    const errors = finished.events.filter(event => event.type === 'error')
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['path-taken'],
    )
    assert.ok(
      (await readFile(folder.join('got/video.mkv'))).equals(await readFile(folder.join('a/video.mkv'))),
    )
    assert.ok(
      (await readFile(folder.join('got/other.mkv'))).equals(await readFile(folder.join('c/other.mkv'))),
    )
  })
})
