import type { Transport } from '../at';

/** One piece of the AT dialogue, made readable: `>` to the module, `<` from it, `!` about the link. */
export type TraceSink = (direction: '>' | '<' | '!', text: string) => void;

/** More than this of one piece tells nothing more. */
const MOST = 256;

/** The same transport, with everything that passes it told to `sink`. Secrets are masked; payload is shown escaped. */
export function traced(transport: Transport, sink: TraceSink): Transport {
  return {
    name: transport.name,
    open: async (events) => {
      sink('!', `opening ${transport.name}`);
      const link = await transport.open({
        data: (chunk) => {
          sink('<', readable(chunk));
          events.data(chunk);
        },
        closed: (reason) => {
          sink('!', reason.message);
          events.closed(reason);
        },
      });
      return {
        write: (bytes) => {
          sink('>', mask(readable(bytes)));
          link.write(bytes);
        },
        close: () => {
          sink('!', `closing ${transport.name}`);
          return link.close();
        },
      };
    },
  };
}

function readable(bytes: Buffer): string {
  const shown = JSON.stringify(bytes.toString('latin1', 0, MOST)).slice(1, -1);
  return bytes.length > MOST ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** Commands whose parameters are PINs or passwords: +CPIN, +CLCK, +CPWD, and those of PDP contexts. */
function mask(line: string): string {
  return line.replace(/^(AT\+(?:CPIN|CLCK|CPWD|QICSGP|CGAUTH|QPPPAUTH))=.*$/i, '$1=…\\r');
}
