/** The page that opens when nothing else does: what we last knew, since when, and that we keep trying. */
import { type Html, html } from './html.ts'
import { icon } from './icon.ts'
import { type PageContext, page } from './page.ts'
import { mark } from './parts/mark.ts'

/** What the page is made of, for who keeps it. */
export const OFFLINE_FILES = { styles: ['offline.css'], scripts: ['offline.js'] } as const

/**
 * The same for everybody, since it is kept before anybody needs it; `offline.js` fills in the ride that this browser
 * saw last, and loads the page that was asked for as soon as there is a network.
 */
export function offlinePage(ctx: PageContext): Html {
  return page(ctx, {
    title: 'No network',
    ...OFFLINE_FILES,
    body: html`<main id="main" class="narrow offline" tabindex="-1">
<p class="offline-mark">${mark()}</p>
<section class="card problem">
<span class="problem-icon">${icon('wifi-off')}</span>
<h1>No network</h1>
<p id="offline-words">This page could not be loaded. It opens by itself as soon as there is a network again.</p>
<button class="button button-next" type="button" id="offline-again" hidden>Try again</button>
</section>
<section class="card offline-ride" id="offline-ride" aria-labelledby="offline-headline" hidden>
<p class="second">Your ride as of <b class="numbers" data-field="at"></b></p>
<h2 id="offline-headline" data-field="headline"></h2>
<p data-field="second"></p>
<p class="offline-car"><b data-field="driver"></b><span class="second" data-field="vehicle"></span><bdi dir="ltr" class="plate" data-field="plate"></bdi></p>
<p class="second"><span data-field="from"></span> → <span data-field="to"></span></p>
<p class="second">It may have changed since. Your ride goes on without this page.</p>
</section>
</main>`,
  })
}
