/** How somebody signs in, what protects it, and what happened lately. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import type { ToastProps } from '../parts/toast.ts'
import { passkeyForm } from './passkey-form.ts'
import { settingsPage } from './settings.ts'

export interface PasskeyProps {
  readonly id: string
  readonly name: string
  readonly synced: boolean
  readonly createdAtMs: number
  readonly usedAtMs: number | null
}

export interface SecurityEventProps {
  readonly atMs: number
  /** What happened, after the person's name: `signed in`. */
  readonly words: string
  /** Whether it was the person; else somebody at a back office, or nobody we know. */
  readonly byThem: boolean
  readonly address: string | null
}

export interface SecurityProps {
  readonly hasPassword: boolean
  readonly app: { readonly createdAtMs: number; readonly usedAtMs: number | null } | null
  readonly passkeys: readonly PasskeyProps[]
  readonly backupCodesLeft: number
  readonly fewBackupCodes: boolean
  /** Roles that wait for a second factor, as people say them: `dispatcher of Canal Street Cars`. */
  readonly waitingRoles: readonly string[]
  readonly events: readonly SecurityEventProps[]
  readonly done?: SecurityDone | undefined
  /** A fresh one-time key for each form. */
  readonly key: () => string
}

export type SecurityDone = 'app' | 'app_gone' | 'passkey' | 'passkey_gone' | 'codes' | 'there_already'

const SAID: Readonly<Record<SecurityDone, ToastProps>> = {
  app: { id: 'security', text: 'Your authenticator app is set up.' },
  app_gone: { id: 'security', text: 'The authenticator app is taken away.' },
  passkey: { id: 'security', text: 'Your passkey is added.' },
  passkey_gone: { id: 'security', text: 'The passkey is taken away. You can delete it on your device too.' },
  codes: { id: 'security', text: 'Keep your codes where you find them without your phone.' },
  there_already: { id: 'security', text: 'You have an authenticator app already.', tone: 'warn' },
}

export const SECURITY_EXTRAS = { styles: ['security.css'], scripts: ['security.js'] } as const

/** The page `/account/security`. */
export function securityPage(ctx: PageContext, props: SecurityProps): Html {
  const second = props.app !== null || props.passkeys.length > 0
  const content = html`${waiting(props)}${password(props)}${app(ctx, props)}${passkeys(ctx, props)}${
    second ? backupCodes(ctx, props) : null
  }${events(ctx, props)}`
  return settingsPage(ctx, {
    ...SECURITY_EXTRAS,
    tab: 'security',
    title: 'Sign-in and security',
    content,
    toasts: props.done === undefined ? [] : [SAID[props.done]],
  })
}

function waiting({ waitingRoles, app, passkeys }: SecurityProps): Html | null {
  if (waitingRoles.length === 0) return null
  const roles = listed(waitingRoles)
  const has = app !== null || passkeys.length > 0
  return html`<section class="card" aria-labelledby="waiting-title"><h2 id="waiting-title">${has ? 'Sign in with your second factor' : 'Add a second factor to start work'}</h2>
<p>As ${roles} you work with other people’s rides and details. A stolen password must not be enough for that, so your role waits until ${has ? 'you have shown your second factor in this session' : 'there is one more thing that only you have: an app on your phone, or a passkey'}.</p>
<div class="button-row">${
    has
      ? html`<a class="button button-next" href="/confirm?next=/account/security">Show it now</a>`
      : html`<a class="button button-next" href="/account/security/app">Set up an app</a>${passkeyLink('button-plain')}`
  }</div></section>`
}

function passkeyLink(look: 'button-plain' | 'button-next'): Html {
  return html`<a class="button ${look}" href="/account/security/passkeys/new">Add a passkey</a>`
}

function password({ hasPassword, passkeys }: SecurityProps): Html {
  // Choosing one asks for proof first; who has nothing to prove it with gets a letter.
  const way = hasPassword || passkeys.length > 0 ? '/account/password' : '/forgot-password'
  return html`<section class="card" aria-labelledby="password-title"><div class="factor-head"><div><h2 id="password-title">Password</h2>
<p class="second">${hasPassword ? 'After a change every other device has to sign in again.' : 'You have none yet.'}</p></div>
<a class="button button-plain" href="${way}">${hasPassword ? 'Change password' : 'Choose a password'}</a></div></section>`
}

