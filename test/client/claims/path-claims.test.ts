// In a session a path has one owner: what may be taken beside what, and what may not.

import assert from 'node:assert/strict'
import { mkdir, symlink } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { ClaimError, type ClaimRequest, PathClaims } from '../../../src/client/claims/path-claims.js'
import type { Merging } from '../../../src/client/disk/names/folding.js'
import type { ContentEntry } from '../../../src/protocol/metainfo/metainfo.js'
import { TempFolder } from '../../support/temp-folder.js'

const NOTHING: Merging = { case: false, forms: false }
const ALL: Merging = { case: true, forms: true }

function file(path: string): ContentEntry {
  const hashes = { sha256: undefined, piecesRoot: undefined }
  return { type: 'file', path: path.split('/'), length: 1, offset: 0, isExecutable: false, ...hashes }
}

function link(path: string): ContentEntry {
  return { type: 'symlink', path: path.split('/'), length: 0, offset: 0, target: ['x'] }
}

const PAD: ContentEntry = { type: 'pad', path: ['.pad', '1'], length: 1, offset: 0 }

let lastHash = 0

/** A claim of one file called `name`, or of a folder of that name with these entries. */
function claim(
  dir: string,
  name: string,
  entries?: readonly ContentEntry[],
  mode: ClaimRequest['mode'] = 'write',
): ClaimRequest {
  const info = { name, infoHashV1: new Uint8Array(20).fill(++lastHash), infoHashV2: undefined }
  const layout = { name, isFolder: entries !== undefined, entries: entries ?? [file(name)] }
  return { dir, mode, info, layout }
}

function seeded(dir: string, name: string, entries?: readonly ContentEntry[]): ClaimRequest {
  return claim(dir, name, entries, 'read')
}

async function refused(claims: PathClaims, request: ClaimRequest, path: string): Promise<void> {
  await assert.rejects(claims.take(request), (error: unknown) => {
    assert.ok(error instanceof ClaimError, String(error))
    assert.deepEqual([error.code, error.facts.path], ['path-taken', path])
    assert.equal(error.facts.name, request.info.name)
    for (const part of [path, request.info.name, error.facts.otherName])
      assert.ok(error.message.includes(part), error.message)
    return true
  })
}

