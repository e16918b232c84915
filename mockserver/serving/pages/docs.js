// The docs page: Swagger UI on the served contract, with the provenance of each operation above its parameters.
const provenance = ({ React }) => ({
  wrapComponents: {
    parameters: (Original) => (props) => {
      const told = props.operation && props.operation.get("x-provenance");
      const notes = told && ["partly", "inferred"]
        .filter((word) => told.get(word))
        .map((word) => `${word}: ${told.get(word).join(", ")}`);
      const line = told && [told.get("status"), `source: ${told.get("source")}`, ...notes].join(" · ");
      return React.createElement(
        "div", null,
        told && React.createElement(
          "p", { className: `provenance provenance-${told.get("status")}` }, `Provenance: ${line}`),
        React.createElement(Original, props));
    },
  },
});

// The fake answers here, whatever servers the contract names; only the path of the first one counts.
const thisFake = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (next) => (spec) => {
          const servers = spec.servers || [];
          const url = servers.length ? new URL(servers[0].url, location).pathname : "/";
          return next({ ...spec, servers: [{ url, description: "This fake" }, ...servers] });
        },
      },
    },
  },
});

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  plugins: [provenance, thisFake],
});
