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
