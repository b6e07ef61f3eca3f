// The documentation's own page: Swagger UI is fetched from this server, and shows this server's document.
const place = document.querySelector("[data-api-document]");
const bundle = document.createElement("script");
bundle.src = place.dataset.apiBundle;
bundle.addEventListener("load", () => {
  SwaggerUIBundle({
    url: place.dataset.apiDocument,
    domNode: place,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
  });
});
document.head.append(bundle);
