import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { eventSchemas } from '../../../src/cli/output/json-schema.js'
import { parseEvent } from '../../support/events.js'
import { PROJECT } from '../../support/project.js'

const TIME = '2024-05-06T07:08:09.123Z'
const HASH = 'ab'.repeat(20)

describe('the schema of --json', () => {
  it('takes what is as it says', () => {
    const event = { type: 'seeding', time: TIME, infoHash: HASH, port: 6881 } as const
    assert.deepEqual(parseEvent(JSON.stringify(event)), event)
  })

  const WRONG: readonly [what: string, event: object, says: RegExp][] = [
    ['a type that is not in it', { type: 'sneezing', time: TIME }, /no event/],
    ['an event without its time', { type: 'checking', infoHash: HASH }, /time/],
    ['a member that is missing', { type: 'seeding', time: TIME, infoHash: HASH }, /port/],
    ['a member that is not in it', { type: 'checking', time: TIME, infoHash: HASH, extra: 1 }, /extra/],
    ['a relative path', { type: 'complete', time: TIME, infoHash: HASH, path: 'x', seconds: 1 }, /path/],
    ['half a hash', { type: 'checking', time: TIME, infoHash: 'abab' }, /infoHash/],
  ]
  for (const [what, event, says] of WRONG) {
    it(`refuses ${what}`, () => assert.throws(() => parseEvent(JSON.stringify(event)), says))
  }
})

describe('the README', () => {
  /** The members of each type that its table names, by type. */
  async function documented(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const readme = await readFile(join(PROJECT, 'README.md'), 'utf8')
    const rows = new Map<string, Set<string>>()
    const table = readme.split('| type | commands | members |')[1]?.split('\n\n')[0] ?? ''
    for (const line of table.split('\n')) {
      const [, types = '', , holds = ''] = line.split('|')
      for (const [, type = ''] of types.matchAll(/`([\w-]+)`/g)) {
        rows.set(type, new Set(Array.from(holds.matchAll(/`([\w-]+)`/g), ([, name = '']) => name)))
      }
    }
    return rows
  }

  it('documents every event of --json with all of its members, and no others', async () => {
    const rows = await documented()
    assert.deepEqual([...rows.keys()].sort(), Object.keys(eventSchemas).sort())
    const added = rows.get('added') ?? new Set()
    for (const [type, schema] of Object.entries(eventSchemas)) {
      const forms = 'options' in schema ? schema.options : [schema]
      const names = rows.get(type) ?? new Set()
      const isKnown = (name: string): boolean =>
        ['type', 'time', 'infoHash'].includes(name) ||
        names.has(name) ||
        // Some rows refer to that of `added`.
        (names.has('added') && added.has(name))
      for (const form of forms) {
        for (const name of Object.keys(form.entries)) assert.ok(isKnown(name), `${type}: ${name}`)
      }
    }
  })
})
