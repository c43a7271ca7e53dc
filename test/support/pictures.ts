/** Pictures made on the spot. The app opens nothing but JPEG, PNG and WebP, so they are drawn from raw pixels. */
import sharp from 'sharp'

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly colour?: string
}

export function drawn({ width = 400, height = 300, colour = '#f5b417' }: Look = {}) {
  return sharp({ create: { width, height, channels: 3, background: colour } })
}

export const jpeg = async (look?: Look) => new Uint8Array(await drawn(look).jpeg().toBuffer())
export const png = async (look?: Look) => new Uint8Array(await drawn(look).png().toBuffer())
export const webp = async (look?: Look) => new Uint8Array(await drawn(look).webp().toBuffer())
export const blob = (bytes: Uint8Array, type = 'image/jpeg') =>
  new Blob([bytes as Uint8Array<ArrayBuffer>], { type })

/** Lines of print on a card, as a phone's picture of a licence. */
export async function licencePicture(lines: readonly string[]): Promise<Uint8Array> {
  const printed = await Promise.all(
    lines.map(async (line) => {
      const text = { text: `<span foreground="#101010">${line}</span>`, font: 'Sans', dpi: 220, rgba: true }
      return sharp({ text }).png().toBuffer()
    }),
  )
  return new Uint8Array(
    await sharp({ create: { width: 1400, height: 900, channels: 3, background: '#e9e6da' } })
      .composite(printed.map((input, n) => ({ input, left: 80, top: 50 + n * 90 })))
      .jpeg({ quality: 85 })
      .toBuffer(),
  )
}
