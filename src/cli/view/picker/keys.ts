/** A key as the picker knows it; `text` is anything that is typed into the filter. */
export type PickerKey =
  | {
      readonly type:
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'space'
        | 'all'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'interrupt'
        | 'suspend'
    }
  | { readonly type: 'text'; readonly text: string }

/** By what a terminal in raw mode sends: sequences of xterm, of the Linux console and of rxvt. */
const KEYS: ReadonlyMap<string, Exclude<PickerKey['type'], 'text'>> = new Map([
  ['\x1b[A', 'up'],
  ['\x1bOA', 'up'],
  ['\x1b[B', 'down'],
  ['\x1bOB', 'down'],
  ['\x1b[C', 'right'],
  ['\x1bOC', 'right'],
  ['\x1b[D', 'left'],
  ['\x1bOD', 'left'],
  ['\x1b[5~', 'page-up'],
  ['\x1b[6~', 'page-down'],
  ['\x1b[H', 'home'],
  ['\x1bOH', 'home'],
  ['\x1b[1~', 'home'],
  ['\x1b[7~', 'home'],
  ['\x1b[F', 'end'],
  ['\x1bOF', 'end'],
  ['\x1b[4~', 'end'],
  ['\x1b[8~', 'end'],
  ['\x1b', 'escape'],
  [' ', 'space'],
  ['\x01', 'all'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  ['\x03', 'interrupt'],
  ['\x1a', 'suspend'],
])

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys that are no character are sent as these
const TOKENS = /\x1b\[[\d;]*[~A-Za-z]|\x1bO[A-Za-z]|[\s\S]/gu

/** The keys in one chunk of input, in order. Keys that the picker does not know are left out. */
export function* keysIn(chunk: string): Generator<PickerKey> {
  for (const [token] of chunk.matchAll(TOKENS)) {
    const type = KEYS.get(token)
    if (type !== undefined) yield { type }
    else if (!/^\p{C}/u.test(token)) yield { type: 'text', text: token }
  }
}
