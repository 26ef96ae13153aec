/** `repository` in package.json. */
type Repository = string | { readonly url: string };

export function withAddresses(page: string, repository: Repository): string;
export function reminder(page: string, repository: Repository | undefined): string | undefined;