function app(ctx: PageContext, { app, key, waitingRoles }: SecurityProps): Html {
  const head = html`<div><h2 id="app-title">Authenticator app</h2><p class="second">${
    app === null
      ? 'After the password you type six digits that an app on your phone shows.'
      : html`Set up ${day(ctx, app.createdAtMs)}. ${app.usedAtMs === null ? 'Not used yet.' : html`Last used ${day(ctx, app.usedAtMs)}, ${clock(ctx, app.usedAtMs)}.`}`
  }</p></div>`
  if (app === null)
    return html`<section class="card" aria-labelledby="app-title"><div class="factor-head">${head}${
      waitingRoles.length > 0
        ? null
        : html`<a class="button button-plain" href="/account/security/app">Set up</a>`
    }</div></section>`
  return html`<section class="card" aria-labelledby="app-title"><div class="factor-head">${head}${on()}</div>
<form method="post" action="/account/security/app/removal">${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-danger button-compact" data-busy="Taking away…">Take away</button></form></section>`
}

function on(): Html {
  return html`<span class="badge badge-ok">${icon('check')}On</span>`
}

function passkeys(ctx: PageContext, { passkeys: all, key, waitingRoles }: SecurityProps): Html {
  const list = html`<ul class="factor-list">${all.map(
    (passkey) =>
      html`<li><div><p><b>${passkey.name}</b></p><p class="second">${passkey.synced ? 'On your devices' : 'On one device'}, since ${day(ctx, passkey.createdAtMs)}. ${
        passkey.usedAtMs === null
          ? 'Not used yet.'
          : html`Last used ${day(ctx, passkey.usedAtMs)}, ${clock(ctx, passkey.usedAtMs)}.`
      }</p></div>
<form method="post" action="/account/security/passkeys/${passkey.id}/removal">${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-danger button-compact" aria-label="Take away ${passkey.name}" data-busy="Taking away…">Take away</button></form></li>`,
  )}</ul>`
  return html`<section class="card" aria-labelledby="passkeys-title"><div class="factor-head"><div><h2 id="passkeys-title">Passkeys</h2>
<p class="second">Sign in with your finger, your face or the PIN of your device: no password to type, and none to steal.</p></div>${
    all.length === 0 && waitingRoles.length > 0 ? null : passkeyLink('button-plain')
  }</div>${all.length === 0 ? null : list}</section>`
}

function backupCodes(ctx: PageContext, { backupCodesLeft: left, fewBackupCodes, key }: SecurityProps): Html {
  const count = left === 0 ? 'None left' : left === 1 ? 'One left' : `${left} left`
  return html`<section class="card" aria-labelledby="codes-title"><div class="factor-head"><div><h2 id="codes-title">Backup codes</h2>
<p class="second">For the day your phone is lost or flat. Each works once. New ones replace the old.</p></div>
<span class="badge ${fewBackupCodes ? 'badge-warn' : 'badge-ok'}">${icon(fewBackupCodes ? 'triangle-alert' : 'check')}${count}</span></div>
${fewBackupCodes ? html`<p class="notice">${icon('triangle-alert')}<span>${left === 0 ? 'You have no backup codes. Make new ones, so that a lost phone does not lock you out.' : 'You have few backup codes left. Make new ones before you need them.'}</span></p>` : null}
<form method="post" action="/account/security/backup-codes">${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-plain button-compact" data-busy="Making…">Make new codes</button></form></section>`
}

