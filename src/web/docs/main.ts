/** Shows the API's OpenAPI document, so that every path can be read and tried in the browser. */
import "swagger-ui-dist/swagger-ui.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

SwaggerUI({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  // Each operation shows its own; all of them once more at the end would take the browser seconds.
  defaultModelsExpandDepth: -1,
});
