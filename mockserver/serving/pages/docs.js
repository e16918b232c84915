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

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  plugins: [provenance],
});