function events(ctx: PageContext, { events: all }: SecurityProps): Html {
  const list = html`<ul class="factor-list">${all.map(
    (event) =>
      html`<li><div><p>${event.byThem ? sentence(event.words) : html`<b>Somebody else</b> ${event.words}`}</p>${
        event.address === null ? null : html`<p class="second">From <bdi dir="ltr">${event.address}</bdi></p>`
      }</div><p class="second">${day(ctx, event.atMs)}, ${clock(ctx, event.atMs)}</p></li>`,
  )}</ul>`
  return html`<section class="card" aria-labelledby="events-title"><div><h2 id="events-title">What happened lately</h2>
<p class="second">Something you did not do? Change your password, and sign out what you do not know under <a href="/account/devices">Devices</a>.</p></div>
${all.length === 0 ? emptyState({ title: 'Nothing yet', text: 'Sign-ins and changes to your account appear here.' }) : list}</section>`
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

export interface AppSetUpProps {
  /** The QR code, an SVG we drew. */
  readonly qr: Html
  /** In groups of four. */
  readonly secret: string
  readonly uri: string
  readonly sealed: string
  readonly wrong: boolean
  readonly key: string
}

/** The page `/account/security/app`. */
export function appSetUpPage(ctx: PageContext, props: AppSetUpProps): Html {
  const content = html`<section class="card" aria-labelledby="scan-title"><h2 id="scan-title">1. Give the app its secret</h2>
<p>Open your authenticator app (any will do), choose to add an account, and scan this.</p>
<div class="qr" role="img" aria-label="QR code with the secret; it stands below as text too">${props.qr}</div>
<p class="second">No camera? <a href="${props.uri}">Open the app on this device</a>, or type this secret into it:</p>
<code class="secret">${props.secret}</code></section>
<section class="card" aria-labelledby="code-title"><h2 id="code-title">2. Show that it works</h2>
<form method="post" action="/account/security/app" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="sealed" value="${props.sealed}">
${field({
  name: 'code',
  label: 'The six digits it shows now',
  autocomplete: 'one-time-code',
  required: true,
  maxLength: 20,
  ...(props.wrong
    ? {
        error:
          'That is not the code of now. Wait for the next one and type it; check that your phone’s clock is right.',
      }
    : { hint: 'They change every thirty seconds.' }),
})}
<div class="button-row"><button class="button button-next" data-busy="Checking…">Turn on</button><a class="button button-quiet" href="/account/security">Not now</a></div></form></section>`
  return settingsPage(ctx, {
    ...SECURITY_EXTRAS,
    tab: 'security',
    title: 'Set up an authenticator app',
    content,
  })
}

export interface NewPasskeyProps {
  readonly name: string
  readonly error?: string
  readonly key: string
}

/** The page `/account/security/passkeys/new`; making one needs a script. */
export function newPasskeyPage(ctx: PageContext, props: NewPasskeyProps): Html {
  const content = html`<section class="card" aria-labelledby="new-title"><h2 id="new-title">Name it, then follow your device</h2>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
${passkeyForm({
  csrf: ctx.csrf,
  key: props.key,
  action: '/account/security/passkeys',
  ask: { purpose: 'register' },
  label: 'Make the passkey',
  button: 'button-next',
  fields: field({
    name: 'name',
    label: 'Name',
    value: props.name,
    required: true,
    maxLength: 60,
    hint: 'So that you know later which one it is.',
  }),
})}
<p class="notice" data-no-passkeys hidden>${icon('triangle-alert')}<span>This browser cannot make passkeys. Use a newer one, or set up an authenticator app.</span></p>
<noscript><p class="notice">${icon('triangle-alert')}<span>Making a passkey needs scripts, and they are off here. An authenticator app works without.</span></p></noscript>
<div><a class="button button-quiet" href="/account/security">Not now</a></div></section>`
  return settingsPage(ctx, { ...SECURITY_EXTRAS, tab: 'security', title: 'Add a passkey', content })
}

export interface BackupCodesProps {
  /** Null: they were put away, or their ten minutes are over. */
  readonly codes: readonly string[] | null
  readonly key: string
}

const ICONS: Readonly<Record<'copy' | 'print' | 'download', IconName>> = {
  copy: 'copy',
  print: 'printer',
  download: 'download',
}

/** The page `/account/security/backup-codes`. */
export function backupCodesPage(ctx: PageContext, props: BackupCodesProps): Html {
  const { codes } = props
  const content =
    codes === null
      ? html`<section class="card" aria-labelledby="gone-title"><h2 id="gone-title">These codes are not shown again</h2>
<p>Nobody can read them here any more, not even you. The ones you kept still work; if you did not keep them, make new ones.</p>
<div><a class="button button-plain" href="/account/security">Back to security</a></div></section>`
      : html`<section class="card" aria-labelledby="codes-title"><h2 id="codes-title">Keep these somewhere safe</h2>
<p>When your phone is lost or flat, each of them signs you in once instead of a code from your app or a passkey. They are shown now and never again.</p>
<ul class="backup-codes" id="codes">${codes.map((code) => html`<li><bdi dir="ltr">${code}</bdi></li>`)}</ul>
<div class="button-row"><a class="button button-plain" download="honeycab-backup-codes.txt" href="data:text/plain;charset=utf-8,${encodeURIComponent(asText(codes))}">${icon(ICONS.download)}Download</a><button type="button" class="button button-plain" data-copy="codes" hidden>${icon(ICONS.copy)}Copy</button><button type="button" class="button button-plain" data-print hidden>${icon(ICONS.print)}Print</button></div>
<form method="post" action="/account/security/backup-codes/kept">${formKeys({ csrf: ctx.csrf, key: props.key })}<button class="button button-next" data-busy="Putting away…">I have kept them</button></form></section>`
  return settingsPage(ctx, { ...SECURITY_EXTRAS, tab: 'security', title: 'Backup codes', content })
}

function asText(codes: readonly string[]): string {
  return `Honeycab backup codes. Each works once.\n\n${codes.join('\n')}\n`
}
