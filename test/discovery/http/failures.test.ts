import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { getSystemErrorMap } from 'node:util'
import { errors } from 'undici'
import { connectionFailure } from '../../../src/discovery/http/failures.js'

const withCode = (code: string, message = code) => Object.assign(new Error(message), { code })

describe('a failure of the HTTP client', () => {
  it('is never told in the words of the library', () => {
    const classes = Object.values(errors).filter(each => typeof each === 'function')
    assert.ok(classes.length > 20)
    for (const ErrorClass of classes) {
      const error: Error = Reflect.construct(ErrorClass, ['words of a library', 'x', {}])
      const bare: Error = Reflect.construct(ErrorClass, [undefined, undefined, {}])
      for (const thrown of [error, bare]) {
        const { reason } = connectionFailure(thrown)
        assert.doesNotMatch(reason, /words of a library| Error|\n/, ErrorClass.name)
        assert.ok(thrown.message === '' || !reason.includes(thrown.message), reason)
      }
    }
  })

  it('is never told in the words of the system', () => {
    for (const [, [code, description]] of getSystemErrorMap()) {
      const { reason } = connectionFailure(withCode(code, `connect ${code}: ${description}`))
      assert.doesNotMatch(reason, /^connect E/)
    }
    assert.equal(connectionFailure(new TypeError('x is undefined')).reason, 'the request failed')
    assert.equal(connectionFailure('oops').reason, 'the request failed')
  })

  it('names an unknown code, so that it can be looked up', () => {
    assert.equal(connectionFailure(withCode('EWHATEVER')).reason, 'the request failed (EWHATEVER)')
  })

  it('of a host with several addresses is the one that says most', () => {
    const all = new AggregateError([withCode('ENETUNREACH'), withCode('ECONNREFUSED')])
    assert.equal(connectionFailure(all).reason, 'connection refused')
    assert.equal(
      connectionFailure(new AggregateError([withCode('ENETUNREACH')])).reason,
      'no route to its network',
    )
    assert.equal(connectionFailure(new AggregateError([])).reason, 'the request failed')
  })

  const codes: readonly [code: string, reason: RegExp][] = [
    ['ENOTFOUND', /^no such host$/],
    ['EAI_AGAIN', /name server/],
    ['CERT_HAS_EXPIRED', /^its certificate has expired, or the clock/],
    ['CERT_NOT_YET_VALID', /^its certificate is not valid yet/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /authority that is not known/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /no secure connection/],
    ['HPE_INVALID_CHUNK_SIZE', /not HTTP/],
  ]
  for (const [code, reason] of codes) {
    it(`${code} has its words`, () => assert.match(connectionFailure(withCode(code)).reason, reason))
  }
})
