/** One place in the pattern that a match can have reached. */
interface State {
  /** Takes one character and goes on to `next`; absent in a state that only branches. */
  readonly accepts: ((character: string) => boolean) | undefined
  readonly next: State | undefined
  /** The states a match may move to without consuming a character. */
  readonly branches: State[]
}

/**
 * A file name pattern: `*` and `?` within a component, `**` for any number of whole components, `[a-z]`,
 * `[!a-z]`, `{one,two}`, and `\` before a character that means itself. Brackets and braces that are not
 * closed mean themselves. It is matched against all of a path with `/` between components. The time is
 * bounded by length of pattern times length of path, whatever the pattern. `picomatch` has no such bound, since it makes
 * a regular expression: `*a*a*a*ab` takes it seconds on a name of 255 characters. Its `?` takes half of a character
 * beyond U+FFFF, and it reads parentheses as groups, so that the name `a (1)` does not match itself.
 */
export class Glob {
  readonly pattern: string
  readonly #start: State
  readonly #end: State = { accepts: undefined, next: undefined, branches: [] }

  constructor(pattern: string) {
    this.pattern = pattern
    this.#start = new Parser(tokensOf([...pattern])).parse(this.#end)
  }

  matches(path: string): boolean {
    let states = reachable([this.#start])
    for (const character of path) {
      const next: State[] = []
      for (const state of states) {
        if (state.next !== undefined && state.accepts?.(character) === true) next.push(state.next)
      }
      if (next.length === 0) return false
      states = reachable(next)
    }
    return states.has(this.#end)
  }
}

/** All states that can be reached without taking a character. */
function reachable(from: readonly State[]): Set<State> {
  const states = new Set(from)
  // A Set walks over what is added while it is walked over.
  for (const state of states) for (const branch of state.branches) states.add(branch)
  return states
}

/** Braces and commas are only special where a brace is closed, so they carry what else they mean. */
type Token =
  | { readonly type: 'one'; readonly accepts: (character: string) => boolean }
  /** Any number of characters that `accepts` takes. */
  | { readonly type: 'many'; readonly accepts: (character: string) => boolean }
  /** Any number of whole components, each with its slash. */
  | { readonly type: 'folders' }
  | { readonly type: 'open'; isClosed: boolean }
  | { readonly type: 'comma' | 'close' }

const isAnything = (): boolean => true
const isSlash = (character: string): boolean => character === '/'
const isNoSlash = (character: string): boolean => character !== '/'
const is =
  (literal: string) =>
  (character: string): boolean =>
    character === literal

function tokensOf(characters: readonly string[]): Token[] {
  const tokens: Token[] = []
  const open: Extract<Token, { type: 'open' }>[] = []
  for (let at = 0; at < characters.length; ) {
    const character = characters[at] ?? ''
    const bracket = character === '[' ? bracketAt(characters, at) : undefined
    if (bracket !== undefined) {
      tokens.push({ type: 'one', accepts: bracket.accepts })
      at = bracket.end
    } else if (character === '*') {
      const stars = starsAt(characters, at)
      tokens.push(stars.token)
      at = stars.end
    } else if (character === '\\' && at + 1 < characters.length) {
      tokens.push({ type: 'one', accepts: is(characters[at + 1] ?? '') })
      at += 2
    } else {
      if (character === '{') {
        const token: Token = { type: 'open', isClosed: false }
        open.push(token)
        tokens.push(token)
      } else if (character === '}') {
        const opened = open.pop()
        if (opened !== undefined) opened.isClosed = true
        tokens.push({ type: 'close' })
      } else if (character === ',') tokens.push({ type: 'comma' })
      else tokens.push({ type: 'one', accepts: character === '?' ? isNoSlash : is(character) })
      at++
    }
  }
  return tokens
}

/** `**` alone between slashes stands for whole components; any other run of stars is one star. */
function starsAt(characters: readonly string[], start: number): { token: Token; end: number } {
  let end = start
  while (characters[end] === '*') end++
  const before = characters[start - 1]
  const after = characters[end]
  const isWhole = end - start === 2 && (before === undefined || before === '/')
  if (isWhole && after === '/') return { token: { type: 'folders' }, end: end + 1 }
  const accepts = isWhole && after === undefined ? isAnything : isNoSlash
  return { token: { type: 'many', accepts }, end }
}

function bracketAt(
  characters: readonly string[],
  start: number,
): { accepts: (character: string) => boolean; end: number } | undefined {
  let at = start + 1
  const isNegated = characters[at] === '!' || characters[at] === '^'
  if (isNegated) at++
  const first = at
  const ranges: { from: string; to: string }[] = []
  // A closing bracket that comes first means itself.
  while (at === first || characters[at] !== ']') {
    const from = characters[at]
    if (from === undefined) return undefined
    const to = characters[at + 2]
    const isRange = characters[at + 1] === '-' && to !== undefined && to !== ']'
    ranges.push({ from, to: isRange ? to : from })
    at += isRange ? 3 : 1
  }
  const isIn = (character: string): boolean =>
    ranges.some(range => range.from <= character && character <= range.to)
  return { accepts: character => isNoSlash(character) && isIn(character) !== isNegated, end: at + 1 }
}

/** A part of a pattern, as a function from the state that follows it to the state in which it begins. */
type Part = (next: State) => State

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(end: State): State {
    return this.#sequence(false)(end)
  }

  /** Inside of braces a sequence ends before a comma or the closing brace. */
  #sequence(isInBraces: boolean): Part {
    const parts: Part[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      const isEnd = isInBraces && (token?.type === 'comma' || token?.type === 'close')
      if (token === undefined || isEnd) return next => parts.reduceRight((state, part) => part(state), next)
      this.#at++
      parts.push(this.#part(token))
    }
  }

  #part(token: Token): Part {
    switch (token.type) {
      case 'one':
        return next => one(token.accepts, next)
      case 'many':
        return next => many(token.accepts, next)
      case 'folders':
        return folders
      case 'open':
        return token.isClosed ? this.#alternatives() : next => one(is('{'), next)
      case 'comma':
        return next => one(is(','), next)
      case 'close':
        return next => one(is('}'), next)
    }
  }

  #alternatives(): Part {
    const alternatives: Part[] = []
    do alternatives.push(this.#sequence(true))
    while (this.#tokens[this.#at++]?.type === 'comma')
    return next => branching(alternatives.map(alternative => alternative(next)))
  }
}

function one(accepts: (character: string) => boolean, next: State): State {
  return { accepts, next, branches: [] }
}

function branching(branches: State[]): State {
  return { accepts: undefined, next: undefined, branches }
}

function many(accepts: (character: string) => boolean, next: State): State {
  const start = branching([next])
  start.branches.push(one(accepts, start))
  return start
}

function folders(next: State): State {
  const start = branching([next])
  // At least one character, then its slash.
  const inside = branching([])
  inside.branches.push(one(isNoSlash, inside), one(isSlash, start))
  start.branches.push(one(isNoSlash, inside))
  return start
}
