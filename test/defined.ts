import assert from 'node:assert/strict'

/** The value, which the test knows to be there. */
export function defined<Value>(value: Value | undefined): Value {
  assert.notEqual(value, undefined)
  return value as Value
}
