/** The API's description, made from the routes' own shapes, so that it cannot say something else than they do. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { assert } from '../engine/units.ts'
import { jsonResponse } from '../web/context.ts'
import { cookieNames } from '../web/cookies.ts'
import { isReach, type Permission, permissionFor } from '../web/permissions.ts'
import type { Shell } from '../web/shell.ts'

/** The part of Elysia's routes that is read here. */
export interface DescribedRoute {
  readonly method: string
  readonly path: string
  readonly hooks: {
    readonly body?: unknown
    readonly params?: unknown
    readonly query?: unknown
    /** Of routes that read their query themselves. */
    readonly detail?: { readonly parameters?: readonly unknown[] }
  }
}

const API = '/api/v1/'
const DESCRIPTION =
  'Rides, offers, shifts and positions. A program signs in with POST /api/v1/tokens and sends the access token in ' +
  'X-Session-Token or as Authorization: Bearer; it lasts 15 minutes, and POST /api/v1/tokens/refresh gives the next ' +
  'pair for the refresh token, once: refresh one at a time, for a spent refresh token that comes back ends them all. ' +
  'A browser signs in with POST /api/v1/session, then sends the cookie and the X-CSRF-Token header. With a token in ' +
  'the header the cookie is ignored. Every call that creates or moves something takes an Idempotency-Key of 8 to 128 ' +
  'letters, digits, hyphens or underscores: sent again, it answers what the first one answered. Errors are problem ' +
  'documents (RFC 9457) that name the fields. Positions, 1 to 500 pings a message, go by POST /api/v1/positions or ' +
  'on the socket /live/driver?format=json, there as {"type":"pings","pings":[…]} or as a binary frame: little-endian, ' +
  '"HC", u8 version 1, u8 kind 1, u16 count, u16 0, then for each ping f64 at (epoch ms), u32 seq, i32 lat and i32 lng ' +
  '(1e-7 degrees), f32 accuracy (m), f32 speed (m/s) and f32 heading (degrees), both NaN where not known. The answer ' +
  'is {"type":"ack","seq","refused","pings"}: seq is the highest number that came, pings names each one that did not ' +
  'move the car, and why. What the sockets say is numbered ("n"), and goes on after a cut with ?stream=…&after=…; the ' +
  'same addresses by GET answer polls, for where sockets do not get through.'

/** Called with the app's routes once they are all there. */
export interface OpenapiDeps {
  readonly shell: Shell
  readonly publicUrl: string
  readonly version: string
  readonly routes: () => readonly DescribedRoute[]
}

/** Serves `/api/docs/openapi.json`; pages, sockets and client files are not part of it. */
export function openapiRoutes({ shell, publicUrl, version, routes }: OpenapiDeps) {
  let made: unknown
  return new Elysia({ name: 'openapi' }).use(shell).get('/api/docs/openapi.json', () => {
    made ??= describeApi({ publicUrl, version, routes: routes() })
    return jsonResponse(made)
  })
}

function describeApi(of: { publicUrl: string; version: string; routes: readonly DescribedRoute[] }): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of of.routes) {
    if (!route.path.startsWith(API) || route.method === 'WS') continue
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Honeycab', version: of.version, description: DESCRIPTION },
    servers: [{ url: of.publicUrl }],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookieNames(of.publicUrl).session },
        token: { type: 'apiKey', in: 'header', name: 'X-Session-Token' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The same token as in X-Session-Token.' },
      },
    },
  }
}

/** As `web/problem.ts` writes it. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'errors', 'reference'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'A sentence for a person.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
    reference: { type: 'string', description: 'The id under which the server log tells the rest.' },
  },
}

function operation({ method, path, hooks }: DescribedRoute) {
  const row = permissionFor(method, path)
  assert(row !== undefined, `${method} ${path} stands in the permission table`)
  const schema = schemaOf(hooks.body)
  return {
    operationId: `${method.toLowerCase()}${path.slice(API.length - 1).replace(/[^A-Za-z]+(\w)?/g, (_all, letter = '') => letter.toUpperCase())}`,
    description: whoMay(row),
    ...(isForVisitors(row) ? {} : { security: [{ session: [] }, { token: [] }, { bearer: [] }] }),
    parameters: [
      ...parameters(schemaOf(hooks.params), 'path'),
      ...parameters(schemaOf(hooks.query), 'query'),
      ...(hooks.detail?.parameters ?? []),
      ...(method === 'GET' ? [] : HEADERS),
    ],
    ...(schema === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema } } } }),
    responses: {
      '2XX': { description: 'Done' },
      default: {
        description: 'Refused, and why',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const HEADERS = [
  {
    name: 'X-CSRF-Token',
    in: 'header',
    description: 'With the cookie only: a token in the header needs none.',
    schema: { type: 'string' },
  },
  { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{8,128}$' } },
]

function isForVisitors({ who }: Permission): boolean {
  return typeof who === 'string' ? who === 'anyone' : 'visitor' in who
}

const EXTENTS = { own: 'their own', company: "their company's", all: 'any' } as const

function whoMay({ who, about }: Permission): string {
  if (who === 'anyone') return 'For everybody.'
  if (who === 'signed_in') return 'For everybody signed in.'
  if (!isReach(who)) return `For the roles ${who.join(', ')}.`
  const each = Object.entries(who).map(([role, extent]) => `${role} (${EXTENTS[extent]})`)
  return `About one ${about}. For the roles ${each.join(', ')}.`
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
}

function schemaOf(shape: unknown): ObjectSchema | null {
  if (!(shape instanceof z.ZodType)) return null
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  return schema as ObjectSchema
}

function parameters(schema: ObjectSchema | null, place: 'path' | 'query') {
  return Object.entries(schema?.properties ?? {}).map(([name, of]) => ({
    ...{ name, in: place, schema: of },
    required: place === 'path' || (schema?.required?.includes(name) ?? false),
  }))
}
