// Builds static/build/ from the packages and our own sources: app.css, app-rtl.css, app.js and the icon.
// GOV.UK and MOJ are compiled apart (one compilation of both fails: "already loaded") and joined; our layer comes last.

import {copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import esbuild from "esbuild";
import rtlcss from "rtlcss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "static", "build");
const modules = join(here, "node_modules");

const compile = (name) =>
  sass.compile(join(here, "src", name), {
    loadPaths: [modules, here],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "if-function"],
    style: "compressed",
  }).css;

const minify = async (css) =>
  (await esbuild.transform(css, {loader: "css", minify: true, target: ["chrome115", "firefox115", "safari16"]})).code;

rmSync(target, {recursive: true, force: true});
mkdirSync(target, {recursive: true});

// The framework is flipped by rtlcss; our own layer uses logical properties and needs no flip.
// MOJ's timeline brings rules for a list of documents, with a picture: not used.
const moj = compile("moj.scss").replaceAll(/\.moj-timeline__document[^{}]*\{[^}]*\}/g, "");
const framework = compile("govuk.scss") + moj;
const own = readFileSync(join(here, "src", "own.css"), "utf8");
const sizes = {};
for (const [name, base] of [["app.css", framework], ["app-rtl.css", rtlcss.process(framework)]]) {
  const css = await minify((base + own).replaceAll("\uFEFF", ""));
  // An address in the style sheet would be a further request, and a missing file for hashed names.
  if (/url\((?!["']?data:)/.test(css)) throw new Error(`${name} refers to a file: ${css.match(/url\([^)]*\)/)[0]}`);
  writeFileSync(join(target, name), css);
  sizes[name] = css.length;
}

const script = await esbuild.build({
  entryPoints: [join(here, "src", "app.js")],
  outfile: join(target, "app.js"),
  bundle: true,
  format: "esm",
  legalComments: "none",
  metafile: true,
  minify: true,
  target: ["chrome115", "firefox115", "safari16"],
});
copyFileSync(join(here, "src", "icon.svg"), join(target, "icon.svg"));
sizes["app.js"] = Object.values(script.metafile.outputs)[0].bytes;
for (const [name, size] of Object.entries(sizes)) console.log(`static/build/${name}  ${Math.round(size / 1024)} KB`);
