// JSON of any length in pieces of some 64 KiB: a single string of Node.js ends at half a gigabyte, and memory long before that.

import { printableJson } from '../../base/printable.js'
import { textPieces } from '../../base/text-pieces.js'

/** A value of JSON of which the long parts are made only when they are written. */
export type LazyJson =
  | string
  | number
  | boolean
  | null
  | undefined
  | LazyText
  | readonly LazyJson[]
  | LazyList
  | { readonly [key: string]: LazyJson }

/** A text that is put together of strings and of UTF-8. */
export class LazyText {
  readonly parts: readonly (string | Uint8Array)[]

  constructor(...parts: readonly (string | Uint8Array)[]) {
    this.parts = parts
  }
}

/** A list whose items are created one at a time. */
export class LazyList<Item = LazyJson> {
  readonly items: () => Iterable<Item>

  constructor(items: () => Iterable<Item>) {
    this.items = items
  }
}

/** A value whose texts and lists may be lazy. */
export type Lazy<Value> = Value extends string
  ? string extends Value
    ? Value | LazyText
    : Value
  : Value extends readonly (infer Item)[]
    ? readonly Lazy<Item>[] | LazyList<Lazy<Item>>
    : Value extends object
      ? { [Key in keyof Value]: Lazy<Value[Key]> }
      : Value

/** Characters of a string that are encoded at once. */
const STRING_PIECE = 2 ** 14
/** Characters that are collected into one piece, about. */
const PIECE = 2 ** 16

/**
 * The JSON of a value, with `\u` escapes for what must not reach a terminal (`printableJson`). Members that are undefined are
 * left out.
 * @param end stands behind it
 */
export function* jsonPieces(value: LazyJson, end = ''): Generator<string> {
  let piece = ''
  for (const token of tokensOf(value)) {
    piece += token
    if (piece.length < PIECE) continue
    yield printableJson(piece)
    piece = ''
  }
  yield printableJson(piece) + end
}

function* tokensOf(value: LazyJson): Generator<string> {
  if (typeof value === 'string') {
    if (value.length <= STRING_PIECE) yield JSON.stringify(value)
    else yield* textTokens([value])
  } else if (value instanceof LazyText) yield* textTokens(value.parts)
  else if (value instanceof LazyList) yield* listTokens(value.items())
  else if (isList(value)) yield* listTokens(value)
  else if (typeof value === 'object' && value !== null) yield* memberTokens(value)
  else yield JSON.stringify(value) ?? 'null'
}

function isList(value: LazyJson): value is readonly LazyJson[] {
  return Array.isArray(value)
}

function* listTokens(items: Iterable<LazyJson>): Generator<string> {
  let head = '['
  for (const item of items) {
    yield head
    yield* tokensOf(item)
    head = ','
  }
  yield head === '[' ? '[]' : ']'
}

function* memberTokens(members: { readonly [key: string]: LazyJson }): Generator<string> {
  let head = '{'
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue
    yield `${head}${JSON.stringify(key)}:`
    yield* tokensOf(value)
    head = ','
  }
  yield head === '{' ? '{}' : '}'
}

function* textTokens(parts: readonly (string | Uint8Array)[]): Generator<string> {
  yield '"'
  for (const part of parts) {
    for (const text of typeof part === 'string' ? [part] : textPieces(part)) yield* insideQuotes(text)
  }
  yield '"'
}

function* insideQuotes(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + STRING_PIECE)
    // The two halves of a character stay together.
    const last = text.charCodeAt(end - 1)
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end++
    yield JSON.stringify(text.slice(at, end)).slice(1, -1)
    at = end
  }
}
