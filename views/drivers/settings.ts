/** What a driver sets for the work: what "Navigate" opens, how offers are heard, and the ways to the account and out. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { NAVIGATOR_WORDS, NAVIGATORS, type Navigator } from './navigate.ts'
import { DRIVER_STYLES } from './parts.ts'

export interface DriverSettingsProps {
  readonly navigator: Navigator
  readonly saved: boolean
  readonly key: string
}

/** @param options.isNight after sunset in the region: the page is dark then */
export function driverSettingsPage(
  ctx: PageContext,
  props: DriverSettingsProps,
  options: { isNight: boolean },
): Html {
  return listPage(ctx, {
    ...{ title: 'Settings', isNight: options.isNight, scripts: ['driver-sound.js'] },
    toasts: props.saved ? [{ id: 'told', text: 'Saved. “Navigate” opens it from now on.' }] : [],
    content: html`${navigation(ctx, props)}${sound()}
<section class="card stack" aria-labelledby="more-title"><h2 id="more-title" class="card-title">You</h2><ul class="link-rows">${linkRow('/driver/messages', 'message-square-text', 'The desk', 'What it wrote to you, and your answers')}${linkRow('/driver/papers', 'id-card', 'Papers', 'Licence, cars, driving hours')}${linkRow('/account/profile', 'circle-user-round', 'Account', 'Name, picture, language, dark or light')}${linkRow('/account/security', 'shield-check', 'Sign-in and security', 'Password, second factor, devices')}</ul>
<form method="post" action="/sign-out">${formKeys({ csrf: ctx.csrf })}<button class="button button-plain button-wide">${icon('log-out')}Sign out</button></form></section>`,
  })
}

/** A page of the driver's beside the driving: the way back, a title, its sections. */
export function listPage(
  ctx: PageContext,
  props: {
    title: string
    isNight: boolean
    content: Html
    scripts?: readonly string[]
    toasts?: readonly { id: string; text: string }[]
  },
): Html {
  const { title, isNight, content, scripts = [], toasts = [] } = props
  return page(ctx, {
    ...{ title, layout: 'plain', app: 'driver', styles: DRIVER_STYLES, scripts, toasts },
    theme: isNight ? 'dark' : undefined,
    body: html`<main id="main" class="earnings" tabindex="-1">
<header class="earnings-head"><a class="pill pill-round" href="/driver">${icon('arrow-left')}<span class="screen-reader">Back to driving</span></a><h1>${title}</h1></header>
${content}
</main>`,
  })
}

function navigation(ctx: PageContext, { navigator, key }: DriverSettingsProps): Html {
  return html`<form method="post" action="/driver/settings" class="card stack">${formKeys({ csrf: ctx.csrf, key })}<fieldset class="vehicles"><legend class="card-title">“Navigate” opens</legend>${NAVIGATORS.map(
    (one) =>
      html`<label class="vehicle"><input type="radio" name="navigates_by" value="${one}"${one === navigator ? html` checked` : null}><span><b>${NAVIGATOR_WORDS[one].name}</b><span class="second">${NAVIGATOR_WORDS[one].hint}</span></span></label>`,
  )}</fieldset><button class="button button-next button-wide" data-busy="Saving…">Save</button></form>`
}

/** Of this phone alone, so the phone keeps it; `driver-sound.js` shows and sets it. */
function sound(): Html {
  return html`<section class="card stack" id="sound" aria-labelledby="sound-title" hidden><h2 id="sound-title" class="card-title">How offers are heard on this phone</h2><fieldset class="vehicles"><legend class="screen-reader">Sound and vibration</legend>${SOUNDS.map(
    ([value, name, hint]) =>
      html`<label class="vehicle"><input type="radio" name="sound" value="${value}"><span><b>${name}</b><span class="second">${hint}</span></span></label>`,
  )}</fieldset><button type="button" class="button button-plain button-wide" data-try>${icon('bell')}Try it</button></section>`
}

const SOUNDS = [
  ['on', 'Tone and vibration', 'Heard over the radio'],
  ['felt', 'Vibration alone', 'For a phone in the pocket or a quiet car'],
  ['off', 'Neither', 'The card on the screen is all there is'],
] as const

function linkRow(href: string, name: IconName, title: string, hint: string): Html {
  return html`<li><a class="link-row" href="${href}">${icon(name)}<span><b>${title}</b><span class="second">${hint}</span></span>${icon('chevron-right')}</a></li>`
}
