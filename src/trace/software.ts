/** The version of this package. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Sources and build are at different depths below package.json. */
export function softwareVersion(from = __dirname): string {
  try {
    const { version } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as {
      version: string;
    };
    return version;
  } catch (error) {
    const parent = path.dirname(from);
    if (parent === from) throw error;
    return softwareVersion(parent);
  }
}
