/** A path below dist/ and what to write there. */
type OutputFile = [name: string, contents: string | Uint8Array];

export function nodeTypes(): Promise<string[]>;
export function runtimeFiles(): Promise<OutputFile[]>;
export function editorFiles(): Promise<OutputFile[]>;
export function build(): Promise<number>;
