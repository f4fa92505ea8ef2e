/** A port of procServ, as typed without `--allow`, as an endpoint of Holdfast. */
import { isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';

export interface EndpointSpec {
  readonly spec?: string;
  readonly note?: string;
}

export function endpointSpec(port: string): EndpointSpec {
  const parsed = parseEndpoint(port, '127.0.0.1');
  if (!isEndpoint(parsed)) {
    return { note: `'${port}' is not an endpoint; left out` };
  }
  if (parsed.kind === 'unix') {
    return { spec: port };
  }
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(parsed.host);
  const spec = parsed.family === 6 ? `[::1]:${parsed.port}` : String(parsed.port);
  return loopback
    ? { spec }
    : {
        spec,
        note: `port ${port} stays on loopback, as procServ without --allow has it; write the address to open it`,
      };
}
