import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Dictionary } from '../crafting.js'
import { parsed, v1 } from '../crafting.js'

function around(values: Dictionary) {
  return parsed(v1(), values)
}

describe('trackers (BEP 12)', () => {
  test('announce alone is one tier of one', () => {
    assert.deepEqual(around({ announce: 'http://a/' }).trackers, [['http://a/']])
  })

  test('announce-list goes before announce', () => {
    const list = [['http://b/', 'http://c/'], ['udp://d/']]
    assert.deepEqual(around({ announce: 'http://a/', 'announce-list': list }).trackers, list)
  })

  test('an empty announce-list leaves announce', () => {
    for (const list of [[], [[]], [['', ' ']]]) {
      assert.deepEqual(around({ announce: 'http://a/', 'announce-list': list }).trackers, [['http://a/']])
    }
  })

  test('addresses are trimmed, and each is there once', () => {
    const list = [[' http://a/ ', 'http://b/'], ['http://a/'], ['http://b/', 'http://c/']]
    assert.deepEqual(around({ 'announce-list': list }).trackers, [['http://a/', 'http://b/'], ['http://c/']])
  })

  test('a tier that is a plain address is a tier of one', () => {
    assert.deepEqual(around({ 'announce-list': ['http://a/', 'http://b/'] }).trackers, [
      ['http://a/'],
      ['http://b/'],
    ])
  })

  test('announce may be a list', () => {
    assert.deepEqual(around({ announce: ['http://a/', 'http://b/'] }).trackers, [['http://a/', 'http://b/']])
  })

  test('what is no address is passed over with one warning', () => {
    const metainfo = around({ 'announce-list': [[1, 'http://a/', ['x']], { a: 1 }, ['x'.repeat(10_000)]] })
    assert.deepEqual(metainfo.trackers, [['http://a/']])
    assert.deepEqual(metainfo.warnings, ['announce-list: what is no address is ignored'])
    assert.deepEqual(around({ 'announce-list': 1 }).warnings, [
      'announce-list: ignored, must be a list of lists',
    ])
    assert.deepEqual(around({ announce: 7 }).warnings, ['announce: what is no address is ignored'])
  })

  test('there are at most a thousand', () => {
    const metainfo = around({ 'announce-list': [Array.from({ length: 2_000 }, (_, i) => `http://${i}/`)] })
    assert.equal(metainfo.trackers[0]?.length, 1_000)
    assert.equal(metainfo.warnings.length, 1)
  })
})

describe('web seeds (BEP 19)', () => {
  test('are one address or a list', () => {
    assert.deepEqual(around({ 'url-list': 'http://a/' }).webSeeds, ['http://a/'])
    assert.deepEqual(around({ 'url-list': ['http://a/', 'http://b/'] }).webSeeds, ['http://a/', 'http://b/'])
    for (const none of ['', [], ['']]) assert.deepEqual(around({ 'url-list': none }).webSeeds, [])
  })
})

describe('nodes of the DHT (BEP 5)', () => {
  test('are names and addresses, each with its port', () => {
    const nodes = [
      ['router.example', 6881],
      ['192.0.2.1', 1],
      ['2001:DB8::1', 65_535],
    ]
    assert.deepEqual(around({ nodes }).nodes, [
      { host: 'router.example', port: 6881 },
      { host: '192.0.2.1', port: 1 },
      { host: '2001:db8::1', port: 65_535 },
    ])
  })

  test('what is none is passed over', () => {
    const odd = [
      [],
      ['a.example'],
      ['a.example', 0],
      ['a.example', 65_536],
      ['a b', 1],
      [1, 1],
      'a.example',
      ['127.1', 1],
    ]
    const metainfo = around({ nodes: [...odd, ['b.example', 2]] })
    assert.deepEqual(metainfo.nodes, [{ host: 'b.example', port: 2 }])
    assert.deepEqual(
      [metainfo.warnings, metainfo.oddities],
      [[], ['nodes: what is no node of the DHT is ignored']],
    )
    assert.deepEqual(around({ nodes: 'x' }).nodes, [])
  })

  test('there are at most a hundred', () => {
    const nodes = Array.from({ length: 200 }, (_, i) => ['192.0.2.1', i + 1])
    assert.equal(around({ nodes }).nodes.length, 100)
  })
})

describe('about the torrent itself', () => {
  test('comment, creator and date', () => {
    const { comment, createdBy, creationDate } = around({
      comment: 'ünï',
      'created by': 'someone',
      'creation date': 1_700_000_000,
    })
    assert.deepEqual([comment, createdBy, creationDate], ['ünï', 'someone', 1_700_000_000])
  })

  test('are undefined where they are absent or empty', () => {
    const metainfo = around({ comment: '' })
    assert.deepEqual(
      [metainfo.comment, metainfo.createdBy, metainfo.creationDate],
      [undefined, undefined, undefined],
    )
    assert.deepEqual(metainfo.warnings, [])
  })

  test('of another type are passed over with a warning', () => {
    const metainfo = around({ comment: 1, 'created by': [], 'creation date': 'today', unknown: 'ignored' })
    assert.deepEqual(
      [metainfo.comment, metainfo.createdBy, metainfo.creationDate],
      [undefined, undefined, undefined],
    )
    assert.deepEqual(metainfo.warnings, [])
    assert.equal(metainfo.oddities.length, 3)
    assert.equal(around({ 'creation date': -1 }).creationDate, undefined)
    assert.equal(around({ 'creation date': -1 }).oddities.length, 1)
  })

  test('are taken from the one of both spellings that is a string', () => {
    assert.equal(around({ comment: 'plain', 'comment.utf-8': 5 }).comment, 'plain')
    assert.equal(around({ comment: 'plain', 'comment.utf-8': '' }).comment, 'plain')
    assert.equal(around({ comment: 5, 'comment.utf-8': 'utf-8' }).comment, 'utf-8')
  })
})
