/** The `log` table of a console. */
import Type from 'typebox';
import { closed, Duration, Mode, Path, Size } from './config-forms.ts';

const Optional = Type.Optional;

export const Log = Type.Object(
  {
    path: Optional(
      Path({
        description: 'The file; a relative path is below `server.log_dir`. `{name}` stands for the console.',
        default: '{name}.log',
        examples: ['{name}/console.log'],
      }),
    ),
    stamp: Optional(
      Type.String({
        description:
          'strftime(3) format of the stamp before every line; also `%f` (microseconds), `%3N`, `%6N`. Empty: no stamp.',
        default: '',
        examples: ['%F %T.%3N '],
      }),
    ),
    size: Optional(
      Size({ description: 'Rotate when the file has grown to this. Without it: not by size.', examples: ['10M'] }),
    ),
    age: Optional(
      Duration({ description: 'Rotate when the file is older than this. Without it: not by age.', examples: ['7d'] }),
    ),
    keep: Optional(Type.Integer({ minimum: 1, description: 'Rotated files to keep.', default: 5, examples: [20] })),
    compress: Optional(
      Type.Boolean({ description: 'Compress rotated files (gzip).', default: false, examples: [true] }),
    ),
    mode: Optional(
      Mode({
        description: 'Mode of the file, also if it already exists and is ours, and of rotated files.',
        default: '0640',
        examples: ['0644'],
      }),
    ),
    group: Optional(
      Type.String({
        minLength: 1,
        description: 'Group of the file. Without it: that of the holder.',
        examples: ['operators'],
      }),
    ),
    journal: Optional(
      Type.Boolean({
        description:
          'Lines also go to the journal of systemd, after the first 500 at most 20 per second: `journalctl HOLDFAST_CONSOLE=NAME`.',
        default: false,
        examples: [true],
      }),
    ),
  },
  closed,
);
