/** Start commands that hold a PIN, password or key: a flow that is exported shows them to everybody. */
/** What carries one, in 3GPP TS 27.007 and Quectel's manuals, or says so itself. Queries and tests do not. */
const SECRETS = [
  /^AT\s*[+^*$]\s*(CPIN2?|CPWD|QMTCONN|QFTPCFG="?account|QSMTPCFG="?account|QHTTPCFG="?auth)\b/i,
  // A lock is opened or closed with a password, and asked for without.
  /^AT\s*\+\s*CLCK\s*=\s*"?\w+"?\s*,\s*[01]\s*,/i,
  // User and password follow the APN.
  /^AT\s*\+\s*QICSGP\s*=(?:[^,]*,){3}\s*"?[^\s",]/i,
  /^AT\s*[+$]\s*(CGAUTH|QPPPAUTH|QCPDPP)\s*=(?:[^,]*,){2}\s*"?[^\s",]/i,
  /passw|passphrase|secret|token|\bpwd\b/i,
];

/** The first line, counted from 1, that looks as if it held one. */
export function secretLine(init: string): number | undefined {
  const at = init.split(/\r?\n/).findIndex((line) => {
    const command = line.trim();
    return !/\?\s*$/.test(command) && SECRETS.some((secret) => secret.test(command));
  });
  return at < 0 ? undefined : at + 1;
}
