/**
 * What stands behind the question mark, read as the text it is. Elysia's own parser makes lists of commas and objects
 * of braces once a route has a schema, so "Broadway, Houston" would not arrive as an address.
 */
import { z } from 'zod'
import { fieldErrors, HttpProblem } from './problem.ts'

/**
 * The query of a request in the shape asked for; of a name given twice the last one counts, unknown names are let be.
 * @throws HttpProblem 422 that names the fields
 */
export function readQuery<Shape extends z.ZodType>(request: Request, shape: Shape): z.output<Shape> {
  const given = Object.fromEntries(new URL(request.url).searchParams)
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  throw new HttpProblem(422, 'Part of this address could not be understood.', {
    errors: fieldErrors(parsed.error.issues, given),
  })
}

/** The same shape for the API's description, as the route's `detail`. */
export function describeQuery(shape: z.ZodObject) {
  const { properties = {}, required = [] } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  const parameters = Object.entries(properties).map(([name, schema]) => ({
    in: 'query' as const,
    name,
    required: required.includes(name),
    schema: schema as object,
  }))
  return { detail: { parameters } }
}
