import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../model/api.ts';
import { PROBLEM_TYPE } from '../../model/problem.ts';

/** A complete answer for a connection that is not answered in any other way. */
export function problemResponse(problem: Problem): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
