/** How drizzle-kit turns the tables into migrations: `npm run migrations:generate`. */
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: ["./src/store/tables.ts", "./src/store/history-tables.ts", "./src/store/mcp-tables.ts"],
  out: "./migrations",
});
