// Writes the Portal API's types from its OpenAPI document. `npm run gen -- --check` only says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const document = new URL('../../docs/reference/openapi/portal.json', import.meta.url)
const target = fileURLToPath(new URL('../src/api/generated/schema.d.ts', import.meta.url))

export async function generate() {
  const { paths, ...rest } = JSON.parse(readFileSync(document, 'utf8'))
  // Requests are named by method and path; names of operations would only add a second way to say the same.
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) delete operation.operationId
  const types = astToString(await openapiTS({ ...rest, paths }))
  return `// Generated from docs/reference/openapi/portal.json by \`npm run gen\`.\n\n${types}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fresh = await generate()
  if (!process.argv.includes('--check')) writeFileSync(target, fresh)
  else if (readFileSync(target, 'utf8') !== fresh) {
    console.error('src/api/generated/schema.d.ts is old; run `npm run gen`')
    process.exitCode = 1
  }
}