describe('path claims', () => {
  it('a file of the same name in the same folder is refused, and taken once the first is gone', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    const first = await claims.take(claim(folder.path, 'video.mkv'))
    await refused(claims, claim(folder.path, 'video.mkv'), folder.join('video.mkv'))
    await claims.take(claim(folder.path, 'other.mkv'))
    await claims.take(claim(folder.join('elsewhere'), 'video.mkv'))
    first.release()
    await claims.take(claim(folder.path, 'video.mkv'))
  })

  it('names both torrents so that they can be told apart', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    const [first, second] = [claim(folder.path, 'n'), claim(folder.path, 'n')]
    await claims.take(first)
    const hash = ({ info }: ClaimRequest) => Buffer.from(info.infoHashV1 ?? []).toString('hex', 0, 4)
    await assert.rejects(claims.take(second), new RegExp(`n \\(${hash(second)}\\).* n \\(${hash(first)}\\)`))
  })

  it('torrents with a folder of one name share it, as long as their files differ', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    await claims.take(claim(folder.path, 'Show', [file('s1/e1'), PAD, file('s1/e2')]))
    await claims.take(claim(folder.path, 'Show', [file('s1/e3'), PAD, file('s2/e1')]))
    await refused(claims, claim(folder.path, 'Show', [file('x'), file('s1/e3')]), folder.join('Show/s1/e3'))
    await claims.take(claim(folder.path, 'Show', [file('x')]))
  })

  it('a file where another has a folder is refused, either way round', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    await claims.take(claim(folder.path, 'Show', [file('a/b/c'), link('l')]))
    await refused(claims, claim(folder.path, 'Show'), folder.join('Show'))
    await refused(claims, claim(folder.path, 'Show', [file('a')]), folder.join('Show/a'))
    await refused(claims, claim(folder.path, 'Show', [file('a/b/c/d')]), folder.join('Show/a/b/c'))
    await refused(claims, claim(folder.path, 'Show', [file('l/x')]), folder.join('Show/l'))
    await refused(claims, claim(folder.path, 'Show', [link('l')]), folder.join('Show/l'))
    await claims.take(claim(folder.path, 'one'))
    await refused(claims, claim(folder.path, 'one', [file('x')]), folder.join('one'))
  })

  it('content that lies within the folder of another is compared, too, either way round', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    const outer = await claims.take(claim(folder.path, 'Show', [file('s1/e1')]))
    await refused(claims, claim(folder.join('Show'), 's1', [file('e1')]), folder.join('Show/s1/e1'))
    await refused(claims, claim(folder.join('Show/s1'), 'e1'), folder.join('Show/s1/e1'))
    await refused(claims, claim(folder.join('Show'), 's1'), folder.join('Show/s1'))
    await claims.take(claim(folder.join('Show'), 's1', [file('e2')]))
    outer.release()
    await refused(claims, claim(folder.path, 'Show', [file('s1/e2')]), folder.join('Show/s1/e2'))
    await refused(claims, claim(folder.path, 'Show'), folder.join('Show'))
    await claims.take(claim(folder.path, 'Show', [file('s1/e1')]))
  })

  it('seeders share their paths with one another, never with a download', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    const first = await claims.take(seeded(folder.path, 'a'))
    const second = await claims.take(seeded(folder.path, 'a'))
    await refused(claims, claim(folder.path, 'a'), folder.join('a'))
    first.release()
    await refused(claims, claim(folder.path, 'a'), folder.join('a'))
    second.release()
    await claims.take(claim(folder.path, 'a'))
    await refused(claims, seeded(folder.path, 'a'), folder.join('a'))
  })

  it('one place has many paths: through symlinks, relative parts, and symlinked content that is read', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    await mkdir(folder.join('real/below'), { recursive: true })
    await symlink('real', folder.join('link'))
    await symlink('real/Show', folder.join('Show'))
    await claims.take(claim(folder.join('real'), 'a'))
    await refused(claims, claim(folder.join('link'), 'a'), folder.join('real/a'))
    await refused(claims, claim(`${folder.path}/real/below/..`, 'a'), folder.join('real/a'))
    await claims.take(claim(folder.join('link', 'new'), 'a'))
    await refused(claims, claim(folder.join('real', 'new'), 'a'), folder.join('real/new/a'))
    await mkdir(folder.join('real/Show'))
    await claims.take(seeded(folder.path, 'Show', [file('x')]))
    await refused(claims, claim(folder.join('real'), 'Show', [file('x')]), folder.join('real/Show/x'))
  })

  it('names that differ in case or in form are one where the file system merges them, and only there', async () => {
    await using folder = new TempFolder()
    const twins: [string, string, Partial<Merging>][] = [
      ['Video.mkv', 'video.MKV', { case: true }],
      ['caf\u00e9', 'cafe\u0301', { forms: true }],
    ]
    for (const [one, other, merging] of twins) {
      const probed: string[] = []
      const claims = new PathClaims(async at => {
        probed.push(at)
        return { ...NOTHING, ...merging }
      })
      await claims.take(claim(folder.path, one))
      await claims.take(claim(folder.path, 'Show', [file(`${one}/x`)]))
      assert.deepEqual(probed, [])
      await refused(claims, claim(folder.path, other), folder.join(other))
      await refused(claims, claim(folder.path, 'Show', [file(other)]), folder.join('Show', other))
      assert.deepEqual(probed, [folder.path, folder.path])
      const apart = new PathClaims(async () => NOTHING)
      await apart.take(claim(folder.path, one))
      await apart.take(claim(folder.path, other))
      await refused(apart, claim(folder.path, other), folder.join(other))
    }
  })

  it('a pair that is merely alike hides no pair that is the same', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims(async () => NOTHING)
    await claims.take(claim(folder.path, 'Show', [file('README'), file('x')]))
    await refused(claims, claim(folder.path, 'Show', [file('readme'), file('x')]), folder.join('Show/x'))
  })

  it('of many that come at once for one path exactly one has it', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims(async () => ALL)
    const names = ['video.mkv', 'VIDEO.mkv']
    const requests = Array.from({ length: 20 }, (_, i) => claim(folder.path, names[i % 2] ?? ''))
    const results = await Promise.allSettled(requests.map(request => claims.take(request)))
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', ...Array.from({ length: 19 }, () => 'rejected')],
    )
  })

  it('a hundred thousand files are compared with as many', async () => {
    await using folder = new TempFolder()
    const claims = new PathClaims()
    const files = (prefix: string) =>
      Array.from({ length: 100_000 }, (_, i) => file(`${i % 100}/${prefix}${i}`))
    await claims.take(claim(folder.path, 'Show', files('a')))
    await claims.take(claim(folder.path, 'Show', files('b')))
    await refused(claims, claim(folder.path, 'Show', [file('99/b99999')]), folder.join('Show/99/b99999'))
  })
})
