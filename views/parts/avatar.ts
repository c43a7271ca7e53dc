/** A person's face: their picture where they gave one, else their initials. The name is written beside it. */
import { type Html, html } from '../html.ts'
import { formKeys } from './field.ts'
import { initials } from './format.ts'

export interface AvatarProps {
  readonly name: string
  readonly avatarId: string | null
  /** `large` on a person's own page; else as high as a row. */
  readonly size?: 'row' | 'large'
}

export function avatar({ name, avatarId, size = 'row' }: AvatarProps): Html {
  const px = size === 'large' ? 96 : 44
  const look = size === 'large' ? 'avatar avatar-large' : 'avatar'
  return avatarId === null
    ? html`<span class="${look}" aria-hidden="true">${initials(name)}</span>`
    : html`<img class="${look}" src="/avatars/${avatarId}${size === 'large' ? '?size=512' : ''}" alt="" width="${px}" height="${px}" loading="lazy">`
}

export interface AvatarFormProps {
  readonly name: string
  readonly avatarId: string | null
  readonly csrf: string
  /** One-time keys, one a form. */
  readonly keys: readonly [string, string]
  readonly error?: string
}

/** The card on the profile page where a picture is chosen or taken away. */
export function avatarForm(props: AvatarFormProps): Html {
  const described = props.error === undefined ? 'avatar-hint' : 'avatar-error'
  return html`<section class="card" id="picture"><h2>Your picture</h2>
<div class="avatar-form">${avatar({ name: props.name, avatarId: props.avatarId, size: 'large' })}
<form method="post" action="/account/avatar" enctype="multipart/form-data" class="stack">${formKeys({ csrf: props.csrf, key: props.keys[0] })}
<div class="field"><label class="field-label" for="field-picture">Choose a picture</label><input class="input input-file" id="field-picture" name="picture" type="file" accept="image/jpeg,image/png,image/webp" required aria-describedby="${described}"${props.error === undefined ? null : html` aria-invalid="true"`}>
${props.error === undefined ? html`<p class="field-hint" id="avatar-hint">JPEG, PNG or WebP, up to 8 MB. We cut it to a square and take out where it was made.</p>` : html`<p class="field-error" id="avatar-error" role="alert">${props.error}</p>`}</div>
<button class="button button-plain" data-busy="Sending…">Use this picture</button></form>
${props.avatarId === null ? null : html`<form method="post" action="/account/avatar/removal">${formKeys({ csrf: props.csrf, key: props.keys[1] })}<button class="button button-plain">Remove picture</button></form>`}</div>
<p class="second">Riders and drivers see it during a ride together, and so do the people of your company. Whether drivers see it you choose on the <a href="/account/privacy">privacy page</a>.</p></section>`
}
