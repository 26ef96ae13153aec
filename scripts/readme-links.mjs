/**
 * `node scripts/readme-links.mjs`: makes the links and images of README.md absolute, as npm and the Node-RED library show this
 * page without the repository. The address is `repository` in package.json, and nowhere else.
 *
 * With `--remind`, it changes nothing and prints what is left to do; with `--require`, that is an error.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { root } from './install.mjs';

const RELATIVE = /(!?\[[^\]]*\]\()([^():#\s]+)(?=[)#])/g;

/** The page with absolute addresses; those that are absolute already stay as they are. */
export function withAddresses(page, repository) {
  const address = addressOf(repository);
  return page.replace(
    RELATIVE,
    (_, start, file) => `${start}${address}/${start.startsWith('!') ? 'raw' : 'blob'}/HEAD/${file}`,
  );
}

/** What is left to do before the package is published; undefined if nothing is. */
export function reminder(page, repository) {
  if (!repository)
    return 'The links and images of README.md are relative, which npm and the Node-RED library do not show: set `repository` in package.json, then run `node scripts/readme-links.mjs`.';
  if (withAddresses(page, repository) === page) return undefined;
  return 'README.md has relative links or images: run `node scripts/readme-links.mjs`.';
}

/** Of the web page of a repository, from any form that npm accepts: a URL, `owner/name`, or an object with a `url`. */
function addressOf(repository) {
  const { url = repository } = repository;
  const plain = url
    .replace(/^git\+/, '')
    .replace(/\.git$/, '')
    .replace(/^(ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$2/');
  return /^https?:/.test(plain) ? plain : `https://github.com/${plain.replace(/^github:/, '')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = path.join(root, 'README.md');
  const page = readFileSync(file, 'utf8');
  const { repository } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [mode] = process.argv.slice(2);
  if (!mode && repository) writeFileSync(file, withAddresses(page, repository));
  else {
    const text = reminder(page, repository);
    if (text) console.error(text);
    if (text && mode !== '--remind') process.exitCode = 1;
  }
}
