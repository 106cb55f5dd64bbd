import cliProgress from 'cli-progress'
import { printable } from '../../base/printable.js'
import { Frame } from './frame.js'
import { MeasuredRow, type MeasuredSnapshot } from './measured-row.js'
import type { Paint } from './palette.js'
import { layoutOf, type ProgressLayout } from './progress-layout.js'
import { type DrawBar, progressLine, totalsLabel, totalsLine } from './progress-line.js'
import type { ProgressRow, ProgressView, ViewOptions } from './progress-view.js'
import { type Keyboard, watchTerminal } from './terminal-watch.js'
import { widthOf } from './text.js'
import { type Totals, totalsOf } from './totals.js'

const FRAME_MS = 200

/** From this number of rows on, the choice of those shown is made twice a second and not for each frame. */
const MANY_ROWS = 200
const CHOICE_MS = 500

interface ShownRow {
  readonly measured: MeasuredRow
  readonly snapshot: MeasuredSnapshot
  readonly nameWidth: number
}

/** Bars that are drawn in place: never more than fit in the window, busy ones first, with a line of totals below. */
export class BarsView implements ProgressView {
  readonly #stream: NodeJS.WriteStream
  readonly #paint: Paint
  readonly #frame: Frame
  readonly #drawBar: DrawBar = barDrawer(process.env)
  readonly #rows = new Map<ProgressRow, MeasuredRow>()
  readonly #timer: NodeJS.Timeout
  readonly #watch: Disposable
  /** The rows that are shown, if there are many. */
  #chosen: readonly MeasuredRow[] = []
  #totals: Totals | undefined
  /** Lines that are to stand above the bars with the next frame. */
  readonly #pending: string[] = []
  #chooseAt = 0
  /** Between Ctrl-Z and `fg`: other timers may fire before the signal that it goes on is told. */
  #isSuspended = false
  // A program that leaves by `process.exit` must not leave a terminal without a cursor.
  readonly #onExit = (): void => this.#frame.clear()

  constructor({ stream, paint }: ViewOptions, keyboard?: Keyboard) {
    this.#stream = stream
    this.#paint = paint
    this.#frame = new Frame(stream)
    this.#timer = setInterval(() => this.#draw(), FRAME_MS)
    // Progress alone is no reason to stay.
    this.#timer.unref()
    this.#watch = watchTerminal(
      stream,
      {
        onResize: () => this.#draw(),
        onSuspend: () => {
          this.#frame.clear()
          this.#isSuspended = true
        },
        onResume: () => {
          this.#isSuspended = false
          this.#frame.forget()
          this.#draw()
        },
        onLineEndsTyped: count => this.#frame.lineEndsTyped(count),
      },
      keyboard,
    )
    process.on('exit', this.#onExit)
  }

  add(row: ProgressRow): void {
    this.#rows.set(row, new MeasuredRow(row))
    this.#redraw()
  }

  remove(row: ProgressRow): void {
    if (this.#rows.delete(row)) this.#redraw()
  }

  print(line: string): void {
    this.#pending.push(line)
    this.#draw()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#watch[Symbol.dispose]()
    process.off('exit', this.#onExit)
    this.#rows.clear()
    this.#isSuspended = false
    this.#draw()
  }

  #redraw(): void {
    this.#chooseAt = 0
    this.#draw()
  }

  #draw(): void {
    if (this.#isSuspended) return
    if (this.#rows.size === 0) {
      this.#frame.clear()
      for (const line of this.#pending.splice(0)) this.#stream.write(`${line}\n`)
      return
    }
    const now = performance.now()
    this.#choose(now)
    const shown = this.#chosen.map(measured => ({
      measured,
      snapshot: measured.snapshot(now),
      nameWidth: widthOf(printable(measured.row.name)),
    }))
    this.#frame.draw(this.#linesOf(shown), this.#pending.splice(0))
  }

  #linesOf(shown: readonly ShownRow[]): string[] {
    const totals = this.#totals
    // The last column stays free: a terminal would wrap there.
    const layout = layoutOf(shown, this.#frame.columns - 1, totals && widthOf(totalsLabel(totals)))
    const lines = shown.map(row => this.#lineOf(row, layout))
    if (totals !== undefined) lines.push(totalsLine(totals, layout, this.#paint))
    return lines
  }

  #lineOf({ measured, snapshot }: ShownRow, layout: ProgressLayout): string {
    return progressLine(measured.row.name, snapshot, layout, this.#paint, this.#drawBar)
  }

  /** Decides which rows are shown, and sums up all of them. */
  #choose(now: number): void {
    if (this.#rows.size > MANY_ROWS && now < this.#chooseAt) return
    this.#chooseAt = now + CHOICE_MS
    const rows = [...this.#rows.values()].map(measured => ({ measured, snapshot: measured.snapshot(now) }))
    const fitting = Math.max(1, this.#frame.rows - 2)
    const hasTotals = rows.length > 1 && fitting > 1
    const lines = hasTotals ? fitting - 1 : fitting
    const busiest = rows.length <= lines ? rows : mostBusy(rows).slice(0, lines)
    this.#chosen = busiest.map(({ measured }) => measured)
    this.#totals = hasTotals
      ? totalsOf(
          rows.map(({ snapshot }) => snapshot),
          rows.length - busiest.length,
        )
      : undefined
  }
}

/** Rows that are not complete come first, then those that upload; equal ones keep their order. */
function mostBusy<Row extends { readonly snapshot: MeasuredSnapshot }>(rows: readonly Row[]): Row[] {
  const groups: Row[][] = [[], [], [], []]
  for (const row of rows) groups[calmness(row.snapshot)]?.push(row)
  return groups.flat()
}

function calmness(snapshot: MeasuredSnapshot): number {
  if (snapshot.type === 'seeding') return snapshot.up > 0 ? 2 : 3
  return snapshot.type === 'downloading' && snapshot.down > 0 ? 0 : 1
}

/** The consoles of Linux and of old Windows have no block characters. */
function barDrawer(env: NodeJS.ProcessEnv): DrawBar {
  const isModern =
    process.platform === 'win32'
      ? env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
      : env.TERM !== 'linux'
  const [complete, incomplete] = isModern ? ['█', '░'] : ['=', '-']
  return (barsize, part) =>
    cliProgress.Format.BarFormat(part, {
      barsize,
      barGlue: '',
      barCompleteString: complete.repeat(barsize),
      barIncompleteString: incomplete.repeat(barsize),
    })
}
