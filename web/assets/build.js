// Bundles the parts that run in the browser into ../static; all that a page loads comes from there.
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["app.js", "diagram.js", "signature.js", "app.css", "diagram.css"],
  outdir: out,
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "linked",
  logLevel: "warning",
});
await copyFile(join(here, "icon.svg"), join(out, "icon.svg"));
