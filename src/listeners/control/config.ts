/** `GET /v1/config`: what is in force. */
import * as Type from 'typebox';
import { RunningConfigSchema } from '../../model/config-api-schema.ts';
import { route } from './route.ts';

const NAME_CHARACTERS = 1024;

export const configuration = route({
  method: 'GET',
  path: '/v1/config',
  id: 'configuration',
  summary: 'The configuration that is in force for all consoles, or one, with the file and line of each key.',
  query: Type.Object(
    {
      console: Type.Optional(
        Type.String({ minLength: 1, maxLength: NAME_CHARACTERS, description: 'Only this one; absent: all of them.' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: { status: 200, schema: RunningConfigSchema },
  handle: ({ host, query }) => host.configuration(query.console),
});
