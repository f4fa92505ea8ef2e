/** The OpenAPI document and the page of errors. */
import { openApiDocument } from '../../src/listeners/control/openapi.ts';
import { ERRORS } from '../../src/model/errors.ts';

export const openApiText = (): string => `${JSON.stringify(openApiDocument(), null, 2)}\n`;

export function errorsText(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, remedy }]) => `| \`${code}\` | ${status} | ${title} | ${remedy} |`,
  );
  return `# Errors

Every error of the control API and of the command line has a code. The codes are stable: scripts may rely on them. Over
HTTP an error is a problem document (RFC 9457, \`application/problem+json\`) with \`code\`, \`title\`, \`status\` and a \`detail\`
that says what and where.

| code | HTTP status | what | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}

\`HF_BAD_REQUEST\` can also have a more specific HTTP status: 413 (more than 64 KiB of body), 415 (a body that is not
\`application/json\`), 414; \`HF_NO_ROUTE\` with 405 (the header \`Allow\` says what there is), 426 (a WebSocket). This page is made from \`src/model/errors.ts\`; a test keeps the two equal.
`;
}
