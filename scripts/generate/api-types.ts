/** src/model/api.ts and isis-api.ts: the types of the shapes in api-schema.ts and its neighbours, as a person would write them. */
import type { TSchema } from 'typebox';
import * as access from '../../src/model/access-api-schema.ts';
import * as api from '../../src/model/api-schema.ts';
import * as config from '../../src/model/config-api-schema.ts';
import * as isis from '../../src/model/isis-api-schema.ts';
import * as plan from '../../src/model/plan-api-schema.ts';
import * as resources from '../../src/model/resources-api-schema.ts';
import * as token from '../../src/model/token-api-schema.ts';

/** The part of JSON Schema in use. */
interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly string[];
  readonly const?: string;
}

type Row = readonly [name: string, schema: TSchema, base?: string];

/** In the order of the file. A shape that has one of these within it names it; one that has all of an `extends` extends it. */
const TYPES: readonly Row[] = [
  ['ProcessState', api.State],
  ['SessionInfo', api.SessionSchema],
  ['Right', api.RightSchema],
  ['Principal', api.PrincipalSchema],
  ['HoldInfo', api.HoldSchema],
  ['ConsoleWait', api.WaitSchema],
  ['HolderSilence', api.SilenceSchema],
  ['ConsoleSummary', api.SummarySchema],
  ['DeathInfo', api.DeathSchema],
  ['Resources', resources.ResourcesSchema],
  ['PastResources', resources.PastResourcesSchema],
  ['UnopenedEndpoint', api.UnopenedSchema],
  ['ConsoleDetail', api.DetailSchema, 'ConsoleSummary'],
  ['PlanStep', api.PlanStepSchema],
  ['FailedStep', api.FailedStepSchema],
  ['ServerChange', plan.ServerChangeSchema],
  ['ConfigProblem', api.ConfigProblemSchema],
  ['PlanDifference', plan.PlanDifferenceSchema],
  ['PlanResult', plan.PlanSchema],
  ['EffectiveKey', config.EffectiveKeySchema],
  ['RunningConsole', config.RunningConsoleSchema],
  ['RunningConfig', config.RunningConfigSchema],
  ['EventType', api.EventTypeSchema],
  ['EventInfo', api.EventSchema],
  ['LagMemory', api.LagMemorySchema],
  ['VersionInfo', api.VersionSchema],
  ['SearchItem', api.SearchItemSchema],
  ['TokenInfo', token.TokenSchema],
  ['NewToken', token.NewTokenSchema, 'TokenInfo'],
  ['AccessRule', access.AccessRuleSchema],
  ['AccessGrant', access.AccessGrantSchema],
  ['AccessRights', access.AccessRightsSchema],
  ['AccessRefusal', access.AccessRefusalSchema],
  ['AccessInfo', access.AccessInfoSchema],
  ['Opening', access.OpeningSchema],
  ['Problem', api.ProblemSchema],
];

const ISIS_TYPES: readonly Row[] = [
  ['IsisSummary', isis.IsisSummarySchema],
  ['IsisHostInfo', isis.IsisHostSchema],
  ['IsisPorts', isis.IsisPortsSchema],
  ['ImpType', isis.ImpTypeSchema],
  ['IsisMessage', isis.IsisMessageSchema],
  ['IsisReply', isis.IsisReplySchema],
];

const HEAD = `/** The data of the control API, made of api-schema.ts and its neighbours by \`npm run generate\`. Times are ISO 8601 with milliseconds, UTC. */
export type * from './isis-api.ts';
`;
const ISIS_HEAD =
  '/** Data of the control API about ISIS servers, made of isis-api-schema.ts by `npm run generate`. */\n';
const LINE_WIDTH = 120;
/** Said once, above. */
const TIME = 'date-time';

/** An optional shape is a copy: they are known by what is in them. */
const NAMES = new Map([...TYPES, ...ISIS_TYPES].map(([name, schema]) => [JSON.stringify(schema), name]));

