import { createReadStream, existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Connect, Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = import.meta.dirname;
const pictures = resolve(here, "../crates/demo-shop/shop/images");

/** Lends the demo shop's drawings to the gallery while it is looked at; nothing of them enters a build. */
function demoPictures(): Plugin {
  const lend: Connect.NextHandleFunction = (request, response, next) => {
    const file = resolve(pictures, basename(request.url?.split("?")[0] ?? ""));
    if (!request.url?.startsWith("/images/") || !existsSync(file)) return next();
    response.setHeader("Content-Type", file.endsWith(".svg") ? "image/svg+xml" : "image/png");
    createReadStream(file).pipe(response);
  };
  return {
    name: "demo-pictures",
    configureServer: (server) => void server.middlewares.use(lend),
    configurePreviewServer: (server) => void server.middlewares.use(lend),
  };
}

/** Fails a build that grew beyond what it may weigh: raw bytes of all files, or packed bytes of the scripts. */
function budget(limit: { raw: number } | { packedScripts: number } | undefined): Plugin {
  return {
    name: "budget",
    generateBundle(_options, bundle) {
      if (!limit) return;
      // A script that is fetched on demand is one of several languages, of which a phone needs one at most.
      const needed = Object.values(bundle).filter((file) => file.type !== "chunk" || !file.isDynamicEntry);
      const files = needed.map((file) => (file.type === "chunk" ? file.code : file.source));
      const scripts = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? [file.code] : []));
      const [weight, most] =
        "raw" in limit
          ? [files.reduce((sum, file) => sum + Buffer.from(file).length, 0), limit.raw]
          : [scripts.reduce((sum, script) => sum + gzipSync(script).length, 0), limit.packedScripts];
      if (weight > most) this.error(`The page weighs ${weight} bytes and may weigh ${most}. Take something out of it.`);
    },
  };
}

const entries = {
  desktop: { root: ".", base: "/", out: "dist/desktop", limit: { packedScripts: 150_000 } },
  phone: { root: "src/phone", base: "/phone/", out: "dist/phone", limit: { raw: 100_000 } },
  gallery: { root: "src/gallery", base: "/", out: "dist/gallery", limit: undefined },
} as const;

export default defineConfig(({ mode }) => {
  const entry = mode in entries ? entries[mode as keyof typeof entries] : entries.desktop;
  return {
    root: resolve(here, entry.root),
    base: entry.base,
    publicDir: false,
    plugins: [
      svelte({ configFile: resolve(here, "svelte.config.js") }),
      budget(entry.limit),
      mode === "gallery" ? demoPictures() : null,
    ],
    resolve: {
      // The library's plain entry brings what browsers of ten years ago lacked, and changes built-in objects for it.
      alias: [{ find: /^simple-keyboard$/, replacement: "simple-keyboard/build/index.modern.esm.js" }],
      ...(mode === "test" ? { conditions: ["browser"] } : {}),
    },
    build: {
      outDir: resolve(here, entry.out),
      emptyOutDir: true,
      target: mode === "phone" ? ["safari15", "chrome100", "firefox102"] : ["safari16"],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions:
        mode === "gallery"
          ? { input: ["index.html", "phone.html"].map((page) => resolve(here, "src/gallery", page)) }
          : {},
    },
    server: { port: 5173, strictPort: true, fs: { allow: [here] } },
    preview: { port: 4173, strictPort: true },
    test: { root: here, include: ["src/**/*.test.ts"], server: { deps: { inline: ["simple-keyboard"] } } },
  };
});
