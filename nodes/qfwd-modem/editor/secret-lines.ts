/** Start commands that hold a PIN, password or key: a flow that is exported shows them to everybody. */
/** Commands with secrets, from 3GPP TS 27.007 and Quectel's manuals, or with a revealing name. Not queries and tests. */
const SECRETS = [
  /^AT\s*[+^*$]\s*(CPIN2?|CPWD|QMTCONN|QFTPCFG="?account|QSMTPCFG="?account|QHTTPCFG="?auth)\b/i,
  // Setting a lock takes a password, querying it does not.
  /^AT\s*\+\s*CLCK\s*=\s*"?\w+"?\s*,\s*[01]\s*,/i,
  // User and password follow the APN.
  /^AT\s*\+\s*QICSGP\s*=(?:[^,]*,){3}\s*"?[^\s",]/i,
  /^AT\s*[+$]\s*(CGAUTH|QPPPAUTH|QCPDPP)\s*=(?:[^,]*,){2}\s*"?[^\s",]/i,
  /passw|passphrase|secret|token|\bpwd\b/i,
];

/** The number of the first line that seems to contain a secret, counted from 1. */
export function secretLine(init: string): number | undefined {
  const at = init.split(/\r?\n/).findIndex((line) => {
    const command = line.trim();
    return !/\?\s*$/.test(command) && SECRETS.some((secret) => secret.test(command));
  });
  return at < 0 ? undefined : at + 1;
}
