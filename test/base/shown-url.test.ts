import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shownUrl, withoutPassword, withoutUserInfo, withoutUserInfos } from '../../src/base/shown-url.js'

const PASSKEY = '0123456789abcdef0123456789abcdef'

describe('an address in a message', () => {
  const shown: readonly [url: string, text: string][] = [
    ['http://t.example:6969/announce', 'http://t.example:6969/announce'],
    ['HTTP://t.example/x', 'http://t.example/x'],
    ['http://bob:ross@t.example/announce', 'http://t.example/announce'],
    ['http://b@b:r@oss@t.example/announce', 'http://t.example/announce'],
    ['https://token@t.example/a.torrent', 'https://t.example/a.torrent'],
    ['udp://bob:ross@[::1]:80/announce', 'udp://[::1]:80/announce'],
    [`http://t.example/${PASSKEY}/announce`, 'http://t.example/***/announce'],
    [`http://t.example/announce?passkey=${PASSKEY}`, 'http://t.example/announce?passkey=***'],
    [
      'http://t.example/get?id=17&authkey=x&torrent_pass=y',
      'http://t.example/get?id=17&authkey=***&torrent_pass=***',
    ],
    ['http://t.example/a?0123456789abcdef', 'http://t.example/a?***'],
    ['http://t.example/a?flag&empty=', 'http://t.example/a?flag&empty='],
    ['http://t.example/a#fragment', 'http://t.example/a'],
    [
      'http://t.example/ubuntu-24.04-desktop-amd64.iso.torrent',
      'http://t.example/ubuntu-24.04-desktop-amd64.iso.torrent',
    ],
    ['http://t.example/a\nb', 'http://t.example/a b'],
    ['not an address', 'not an address'],
    ['t.example/announce?passkey=x', 't.example/announce?passkey=***'],
    // No valid addresses, of which it is not known where a password ends.
    ['http://bob:ro/ss@t.example/x', 'http://t.example/x'],
    ['http://bob:ro#ss@t.example/x', 'http://t.example/x'],
    ['http://bob:ro\nss@', 'http://'],
  ]
  for (const [url, text] of shown) {
    it(`is ${text} for ${JSON.stringify(url)}`, () => assert.equal(shownUrl(url), text))
  }

  it('is cut to 200 characters', () => {
    const text = shownUrl(`http://t.example/${'a/'.repeat(1000)}`)
    assert.equal(text.length, 200)
    assert.ok(text.endsWith('…'))
  })
})

describe('an address that is looked up', () => {
  it('is whole, with *** for the password', () => {
    const address = `t.example/${PASSKEY}/announce?a=b#c`
    assert.equal(withoutPassword(`http://bob:ross@${address}`), `http://bob:***@${address}`)
    assert.equal(withoutPassword(`http://${address}`), `http://${address}`)
  })

  it('shows no user name that stands alone, which is a token', () => {
    assert.equal(withoutPassword('https://token@t.example/'), 'https://***@t.example/')
    assert.equal(withoutPassword('https://:word@t.example/'), 'https://***@t.example/')
  })

  it('hides what might be a password where it is no valid address', () => {
    assert.equal(withoutPassword('http://bob:ro/ss@t.example'), 'http://***@t.example')
  })
})

describe('an address that is passed on', () => {
  it('has neither user name nor password', () => {
    assert.equal(withoutUserInfo('http://bob:ross@t.example/a?b@c'), 'http://t.example/a?b@c')
    assert.equal(withoutUserInfo('http://t.example/a@b'), 'http://t.example/a@b')
  })
})

describe('a text that repeats what was typed', () => {
  it('hides user names and passwords of all addresses in it', () => {
    assert.equal(
      withoutUserInfos("argument 'ftp://bob:ross@x/' is invalid; see http://y/ and udp://t@z"),
      "argument 'ftp://***@x/' is invalid; see http://y/ and udp://***@z",
    )
  })
})
