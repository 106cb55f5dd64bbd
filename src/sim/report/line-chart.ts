/** Curves with common axes, as an SVG picture. */

interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly series: readonly Series[]
}

const WIDTH = 720
const HEIGHT = 400
const MARGIN = { left: 70, right: 20, top: 40, bottom: 50 }
const TICKS = 5
/** Colours that differ for the colour-blind, too (Okabe and Ito, 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00']
/** Points drawn of a curve: more cannot be seen. */
const MAX_POINTS = 600

export function lineChart({ title, xLabel, yLabel, series }: Chart): string {
  const points = series.flatMap(each => each.points)
  const xTop = niceTop(Math.max(0, ...points.map(([x]) => x)))
  const yTop = niceTop(Math.max(0, ...points.map(([, y]) => y)))
  const right = WIDTH - MARGIN.right
  const bottom = HEIGHT - MARGIN.bottom
  const toX = (x: number) => MARGIN.left + (x / xTop) * (right - MARGIN.left)
  const toY = (y: number) => bottom - (y / yTop) * (bottom - MARGIN.top)
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 22, title, 'middle', ' font-size="15"'),
    ...ticks.map(part => {
      const y = toY(part * yTop).toFixed(1)
      return `<line x1="${MARGIN.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#ddd"/>`
    }),
    ...ticks.map(part => text(MARGIN.left - 8, toY(part * yTop) + 4, label(part * yTop), 'end')),
    ...ticks.map(part => text(toX(part * xTop), bottom + 18, label(part * xTop), 'middle')),
    text((MARGIN.left + right) / 2, HEIGHT - 12, xLabel, 'middle'),
    text(16, HEIGHT / 2, yLabel, 'middle', ` transform="rotate(-90 16 ${HEIGHT / 2})"`),
    ...series.map(({ points: curve }, i) => {
      const path = thinned(curve).map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`)
      return `<polyline fill="none" stroke="${colour(i)}" stroke-width="2" points="${path.join(' ')}"/>`
    }),
    ...series.map(({ name }, i) =>
      text(MARGIN.left + 12, MARGIN.top + 16 * (i + 1), name, 'start', ` fill="${colour(i)}"`),
    ),
    '</svg>\n',
  ].join('\n')
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? 'black'
}

function thinned(points: Series['points']): Series['points'] {
  const step = Math.ceil(points.length / MAX_POINTS)
  return points.filter((_, i) => i % step === 0 || i === points.length - 1)
}

/** The next number up that five steps divide well. */
function niceTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(each => each * power >= value) ?? 10
  return step * power
}

function label(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function text(x: number, y: number, content: string, anchor: string, more = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>${escaped}</text>`
}
