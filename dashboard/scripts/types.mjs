// Writes the types of what the gateway sends, from its own descriptions, to src/wire/generated/.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const root = new URL("../", import.meta.url);
const schemas = new URL("../api/schemas/", root);
const generated = new URL("src/wire/generated/", root);

const read = async (name) => JSON.parse(await readFile(new URL(name, schemas), "utf8"));

const write = async (name, document) =>
  writeFile(new URL(name, generated), astToString(await openapiTS(document, { alphabetize: true })));

/** The generator knows OpenAPI only; the shapes inside an AsyncAPI document are the same JSON Schema. */
const shapesOf = ({ info, components: { schemas } }) => ({
  openapi: "3.1.0",
  info,
  paths: {},
  components: { schemas },
});

await mkdir(generated, { recursive: true });
await write("rest.ts", await read("openapi.json"));
await write("events.ts", shapesOf(await read("asyncapi.json")));
