/**
 * Builds the package into dist/, with the file layout that Node-RED expects.
 *
 * - src/ and the nodes' runtime halves are transpiled file by file, so that the nodes share modules.
 * - Each node type listed in package.json gets one page: bundled editor script, style, form and help.
 * - The message catalog of a type is the common one in nodes/editor/locales/, overridden by its own.
 */
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const defaultLanguage = 'en-US';

/** The node types that package.json publishes. */
export async function nodeTypes() {
  const { 'node-red': nodeRed } = JSON.parse(await read('package.json'));
  return Object.keys(nodeRed.nodes);
}

/**
 * Transpiled runtime modules with their source maps, and the translations they read, as `[path below dist/, contents]`. Paths
 * have slashes on every system.
 */
export async function runtimeFiles() {
  const sources = [...(await list('src')), ...(await list('nodes'))];
  const outputs = await bundle({
    entryPoints: sources.filter((file) => file.endsWith('.ts') && !isBrowserCode(file)),
    outbase: '.',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
  });
  const catalogs = sources.filter((file) => file.startsWith('nodes/runtime/') && file.endsWith('.json'));
  return [
    ...outputs.map(({ name, contents }) => [name, contents]),
    ...(await Promise.all(catalogs.map(async (file) => [file, await read(file)]))),
  ];
}

/** Pages, message catalogs, translated help and icons of all node types, as `[path below dist/, contents]`. */
export async function editorFiles() {
  const types = await nodeTypes();
  const scripts = await editorScripts(types);
  return (await Promise.all(types.map((type) => editorFilesOf(type, scripts.get(type))))).flat();
}

/** Replaces dist/ with a new build; returns the number of files. If the build fails, it throws and leaves dist/ unchanged. */
export async function build() {
  try {
    const runtime = await runtimeFiles();
    for (const type of await nodeTypes()) {
      const entry = `nodes/${type}/${type}`;
      if (!runtime.some(([name]) => name === `${entry}.js`)) throw new Error(`${entry}.ts is missing`);
    }
    const files = [...runtime, ...(await editorFiles())];
    await rm(dist, { recursive: true, force: true });
    await write(files);
    return files.length;
  } finally {
    // Otherwise the process of esbuild would run as long as this one.
    await esbuild.stop();
  }
}

async function write(files) {
  await Promise.all(
    files.map(async ([name, contents]) => {
      const file = path.join(dist, name);
      await mkdir(path.dirname(file), { recursive: true });
      const executable = Buffer.from(contents).subarray(0, 2).toString() === '#!';
      await writeFile(file, contents, { mode: executable ? 0o755 : 0o644 });
    }),
  );
}

/** The editor scripts by type, each bundled separately. */
async function editorScripts(types) {
  const outputs = await bundle({
    entryPoints: types.map((type) => `nodes/${type}/editor.ts`),
    outbase: 'nodes',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    tsconfig: 'nodes/tsconfig.editor.json',
  });
  return new Map(outputs.map(({ name, text }) => [path.posix.dirname(name), text]));
}

async function editorFilesOf(type, script) {
  const home = `nodes/${type}`;
  const files = [[`${home}/${type}.html`, await page(type, script)]];
  const languages = (await readdir(path.join(root, home, 'locales')))
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.basename(name, '.json'));
  for (const language of languages) {
    const locale = `${home}/locales/${language}`;
    files.push([`${locale}/${type}.json`, await catalog(type, language)]);
    if (language !== defaultLanguage) files.push([`${locale}/${type}.html`, await help(type, language)]);
  }
  const icon = `icons/${type}.svg`;
  if ((await list('icons')).includes(icon)) files.push([`${home}/${icon}`, await read(icon)]);
  return files;
}

async function page(type, script) {
  return [
    '<script type="text/javascript">',
    script.trimEnd(),
    '</script>',
    '',
    '<style>',
    (await style(type)).trimEnd(),
    '</style>',
    '',
    `<script type="text/html" data-template-name="${type}">`,
    (await read('nodes', type, 'form.html')).trimEnd(),
    '</script>',
    '',
    await help(type, defaultLanguage),
  ].join('\n');
}

/** The common style of all forms, followed by the style of the type. */
async function style(type) {
  const common = await read('nodes', 'editor', 'form.css');
  const own = path.join('nodes', type, 'editor.css');
  return existsSync(path.join(root, own)) ? common + (await read(own)) : common;
}

async function help(type, language) {
  const markdown = await read('nodes', type, 'locales', `${language}.md`);
  return `<script type="text/markdown" data-help-name="${type}">\n${markdown.trimEnd()}\n</script>\n`;
}

/** Node-RED has no catalog that node sets share, so the common texts are copied into each one. */
async function catalog(type, language) {
  const common = JSON.parse(await read('nodes', 'editor', 'locales', `${language}.json`));
  const own = JSON.parse(await read('nodes', type, 'locales', `${language}.json`));
  const merged = { ...common, ...own[type] };
  for (const [key, texts] of Object.entries(common)) {
    if (typeof texts === 'object') merged[key] = { ...texts, ...own[type]?.[key] };
  }
  return `${JSON.stringify({ [type]: merged }, null, 2)}\n`;
}

async function bundle(options) {
  const { outputFiles } = await esbuild.build({
    ...options,
    absWorkingDir: root,
    outdir: 'dist',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles.map((file) => ({
    name: slashed(path.relative(dist, file.path)),
    contents: file.contents,
    text: file.text,
  }));
}

function isBrowserCode(file) {
  const [, folder, name] = file.split('/');
  return file.startsWith('nodes') && (folder === 'editor' || name === 'editor' || name === 'editor.ts');
}

async function list(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => slashed(path.relative(root, path.join(entry.parentPath, entry.name))));
}

function slashed(file) {
  return file.replaceAll(path.sep, '/');
}

async function read(...segments) {
  const file = path.join(...segments);
  try {
    return await readFile(path.join(root, file), 'utf8');
  } catch (error) {
    throw new Error(`${file} is missing`, { cause: error });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const started = performance.now();
    const count = await build();
    console.log(`dist: ${count} files in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    console.error(`build failed: ${error.message}`);
    process.exitCode = 1;
  }
}
