/** The API's description, made from the routes' own shapes, so that it cannot say something else than they do. */
import { openapi } from '@elysiajs/openapi'
import { z } from 'zod'

/** Serves `/api/docs/openapi.json`; pages, sockets and client files are not part of it. */
export function openapiRoutes({ publicUrl, version }: { publicUrl: string; version: string }) {
  return openapi({
    path: '/api/docs',
    specPath: '/api/docs/openapi.json',
    // Its page would load scripts from elsewhere; the document is what programs read.
    provider: null,
    exclude: { paths: [/^\/(?!api\/v1\/)/] },
    mapJsonSchema: {
      zod: (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
    },
    documentation: {
      info: {
        title: 'Honeycab',
        version,
        description:
          'Rides, offers, shifts and positions. Sign in with POST /api/v1/session, then send the cookie and the ' +
          'X-CSRF-Token header; every call that creates or moves something takes an Idempotency-Key of 8 to 128 ' +
          'letters, digits, hyphens or underscores. Errors are problem documents (RFC 9457).',
      },
      servers: [{ url: publicUrl }],
    },
  })
}