export function apiTypes(): string {
  return `${HEAD}${TYPES.map(declaration).join('')}`;
}

export function isisApiTypes(): string {
  return `${ISIS_HEAD}${ISIS_TYPES.map(declaration).join('')}`;
}

function declaration([name, schema, base]: Row): string {
  const shape = schema as Shape;
  const told = `\n${comment(shape.description, '')}`;
  if (!shape.properties) {
    return `${told}export type ${name} =${members(shape, 2)};\n`;
  }
  const inherited = TYPES.find(([each]) => each === base)?.[1] as Shape | undefined;
  const own = Object.entries(shape.properties).filter(([key]) => !Object.hasOwn(inherited?.properties ?? {}, key));
  const heritage = base === undefined ? '' : ` extends ${base}`;
  return `${told}export interface ${name}${heritage} ${object({ ...shape, properties: Object.fromEntries(own) }, 0)}\n`;
}

/** The right side of an alias, on one line if that has room. */
function members(shape: Shape, indent: number): string {
  const parts = (shape.anyOf ?? shape.enum?.map((word): Shape => ({ const: word })) ?? []).map((part) =>
    typeOf(part, indent + 2),
  );
  const line = ` ${parts.join(' | ')}`;
  const short = !line.includes('\n') && line.length + 'export type  =;'.length + 14 <= LINE_WIDTH;
  return short ? line : parts.map((part) => `\n${' '.repeat(indent)}| ${part}`).join('');
}

function object({ properties = {}, required = [] }: Shape, indent: number): string {
  const inner = indent + 2;
  const lines = Object.entries(properties).map(([key, shape]) => {
    const optional = required.includes(key) ? '' : '?';
    // A named shape says at its own place what it is.
    const told = nameOf(shape) === undefined && !isTime(shape) ? shape.description : undefined;
    return `${comment(told, ' '.repeat(inner))}${' '.repeat(inner)}readonly ${key}${optional}: ${typeOf(shape, inner)};\n`;
  });
  return `{\n${lines.join('')}${' '.repeat(indent)}}`;
}

function typeOf(shape: Shape, indent: number): string {
  const name = nameOf(shape);
  if (name !== undefined) {
    return name;
  }
  if (shape.const !== undefined) {
    return `'${shape.const}'`;
  }
  if (shape.enum) {
    return shape.enum.map((word) => `'${word}'`).join(' | ');
  }
  if (shape.anyOf) {
    return shape.anyOf.map((part) => typeOf(part, indent)).join(' | ');
  }
  switch (shape.type) {
    case 'array':
      return `readonly ${typeOf(shape.items as Shape, indent)}[]`;
    case 'object': {
      const [each] = Object.values(shape.patternProperties ?? {});
      return each ? `Readonly<Record<string, ${typeOf(each, indent)}>>` : object(shape, indent);
    }
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return shape.type;
    case undefined:
      return 'unknown';
    default:
      throw new Error(`a shape that has no type here: ${JSON.stringify(shape)}`);
  }
}

function nameOf(shape: Shape): string | undefined {
  return NAMES.get(JSON.stringify(shape));
}

function isTime({ description, ...shape }: Shape & { readonly format?: string }): boolean {
  return shape.format === TIME && description?.startsWith('ISO 8601') === true;
}

function comment(text: string | undefined, indent: string): string {
  if (text === undefined) {
    return '';
  }
  const line = `${indent}/** ${text} */\n`;
  if (line.length <= LINE_WIDTH) {
    return line;
  }
  const room = LINE_WIDTH - indent.length - ' * '.length;
  const lines = text.match(new RegExp(`.{1,${room}}(?: |$)`, 'g')) ?? [];
  return `${indent}/**\n${lines.map((each) => `${indent} * ${each.trimEnd()}\n`).join('')}${indent} */\n`;
}
