import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Paints text for a terminal, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string

export const plain: Paint = (_format, text) => text

export const coloured: Paint = (format, text) => styleText(format, text, { validateStream: false })

export interface ColourWishes {
  /** False with `--no-color`. */
  readonly color: boolean
  readonly env: NodeJS.ProcessEnv
}

/**
 * The colours for `stream`: `--no-color` decides first, then `NO_COLOR` (https://no-color.org), then `FORCE_COLOR`, and then
 * the terminal, if there is one.
 */
export function paintFor(stream: NodeJS.WritableStream, { color, env }: ColourWishes): Paint {
  if (!color || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return plain
  if (env.FORCE_COLOR !== undefined) return /^(0|false)$/.test(env.FORCE_COLOR) ? plain : coloured
  return isTerminal(stream) && stream.hasColors(env) ? coloured : plain
}

function isTerminal(
  stream: NodeJS.WritableStream,
): stream is NodeJS.WriteStream & { hasColors(env: object): boolean } {
  return 'isTTY' in stream && stream.isTTY === true && 'hasColors' in stream
}
