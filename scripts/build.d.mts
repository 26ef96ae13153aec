/** A path below dist/, with slashes, and the contents of the file. */
type OutputFile = [name: string, contents: string | Uint8Array];

export function nodeTypes(): Promise<string[]>;
export function runtimeFiles(): Promise<OutputFile[]>;
export function editorFiles(): Promise<OutputFile[]>;
export function build(): Promise<number>;
