const BINARY = 1024
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Three significant digits and a binary unit: `512 B`, `1.46 KiB`, `12.3 MiB`, `999 GiB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  // 1000 and not 1024: "1000 MiB" is longer to read than "0.98 GiB".
  while (unit < BINARY_UNITS.length - 1 && (unit === 0 ? value >= BINARY : value >= 999.5)) {
    value /= BINARY
    unit++
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${BINARY_UNITS[unit]}`
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2)
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}
