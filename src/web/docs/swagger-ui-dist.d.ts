/** Types the little of Swagger UI that the documentation page uses; its package brings none. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface Options {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly defaultModelsExpandDepth: number;
  }
  export default function SwaggerUI(options: Options): unknown;
}
