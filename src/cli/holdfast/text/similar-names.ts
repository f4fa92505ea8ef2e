/** Suggestions for an unknown name. They are only shown: nothing acts on a guess. */
import { nearestWord } from '../../../model/nearest-word.ts';
import { clean } from './display.ts';

const SHOWN = 3;

/** `RF_1` and `rf-01` are alike. */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_.:]+/g, '-')
    .replace(/(?<!\d)0+(?=\d)/g, '');
}

/** At most three of `names`, those that differ least first. */
function similar(word: string, names: readonly string[]): readonly string[] {
  const wanted = folded(word);
  const alike = (fits: (name: string) => boolean) => names.filter((name) => fits(folded(name)));
  const same = alike((name) => name === wanted);
  const begin = same.length > 0 || wanted === '' ? same : alike((name) => name.startsWith(wanted));
  if (begin.length > 0) {
    return begin.slice(0, SHOWN);
  }
  const nearest = nearestWord(wanted, new Set(names.map(folded)));
  const near = nearest === undefined ? [] : alike((name) => name === nearest);
  const within = wanted.length > 1 ? alike((name) => name.includes(wanted)) : [];
  return [...new Set([...near, ...within])].slice(0, SHOWN);
}

/** `; did you mean rf-01?`, or where all are listed. */
export function didYouMeanName(word: string, names: readonly string[], otherwise: string): string {
  const found = similar(word, names).map(clean);
  const last = found.at(-1);
  const before = found.slice(0, -1).join(', ');
  return last === undefined ? otherwise : `; did you mean ${before === '' ? last : `${before} or ${last}`}?`;
}
