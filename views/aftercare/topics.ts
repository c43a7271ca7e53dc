/** A choice of one among some: real radio buttons, drawn as chips that wrap. */
import { type Html, html } from '../html.ts'

export function segmentsOfTopics(
  topics: Readonly<Record<string, string>>,
  { label, chosen }: { readonly label: string; readonly chosen: string | null },
): Html {
  return html`<fieldset class="rating-words"><legend>${label}</legend><div class="word-boxes">${Object.entries(
    topics,
  ).map(
    ([key, words]) =>
      html`<label class="word-box"><input type="radio" name="topic" value="${key}" required${chosen === key ? html` checked` : null}><span>${words}</span></label>`,
  )}</div></fieldset>`
}
