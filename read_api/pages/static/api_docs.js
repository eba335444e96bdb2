// The API's documentation: Swagger UI over our own document.
"use strict";

// Whoever has signed in may try things out with the session; commands then take its token.
async function withToken(request) {
  const headers = new Headers(request.headers);
  const asks = ["GET", "HEAD"].includes((request.method || "GET").toUpperCase());
  if (!asks && !headers.has("X-Api-Key") && !headers.has("Authorization")) {
    const answer = await fetch("/api/whatsapp/session/");
    const session = answer.ok ? await answer.json() : {};
    if (session.csrf_token) request.headers["X-CSRF-Token"] = session.csrf_token;
  }
  return request;
}

addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    docExpansion: "list",
    requestInterceptor: withToken,
    // Keys stay in the page and are gone with it.
    persistAuthorization: false,
    presets: [SwaggerUIBundle.presets.apis],
  });
});
