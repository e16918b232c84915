// Docs page: Swagger UI for the served contract, with provenance and promises of each operation above its parameters.
const provenance = ({ React }) => ({
  wrapComponents: {
    parameters: (Original) => (props) => {
      const value = props.operation && props.operation.get("x-provenance");
      const notes = value && ["partly", "observed", "inferred"]
        .filter((word) => value.get(word))
        .map((word) => `${word}: ${value.get(word).join(", ")}`);
      const promises = (props.operation && props.operation.get("x-promises")?.toJS()) ?? [];
      const line = value && [value.get("status"), `source: ${value.get("source")}`, ...notes].join(" · ");
      return React.createElement(
        "div", null,
        value && React.createElement(
          "p", { className: `provenance provenance-${value.get("status")}` }, `Provenance: ${line}`),
        promises.length > 0 && React.createElement(
          "ul", { className: "promises" },
          promises.map((promise, number) => React.createElement("li", { key: number }, describePromise(promise)))),
        React.createElement(Original, props));
    },
  },
});

function describePromise({ kind, status, rule, ...parts }) {
  const texts = Object.entries(parts).map(([name, part]) =>
    `${name} ${typeof part === "string" ? part : JSON.stringify(part)}`);
  return `Promise (${kind}, ${status}, ${rule}): ${texts.join(" · ")}`;
}

// Optional query parameters start empty: Swagger UI would send their examples, which filter the records away.
const emptyQuery = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (next) => (spec) => next({
          ...spec,
          components: { ...spec.components, parameters: mapValues(spec.components?.parameters, withoutValue) },
          paths: mapValues(spec.paths, (path) => mapValues(path, (part) =>
            part.parameters ? { ...part, parameters: part.parameters.map(withoutValue) } : part)),
        }),
      },
    },
  },
});

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, value]) => [name, change(value)]));

function withoutValue(parameter) {
  if (parameter.in !== "query" || parameter.required || !parameter.schema) return parameter;
  const { example, default: standard, ...schema } = parameter.schema;
  const notes = [["Default", standard], ["Example", example]]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: \`${typeof value === "string" ? value : JSON.stringify(value)}\`.`);
  const description = [parameter.description, ...notes].filter(Boolean).join(" ");
  // Without `examples`, an object would get a value that Swagger UI generates from its schema.
  return { ...parameter, description, schema, ...(schema.type === "object" && { examples: {} }) };
}

// On loopback, the server puts a demo key and its workspace into the page.
function authorize() {
  const { key, workspace } = document.getElementById("docs").dataset;
  if (!key) return;
  ui.preauthorizeApiKey("ApiKeyAuth", key);
  ui.preauthorizeApiKey("WorkspaceAuth", workspace);
}

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  plugins: [provenance, emptyQuery],
  onComplete: authorize,
});
