// Docs page: Swagger UI for the served contract, with the provenance of each operation above its parameters.
const provenance = ({ React }) => ({
  wrapComponents: {
    parameters: (Original) => (props) => {
      const value = props.operation && props.operation.get("x-provenance");
      const notes = value && ["partly", "inferred"]
        .filter((word) => value.get(word))
        .map((word) => `${word}: ${value.get(word).join(", ")}`);
      const line = value && [value.get("status"), `source: ${value.get("source")}`, ...notes].join(" · ");
      return React.createElement(
        "div", null,
        value && React.createElement(
          "p", { className: `provenance provenance-${value.get("status")}` }, `Provenance: ${line}`),
        React.createElement(Original, props));
    },
  },
});

// Requests go to this server instead of those in the contract, below the path of the first one.
const thisServer = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (next) => (spec) => {
          const servers = spec.servers || [];
          const url = servers.length ? new URL(servers[0].url, location).pathname : "/";
          return next({ ...spec, servers: [{ url, description: "This mock server" }, ...servers] });
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
  plugins: [provenance, thisServer],
});
