/** A person's own pages about themselves: profile, letters, privacy; and the theme of a browser nobody is signed in on. */
import { Elysia } from 'elysia'
import type { z } from 'zod'
import { notificationsPage } from '../../views/accounts/notifications.ts'
import { privacyPage } from '../../views/accounts/privacy.ts'
import { profilePage, type Refused } from '../../views/accounts/profile.ts'
import { commit, type Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { NOTICE_SWITCHES, type NoticeSwitch } from '../notices/notices.ts'
import { type ActDeps, act } from '../web/act.ts'
import {
  htmlResponse,
  ownPath,
  requireViewer,
  seeOther,
  type ToPage,
  type WebContext,
} from '../web/context.ts'
import { cookieLine } from '../web/cookies.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import type { Shell } from '../web/shell.ts'
import { holds } from '../web/viewer.ts'
import { LANGUAGES, settingsOf, THEME_COOKIE, type THEMES } from './preferences.ts'
import {
  type Changer,
  changeLetters,
  changeLooks,
  changeName,
  changePhone,
  changePrivacy,
} from './profile.ts'
import {
  lettersForm,
  looksForm,
  nameForm,
  phoneForm,
  privacyForm,
  savedQuery,
  themeForm,
} from './profile-shapes.ts'

export interface ProfileRouteDeps extends ActDeps {
  readonly shell: Shell
  readonly random: Random
  readonly toPage: ToPage
  readonly config: { readonly publicUrl: string }
  readonly profile: ProfilePage
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

/** The cookie of a theme lasts a year, like the habit of a browser. */
const THEME_KEPT_S = 365 * 86_400

/** The profile page, for those whose forms stand on it. */
export type ProfilePage = (
  asked: { readonly web: WebContext; readonly request: Request },
  more?: { readonly saved?: string | undefined; readonly refused?: Refused },
) => Promise<string>

export function makeProfilePage({
  random,
  toPage,
}: Pick<ProfileRouteDeps, 'random' | 'toPage'>): ProfilePage {
  return async ({ web, request }, more = {}) => {
    const settings = await settingsOf(web.db, requireViewer(web).identityId)
    const language = LANGUAGES.find((known) => known === settings.language) ?? 'en'
    const key = () => random.uuid()
    return String(profilePage(toPage(web, request), { ...settings, language, ...more, key }))
  }
}

export function profileRoutes(deps: ProfileRouteDeps) {
  const { clock, random, toPage, profile } = deps
  const secure = deps.config.publicUrl.startsWith('https:')
  const key = () => random.uuid()

  /** A form of the profile page: shown again when refused, else done once. */
  async function change<T>(
    asked: Asked,
    form: { shape: z.ZodType<T>; field: string; route: string; saved: string },
    work: (unit: Work, changer: Changer, data: T) => Promise<void>,
  ): Promise<Response> {
    const read = readForm(form.shape, asked.body, [form.field])
    if (!read.ok) return htmlResponse(await profile(asked, { refused: read }), 422)
    return act(deps, { ...asked, route: form.route }, async (unit, viewer) => {
      const { address, requestId } = asked.web
      await work(unit, { viewer, address, requestId }, read.data)
      return { location: `/account/profile?saved=${form.saved}`, json: {} }
    })
  }

  function rememberTheme(web: WebContext, theme: (typeof THEMES)[number] | null): void {
    web.setCookie(
      cookieLine(THEME_COOKIE, theme ?? '', { secure, maxAgeS: theme === null ? 0 : THEME_KEPT_S }),
    )
  }

  /** A form of switches: nothing in it can be mistyped. */
  function valid<T>(shape: z.ZodType<T>, body: unknown): T {
    const read = readForm(shape, body, [])
    if (!read.ok) throw new HttpProblem(422, 'This form cannot be read.')
    return read.data
  }

  return new Elysia({ name: 'profile' })
    .use(deps.shell)
    .get(
      '/account/profile',
      async ({ web, request, query }) => htmlResponse(await profile({ web, request }, query)),
      { query: savedQuery },
    )
    .post('/account/profile', ({ web, request, body }) =>
      change(
        { web, request, body },
        { shape: nameForm, field: 'name', route: 'POST /account/profile', saved: 'name' },
        (unit, changer, { name }) => changeName(unit, random, changer, name),
      ),
    )
    .post('/account/phone', ({ web, request, body }) => {
      requireProof(web, clock.nowMs(), '/account/profile')
      return change(
        { web, request, body },
        { shape: phoneForm, field: 'phone', route: 'POST /account/phone', saved: 'phone' },
        (unit, changer, { phone }) => changePhone(unit, random, changer, phone),
      )
    })
    .post('/account/looks', async ({ web, request, body }) => {
      const looks = valid(looksForm, body)
      rememberTheme(web, looks.theme)
      return act(deps, { web, request, body, route: 'POST /account/looks' }, async (unit, viewer) => {
        await changeLooks(unit, viewer, { theme: looks.theme, language: looks.language })
        return { location: '/account/profile?saved=looks', json: {} }
      })
    })
    .post('/theme', async ({ web, body }) => {
      const { theme, next } = valid(themeForm, body)
      rememberTheme(web, theme)
      const { viewer } = web
      if (viewer !== null)
        await commit({ ...deps, db: web.db }, (unit) =>
          changeLooks(unit, viewer, {
            theme,
            language: LANGUAGES.find((known) => known === viewer.language) ?? 'en',
          }),
        )
      return seeOther(ownPath(next, '/'))
    })
    .get(
      '/account/notifications',
      async ({ web, request, query }) => {
        const viewer = requireViewer(web)
        const { notify } = await settingsOf(web.db, viewer.identityId)
        return htmlResponse(
          String(
            notificationsPage(toPage(web, request), {
              email: viewer.email,
              drives: holds(viewer, ['driver']),
              switches: switchesOf(notify),
              ...query,
              key,
            }),
          ),
        )
      },
      { query: savedQuery },
    )
    .post('/account/notifications', ({ web, request, body }) => {
      const { key: _key, ...wanted } = valid(lettersForm, body)
      const route = 'POST /account/notifications'
      return act(deps, { web, request, body, route }, async (unit, viewer) => {
        const { address, requestId } = web
        await changeLetters(unit, random, { viewer, address, requestId }, wanted)
        return { location: '/account/notifications?saved=letters', json: {} }
      })
    })
    .get(
      '/account/privacy',
      async ({ web, request, query }) => {
        const viewer = requireViewer(web)
        const { name, privacy } = await settingsOf(web.db, viewer.identityId)
        return htmlResponse(
          String(privacyPage(toPage(web, request), { name, switches: privacy, ...query, key })),
        )
      },
      { query: savedQuery },
    )
    .post('/account/privacy', ({ web, request, body }) => {
      const { key: _key, ...wanted } = valid(privacyForm, body)
      return act(deps, { web, request, body, route: 'POST /account/privacy' }, async (unit, viewer) => {
        const { address, requestId } = web
        await changePrivacy(unit, random, { viewer, address, requestId }, wanted)
        return { location: '/account/privacy?saved=privacy', json: {} }
      })
    })
}

function switchesOf(notify: Readonly<Record<string, boolean>>): Record<NoticeSwitch, boolean> {
  const names = Object.keys(NOTICE_SWITCHES) as NoticeSwitch[]
  return Object.fromEntries(names.map((name) => [name, notify[name] !== false])) as Record<
    NoticeSwitch,
    boolean
  >
}
